"""What a release would do to the one that runs: which of it is refused, and how to insist."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.release import verdict
from ansible.module_utils.release.layout import Layout
from conftest import plugin

check, migrate = plugin("modules/release_check"), plugin("modules/release_migrate")
RELEASE, LIVE = "20261102000000-bbbbbbb-222222", "20261101000000-aaaaaaa-111111"


@pytest.fixture
def layout(tmp_path):
    layout = Layout("garden", tmp_path)
    for identifier in (RELEASE, LIVE):
        layout.release(identifier).mkdir(parents=True)
    return layout


# --- the verdict ----------------------------------------------------------------------------------------------------

FOUND = {
    "migrations": [
        {"name": "core.0002_drop", "unsafe": ["removes the column a", "renames b"]},
        {"name": "core.0003_add", "unsafe": []},
    ],
    "removed_tasks": ["garden.mow"],
    "ahead": ["core.0009_later"],
}
HARMLESS = {"migrations": FOUND["migrations"][1:], "removed_tasks": [], "ahead": []}


def test_what_the_running_code_would_not_survive_is_refused_with_the_way_to_insist():
    unsafe, tasks, ahead = verdict.refusals(FOUND, [])
    assert "core.0002_drop removes the column a, core.0002_drop renames b" in unsafe
    assert "0003" not in unsafe
    assert "garden.mow" in tasks
    assert "core.0009_later" in ahead
    names = ("unsafe_migrations", "removed_tasks", "schema_ahead")
    for words, name in zip((unsafe, tasks, ahead), names, strict=True):
        assert words.endswith(f"-e release_allow={name}")
    assert verdict.refusals(HARMLESS, []) == []


@pytest.mark.parametrize(("name", "position"), [("unsafe_migrations", 0), ("removed_tasks", 1), ("schema_ahead", 2)])
def test_each_is_insisted_on_alone(name, position):
    everything = verdict.refusals(FOUND, [])
    assert verdict.refusals(FOUND, [name]) == [words for number, words in enumerate(everything) if number != position]


def test_tasks_that_the_live_release_has_and_this_one_lacks(layout):
    assert verdict.removed_tasks(layout, LIVE, []) == []
    layout.tasks(LIVE).write_text('["b", "a", "c"]')
    assert verdict.removed_tasks(layout, LIVE, ["c", "d"]) == ["a", "b"]
    assert verdict.removed_tasks(layout, LIVE, ["a", "b", "c"]) == []


def test_tasks_that_the_live_release_does_not_know(layout):
    """Of one that never told its tasks nothing is new, else all dead letters would be brought back."""
    assert verdict.new_tasks(layout, LIVE, ["a"]) == []
    layout.tasks(LIVE).write_text('["b", "a"]')
    assert verdict.new_tasks(layout, LIVE, ["d", "a", "c"]) == ["c", "d"]


# --- the check ------------------------------------------------------------------------------------------------------

OPTIONS = {"id": RELEASE, "manage": "manage.py", "entry": "c:app", "celery_app": "c", "static": True, "allow": []}
OPTIONS |= {"database_later": False}


@pytest.fixture
def checked(layout, monkeypatch):
    """Return a way to check a release of which the agent finds the worst; ``asked`` is what it was asked."""

    def answer(layout, release, verb, *arguments, **limits):
        run.asked = (release, verb, *arguments, limits)
        return FOUND | {"tasks": ["garden.sow"]}

    def run(**changes):
        return check.check(layout, OPTIONS | {"timeout": 7} | changes)

    monkeypatch.setattr(check, "ask", answer)
    return run


def test_a_release_is_judged_against_the_live_one_whose_turn_comes_last(checked, layout):
    layout.go_live(LIVE)
    layout.tasks(LIVE).write_text('["garden.mow", "garden.sow"]')
    found = checked()
    assert found["removed_tasks"] == ["garden.mow"]
    assert len(found["refused"]) == 3
    assert checked(allow=["unsafe_migrations", "removed_tasks", "schema_ahead"])["refused"] == []
    options = ("--manage", "manage.py", "--app", "c:app", "--celery", "c", "--static")
    assert checked.asked == (RELEASE, "check", *options, {"timeout": 7})
    # The next release is judged against these.
    assert layout.tasks(RELEASE).read_text() == '["garden.sow"]'
    assert layout.new_tasks(RELEASE).read_text() == "[]"
    layout.tasks(LIVE).write_text("[]")
    checked()
    assert layout.new_tasks(RELEASE).read_text() == '["garden.sow"]'


def test_before_the_first_release_there_is_no_database_to_ask_and_nothing_to_refuse(checked, layout):
    found = checked(manage=None, static=False)
    assert (found["refused"], found["removed_tasks"]) == ([], [])
    assert checked.asked[2:-1] == ("--app", "c:app", "--celery", "c", "--offline")
    assert layout.new_tasks(RELEASE).read_text() == "[]"


def test_errors_with_which_the_live_release_serves_are_no_reason_to_refuse_the_next(checked, layout, monkeypatch):
    layout.go_live(LIVE)
    layout.tasks(LIVE).write_text("[]")
    layout.tolerated(LIVE).write_text('["shop.E2"]')
    checked()
    assert checked.asked[-3:-1] == ("--known", "shop.E2")
    assert json.loads(layout.tolerated(RELEASE).read_text()) == [], "it has been mended"


def test_a_database_that_is_not_there_yet_leaves_the_migration_to_itself(checked, layout, monkeypatch):
    """site.yml makes a cluster of it later in the same run."""
    layout.go_live(LIVE)
    layout.tasks(LIVE).write_text("[]")
    monkeypatch.setattr(check, "is_settled", lambda *_: True)
    checked(database_later=True)
    assert checked.asked[-2] == "--later"
    assert layout.settled(RELEASE).exists()
    monkeypatch.setattr(
        check, "ask", lambda *_, **__: {"tasks": [], "migrations": [], "ahead": [], "unreachable": True}
    )
    checked(database_later=True)
    assert not layout.settled(RELEASE).exists()


# --- what is left for the migration ---------------------------------------------------------------------------------

NEEDS = {"broker": "amqp://garden@here//garden", "queues": {"mail": {"exchange": {"name": "tasks"}}}, "delayed": True}
OTHERWISE = NEEDS | {"queues": {}}


@pytest.mark.parametrize(
    ("before", "pending", "needs", "settled"),
    [
        (NEEDS, [], NEEDS, True),
        (NEEDS, [], OTHERWISE, False),
        (NEEDS, [], NEEDS | {"broker": "amqp://garden@there//garden"}, False),
        (NEEDS, HARMLESS["migrations"], NEEDS, False),
        (None, [], NEEDS, False),
    ],
    ids=["nothing", "a queue", "another broker", "a migration", "a live release that never told"],
)
def test_database_and_broker_are_settled_where_nothing_changed(layout, monkeypatch, before, pending, needs, settled):
    layout.go_live(LIVE)
    if before:
        layout.topology(LIVE).write_text(json.dumps(before))
    # Of an attempt before.
    layout.settled(RELEASE).touch()
    found = FOUND | {"tasks": [], "migrations": pending, "topology": needs}
    monkeypatch.setattr(check, "ask", lambda *_, **__: dict(found))
    check.check(layout, OPTIONS | {"timeout": 7})
    assert layout.settled(RELEASE).is_file() is settled
    # The next release is judged against these.
    assert json.loads(layout.topology(RELEASE).read_text()) == needs


@pytest.mark.parametrize("settled", [True, False])
def test_the_migration_has_no_process_of_its_own_where_all_is_settled(layout, monkeypatch, settled):
    asked = []

    def answer(*words, **_):
        asked.append(words)
        return {"applied": ["core.0003_add"]}

    monkeypatch.setattr(migrate, "ask", answer)
    if settled:
        layout.settled(RELEASE).touch()
    params = {"id": RELEASE, "manage": "manage.py", "celery_app": "c", "lock_timeout": 5, "timeout": 7}
    assert migrate.migrate(layout, params) == ([] if settled else ["core.0003_add"])
    assert len(asked) == (not settled)
