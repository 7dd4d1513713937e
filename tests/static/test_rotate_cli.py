"""`make rotate` and `make secrets` as an operator meets them: refused in words, and no value on the screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from conftest import DATA, ROOT, load
from test_preflight_cli import play, write_inventory
from test_understood_verbs import said

WORK = "PLAY [Look which secrets are meant"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-erotate_secret=mysql"], "SECRET is 'mysql': say postgres, rabbitmq, redis, django or flower."),
        ([], "SECRET is ''"),
        (["-erotate_secret=redis", "-erotate_application=orchard"], "APP is 'orchard': there are garden."),
        (["-erotate_secret=redis", "-erotate_keep=yes"], "KEEP is 'yes'"),
        (["-erotate_secret=redis", "--limit=server"], "--limit is 'server'"),
    ],
)
def test_what_is_not_understood_is_refused(inventory, arguments, words):
    run = play("rotate", inventory, *arguments)
    assert run.returncode == 2
    assert words in said(run)
    assert "No host was touched." in said(run)
    assert WORK not in run.stdout


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment that has an application and an operator, and no secret yet."""
    root = tmp_path / "environment"
    (root / "apps").mkdir(parents=True)
    (root / "group_vars/all").mkdir(parents=True)
    (root / "hosts.yml").write_text("all: {hosts: {server: {ansible_connection: local}}}\n")
    (root / "group_vars/all/main.yml").write_text('operator_password: "{{ vault_operator_password }}"\n')
    secrets = {"broker": "{{ vault_demo_broker }}", "django": "fixed-in-clear"}
    definition = {"app_name": "demo", "app_secrets": secrets, "app_secret_environment": {"DSN": "{{ vault_demo_dsn }}"}}
    (root / "apps/demo.yml").write_text(yaml.safe_dump(definition))
    (tmp_path / "password").write_text("correct horse")
    return root


def secrets(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the playbook as `make secrets` does, with the vault's password in a file."""
    command = ["ansible-playbook", "-i", str(environment), *arguments, str(ROOT / "playbooks/secrets.yml")]
    variables = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_VAULT_PASSWORD_FILE": str(environment.parent / "password"),
        "ANSIBLE_STDOUT_CALLBACK": "default",
        "NO_COLOR": "1",
    }
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def test_missing_secrets_are_made_encrypted_and_listed_by_name(environment):
    run = secrets(environment, "-vvv")
    assert run.returncode == 0, run.stdout + run.stderr
    path = environment / "group_vars/all/vault.yml"
    assert path.stat().st_mode & 0o777 == 0o600
    text = VaultLib([("default", VaultSecret(b"correct horse"))]).decrypt(path.read_bytes()).decode()
    made = yaml.safe_load(text)
    assert set(made) == {"vault_operator_password", "vault_demo_broker"}
    assert not [value for value in made.values() if value in run.stdout + run.stderr], "a secret is on the screen"
    for line in ("vault_demo_broker made now", "vault_demo_dsn missing"):
        assert line in said(run)
    before = path.read_bytes()
    assert secrets(environment).returncode == 0
    assert path.read_bytes() == before, "a second run wrote the file"


def test_in_check_mode_nothing_is_written(environment):
    assert "vault_demo_broker made now" in said(secrets(environment, "--check"))
    assert not (environment / "group_vars/all/vault.yml").exists()


EDITOR = """#!/bin/sh
echo 'vault_demo_dsn: "typed by hand"' >> "$1"
"""


def test_the_vault_is_opened_in_an_editor_and_encrypted_again(environment, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    password = {"ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "password"), "EDITOR": str(editor)}
    run = subprocess.run(
        [ROOT / "bin/secrets", environment, "1"], env=os.environ | password, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    raw = (environment / "group_vars/all/vault.yml").read_bytes()
    assert raw.startswith(b"$ANSIBLE_VAULT")
    kept = yaml.safe_load(VaultLib([("default", VaultSecret(b"correct horse"))]).decrypt(raw))
    assert kept["vault_demo_dsn"] == "typed by hand"
    assert set(kept) == {"vault_operator_password", "vault_demo_broker", "vault_demo_dsn"}
