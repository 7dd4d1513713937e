"""argument_specs are the roles' documentation: complete, and equal to what the roles do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, includes, load

ROLES = sorted(
    path for path in (ROOT / "roles").iterdir() if (path / "tasks").is_dir() and any(path.glob("tasks/*.yml"))
)
#: A role is entered through these, and through what anybody names in tasks_from; other files are its own business.
DOORS = ("main", "application", "application_absent", "programs")


def specs(role: Path) -> dict[str, Any]:
    path = role / "meta" / "argument_specs.yml"
    return load(path)["argument_specs"] if path.is_file() else {}


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults" / "main.yml"
    return (load(path) if path.is_file() else None) or {}


def role_id(role: Path) -> str:
    return role.name


@pytest.mark.parametrize("role", ROLES, ids=role_id)
def test_defaults_equal_the_spec(role):
    """A documented default that drifts is worse than none."""
    described = {
        n: o.get("default") for n, o in specs(role).get("main", {}).get("options", {}).items() if not o.get("required")
    }
    actual = defaults(role)
    assert described.keys() == actual.keys()
    templated = {name for name, value in actual.items() if "{{" in str(value)}
    assert {n: v for n, v in described.items() if n not in templated} == {
        n: v for n, v in actual.items() if n not in templated
    }


@pytest.mark.parametrize("role", ROLES, ids=role_id)
def test_every_door_is_described(role):
    """Ansible checks a door's arguments only where the spec describes it."""
    entered = {include.get("tasks_from", "main") for include in includes() if include["name"] == role.name}
    doors = {name for name in {*DOORS, *entered} if (role / "tasks" / f"{name}.yml").is_file()}
    assert entered <= doors, "entered, but not there"
    assert doors <= specs(role).keys()
    assert all(specs(role)[door].get("short_description") for door in doors)


def options_of(options: dict[str, Any], path: str = ""):
    for name, option in options.items():
        yield f"{path}{name}", option
        yield from options_of(option.get("options") or {}, f"{path}{name}.")


@pytest.mark.parametrize("role", ROLES, ids=role_id)
def test_every_option_is_typed_and_explained(role):
    """Without a type Ansible takes a string for it; without words nobody knows the unit."""
    for door, spec in specs(role).items():
        for name, option in options_of(spec.get("options") or {}):
            assert option.get("type"), f"{door}: {name} has no type"
            assert option.get("description"), f"{door}: {name} has no description"
            assert option["type"] != "list" or option.get("elements"), f"{door}: {name} has no type of elements"


@pytest.mark.parametrize("role", ROLES, ids=role_id)
def test_public_variables_bear_the_roles_name(role):
    """All roles' variables share one namespace on a host."""
    names = [name for name in defaults(role) if not name.startswith(f"{role.name}_")]
    for path in (role / "vars").rglob("*.yml"):
        names += [name for name in load(path) or {} if not name.startswith(f"__{role.name}_")]
    assert names == []


@pytest.mark.parametrize("role", ROLES, ids=role_id)
def test_every_default_is_read(role):
    """A variable that nothing reads promises what nothing keeps."""
    files = [p for p in role.rglob("*") if p.is_file() and p.parent.name not in {"defaults", "meta"}]
    text = "\n".join(path.read_text(errors="replace") for path in files)
    everywhere = text + (role / "defaults/main.yml").read_text() if defaults(role) else text
    unread = [name for name in defaults(role) if everywhere.count(name) - everywhere.count(f"\n{name}:") < 1]
    assert unread == []
