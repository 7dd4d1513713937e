"""The end of an application: first what it had is kept, and only then anything is removed."""

from __future__ import annotations

import pytest
from conftest import ROOT, load, plugin

words = plugin("filter/removal").removal_words
PLAYS = load(ROOT / "playbooks/remove_app.yml")
PLACE = "/var/backups/cloche/orchard-20260203T101500"


def doors(play: dict) -> list[str]:
    includes = [task.get("ansible.builtin.include_role") for task in play.get("tasks", [])]
    return [include["tasks_from"] for include in includes if include]


def test_every_backup_comes_before_the_first_removal():
    order = [door for play in PLAYS for door in doors(play)]
    assert order[:2] == ["application_backup", "application_backup"]
    assert set(order[2:]) == {"application_absent"}


def test_a_backup_that_fails_on_one_host_ends_the_verb_for_all():
    keeping = [play for play in PLAYS if "application_backup" in doors(play)]
    assert [play["hosts"] for play in keeping] == ["postgres", "web:worker:beat:flower"]
    assert all(play["any_errors_fatal"] is True for play in keeping)


def test_it_is_left_out_only_by_a_word_of_its_own():
    for play in PLAYS:
        for task in play.get("tasks", []):
            if "application_backup" in str(task):
                assert task["when"] == "__wired_remove_backup == '1'"


@pytest.mark.parametrize("role", ["postgres", "app"])
def test_what_is_kept_is_root_s_alone(role):
    modes = [
        task["ansible.builtin.file"]["mode"]
        for block in load(ROOT / f"roles/{role}/tasks/application_backup.yml")
        for task in block.get("block", [])
        if "ansible.builtin.file" in task
    ]
    assert modes == ["0700"]


def test_it_says_where_everything_is_and_what_brings_it_back():
    said = words("orchard", PLACE, {"database.pgc": ["db"], "files.tar": ["web-1", "work-1"]}, 5433).splitlines()
    assert PLACE in said[0]
    assert [line.split(":")[0].strip() for line in said[-3:]] == ["db", "web-1", "work-1"]
    assert f"--port=5433 --clean --if-exists --single-transaction --dbname=orchard {PLACE}/database.pgc" in said[-3]
    assert said[-1].endswith(f"tar --extract --file={PLACE}/files.tar --directory=/ srv/orchard/shared")


def test_where_nothing_was_kept_it_says_so():
    assert words("orchard", PLACE, {"database.pgc": [], "files.tar": []}, 5432) == (
        "orchard is gone, and nothing of it was kept."
    )


def test_schedules_end_before_the_files_they_read_are_removed():
    first, *_ = load(ROOT / "roles/app/tasks/application_absent.yml")
    assert first["ansible.builtin.import_tasks"] == "schedules.yml"
    assert first["vars"]["app_timers"] == []
