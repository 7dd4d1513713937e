"""What the wiring repeats of the roles must say the same as they do."""

from __future__ import annotations

from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[2]
# The roles that a host of each group runs.
ROLES = {
    "postgres": ["postgres"],
    "rabbitmq": ["rabbitmq"],
    "redis": ["redis"],
    "web": ["nginx", "supervisor", "app"],
    "worker": ["supervisor", "app"],
    "beat": ["supervisor", "app"],
    "flower": ["supervisor", "app"],
}


def packages(role: str) -> set[str]:
    """Return what a role's own apt task installs."""
    for path in (PROJECT / "roles" / role / "vars").rglob("*.yml"):
        found = yaml.safe_load(path.read_text()) or {}
        if f"__{role}_packages" in found:
            return set(found[f"__{role}_packages"])
    raise AssertionError(f"roles/{role}/vars names no __{role}_packages")


def test_one_transaction_installs_what_the_roles_would():
    """site.yml tells the roles not to install: a package that the one transaction forgets would be missing."""
    wiring = yaml.safe_load((PROJECT / "playbooks/group_vars/all/wiring.yml").read_text())["__wired_packages"]
    wanted = {group: set().union(*(packages(role) for role in roles)) for group, roles in ROLES.items()}
    assert {group: set(names) for group, names in wiring.items()} == wanted
