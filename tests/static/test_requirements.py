"""What the controller is made of: the collections of the locked ansible package, and locks that stand alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import ansible_collections
import pytest
import yaml
from conftest import ROOT, relative, tracked

COLLECTIONS = Path(ansible_collections.__path__[0])
REQUIRED = {c["name"]: c["version"] for c in yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]}
LOCKS = sorted(
    path for path in tracked("*.txt") if path.with_suffix(".in").is_file() or path.parent.name == "requirements"
)
_MODULE = re.compile(r"\b([a-z_]+\.[a-z_]+)\.[a-z_0-9]+\b")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_pin_equals_the_installed_collection(name):
    """With ansible-core alone, `ansible-galaxy install -r` gives what the lock gives."""
    manifest = json.loads(COLLECTIONS.joinpath(*name.split("."), "MANIFEST.json").read_text())
    assert REQUIRED[name] == manifest["collection_info"]["version"]


def test_the_collections_are_those_that_tasks_use():
    """No more: each is something that has to be reviewed at every update. No less: core alone must suffice."""
    used = set()
    for path in tracked("roles/*.yml", "playbooks/*.yml", "molecule/*.yml"):
        for match in _MODULE.findall(path.read_text()):
            if match != "ansible.builtin" and COLLECTIONS.joinpath(*match.split("."), "MANIFEST.json").is_file():
                used.add(match)
    assert used == set(REQUIRED)


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_a_lock_is_hashed_and_names_no_place(lock):
    """Every byte is verified, wherever it comes from; where that is, is the machine's business."""
    text = lock.read_text()
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert entries
    assert all(re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?==[^ ]+( ;.*)? \\$", line) for line in entries), entries
    blocks = re.split(r"\n(?=\S)", text)
    assert [b.splitlines()[0] for b in blocks if "==" in b.splitlines()[0] and "--hash=sha256:" not in b] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("lock", tracked("*package-lock.json"), ids=relative)
def test_an_npm_lock_is_hashed_and_names_no_place(lock):
    """As for Python's locks."""
    packages = {name: package for name, package in json.loads(lock.read_text())["packages"].items() if name}
    assert packages
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []
