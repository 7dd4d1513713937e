"""An inventory of an older kit is told what takes the place of each name, before anything is touched."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from ansible.module_utils.operating.breaking_changes import outdated, page
from conftest import DATA, ROOT, load, tracked
from test_preflight_cli import play, write_inventory

CHANGES = load(ROOT / "roles/preflight/files/breaking-changes.yml")
NAMES = {old: new for change in CHANGES for old, new in change.get("names", {}).items()}
HABITS = [new for change in CHANGES for new in change.get("habits", {}).values()]
SPECS = [load(path)["argument_specs"] for path in tracked("roles/*/meta/argument_specs.yml")]


def known() -> set[str]:
    """Return every variable that the kit has."""
    doors = chain.from_iterable(spec.values() for spec in SPECS)
    return set(chain.from_iterable(door.get("options", {}) for door in doors))


def test_numbers_are_in_a_row_and_never_given_twice():
    assert [change["number"] for change in CHANGES] == list(range(1, len(CHANGES) + 1))


def test_every_change_names_something():
    assert all(change.get("names") or change.get("verbs") or change.get("habits") for change in CHANGES)


def test_no_name_that_is_gone_is_known_still():
    assert set(NAMES) & known() == set()


@pytest.mark.parametrize("new", [new for new in [*NAMES.values(), *HABITS] if not new.startswith("nothing")])
def test_what_takes_its_place_exists(new):
    # How a host is reached is no role's choice.
    assert re.split(r"[, ]", new)[0] in known() | {"address"}


def test_verbs_that_are_gone_are_gone_and_the_others_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    verbs = {old: new for change in CHANGES for old, new in change.get("verbs", {}).items()}
    assert verbs.keys() & targets == set()
    assert set(verbs.values()) <= targets


def test_the_page_is_written_from_the_file():
    assert (ROOT / "docs/breaking-changes.md").read_text() == page(CHANGES)


def test_a_name_is_told_with_number_and_remedy():
    changes = [{"number": 7, "title": "Renamed", "names": {"app_worker": "app_workers"}}]
    assert outdated({"app_worker", "other"}, changes) == [
        ("app_worker", "breaking change 7 (Renamed): instead app_workers")
    ]


def test_preflight_names_what_an_old_inventory_has(tmp_path):
    inventory = write_inventory(tmp_path, {"garden": load(DATA / "garden.yml") | {"release_keep": 3}})
    (inventory / "group_vars/all/old.yml").write_text("release_keep: 9\npreflight_groups: [web]\n")
    run = play("preflight", inventory)
    said = run.stdout + run.stderr
    assert run.returncode != 0
    assert "release_keep = (of an older kit): breaking change 2" in said
    assert "apps/garden.yml release_keep = (of an older kit): breaking change 2" in said
    assert "app_releases_kept in apps/<app>.yml" in said
    assert "preflight_groups = (of an older kit): breaking change 1" in said
    assert "Look at the host" not in said
