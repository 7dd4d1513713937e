"""Nothing that git tracks can be used as a secret, or tells where this machine gets its packages."""

from __future__ import annotations

import re

import pytest
from conftest import load, relative, tracked

_SECRET_KEY = re.compile(r"passw|secret|token|private_key|api_key|cookie|credential|dsn", re.IGNORECASE)
#: To the vault, or to what the kit wires (app_environment_map).
_REFERENCE = re.compile(r"^\s*\{\{.*\}\}\s*$|^\{[a-z]+\.[a-z]+\}$", re.DOTALL)
#: A template whose expression holds no literal that could be the secret itself.
# Or derived from a secret that does.
_VAULTED = re.compile(r"""lookup\(|query\(|\(cluster_secret ~ |^[^"']*$""")
INVENTORY = tracked("inventories/*.yml", "inventories/*.yaml", "examples/*.yml", "playbooks/group_vars/*.yml")
VAULTS = [path for path in INVENTORY if path.name.startswith("vault")]
#: Put together here, so that this file does not contain what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("files", "pythonhosted", "org"), ("deb", "debian", "org"), ("security", "debian", "org"),
        ("registry", "npmjs", "org"), ("registry", "yarnpkg", "com"), ("proxy", "golang", "org"),
        ("index", "crates", "io"),
        ("rubygems", "org"), ("galaxy", "ansible", "com"), ("registry-1", "docker", "io"), ("conda", "anaconda", "org"),
    )
]  # fmt: skip
_INTERNAL = re.compile(r"(artifactory|nexus|devpi|pkgs?-?mirror|pypi-?(proxy|mirror))[\w.-]*\.[a-z]{2,}", re.IGNORECASE)


def leaves(value, path=""):
    """Yield (path, scalar) of nested data."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


@pytest.mark.parametrize("path", INVENTORY, ids=relative)
def test_an_inventory_refers_to_secrets_and_holds_none(path):
    """A default password in git is a password that everybody knows, and somebody keeps."""
    text = path.read_text()
    if text.startswith("$ANSIBLE_VAULT;"):
        assert len(text.splitlines()) > 1
        return
    for name, value in leaves(load(path)):
        # A name may lie above the value: app_secret_environment.SENTRY_DSN, app_secrets.database.
        # ansible_ssh_private_key_file and its like say where a secret is.
        if name.endswith("_file"):
            continue
        if _SECRET_KEY.search(name) and isinstance(value, str) and "$ANSIBLE_VAULT;" not in value:
            assert _REFERENCE.match(value), f"{name} in {relative(path)} is no reference"
            assert _VAULTED.search(value), f"{name} in {relative(path)} does not come from a vault or a lookup"


@pytest.mark.parametrize("path", VAULTS, ids=relative)
def test_a_vault_is_encrypted_or_looks_everything_up(path):
    """The lab makes its secrets on first use; elsewhere they are encrypted."""
    text = path.read_text()
    if text.startswith("$ANSIBLE_VAULT;"):
        assert len(text.splitlines()) > 1
        return
    for name, value in leaves(load(path)):
        assert name.startswith("vault_"), f"{name} in {relative(path)} does not begin with vault_"
        assert "$ANSIBLE_VAULT;" in str(value) or re.match(r"\{\{ *(lookup|query)\(", str(value)), name


@pytest.mark.parametrize("path", tracked("*.env.example"), ids=relative)
def test_an_example_of_variables_holds_no_secret(path):
    """Those that have to be there are generated on first use; a value in git would stay."""
    pairs = [line.partition("=")[::2] for line in path.read_text().splitlines() if re.match(r"[A-Z_]+=", line)]
    assert pairs
    assert [name for name, value in pairs if _SECRET_KEY.search(name) and value] == []


def test_no_registry_is_named():
    """Where packages come from is configured on the machine; a kit that names a place works only there."""
    found = []
    for path in tracked():
        text = path.read_bytes().decode(errors="replace").lower()
        found += [f"{relative(path)}: {host}" for host in HOSTS if host in text]
        found += [f"{relative(path)}: {match[0]}" for match in _INTERNAL.finditer(text)]
    assert found == []


def test_no_private_key_is_tracked():
    """The lab's certificate authority lives in .lab/, which git ignores."""
    begin = "-----BEGIN " + r"([A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
    assert [relative(p) for p in tracked() if re.search(begin, p.read_bytes().decode(errors="replace"))] == []
