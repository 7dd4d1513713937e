"""What a release tells: in deploys.log, when it fails, and of a deploy that did not end."""

from __future__ import annotations

import time

import pytest
from conftest import plugin

story = plugin("filter/story")
ROAD = {
    "app": {"name": "garden", "celery": "config"},
    "hosts": {"worker": ["k1"]},
    "release": {"id": "2-b"},
    "live": {"w1": "1-a", "k1": "1-a", "f1": None},
    "beside": {"w1": ["garden-web-2-b"], "k1": [], "f1": ["garden-flower-2-b", "garden-beat-2-b"]},
}


def test_an_entry_says_who_began_it_and_how_long_it_took():
    owner = {"at": "2026-11-02 10:00:00 UTC", "who": "ana@desk", "verb": "deploy", "epoch": time.time() - 12.34}
    entry = story.deploy_entry({"owner": owner | {"token": "t"}}, "1-a")
    assert 12.3 <= entry.pop("seconds") < 14
    assert entry == {"at": owner["at"], "who": "ana@desk", "verb": "deploy", "previous": "1-a"}


def test_of_an_interrupted_deploy_every_host_says_what_is_live_and_what_runs_beside_it():
    assert story.interrupted(ROAD, "the deploy of 2-b by ana@desk did not end") == (
        "garden: the deploy of 2-b by ana@desk did not end.\n"
        "  w1: 1-a is live; beside it garden-web-2-b\n"
        "  k1: 1-a is live\n"
        "  f1: nothing is live; beside it garden-flower-2-b, garden-beat-2-b"
    )


LOOP = [{"failed": False, "msg": "fine", "host": "w1"}]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"failed": True, "msg": "no answer"}, "no answer"),
        ({"unreachable": True, "msg": "Connection refused"}, "Connection refused"),
        ({"rc": 1, "msg": "non-zero return code", "stdout": "", "stderr": "boom"}, "non-zero return code\nboom"),
        ({"msg": "non-zero return code", "stdout": "out", "stderr": "err"}, "non-zero return code\nout\nerr"),
        ({"failed": True}, "no reason given"),
        ({"msg": "One or more items failed", "results": []}, "One or more items failed"),
        ({"msg": "All items completed", "results": LOOP}, "All items completed"),
        (
            {"msg": "One or more items failed", "results": [*LOOP, {"failed": True, "msg": "silent", "host": "k1"}]},
            "on k1: silent",
        ),
        ({"msg": "One or more", "results": [{"failed": True, "msg": "silent", "item": "k1"}]}, "on k1: silent"),
        (
            {"msg": "All items completed", "results": [{"unreachable": True, "msg": "refused", "host": "w2"}]},
            "on w2: refused",
        ),
        (
            {"results": [{"failed": True, "msg": "refused: dirty", "source": {"name": "garden"}}]},
            "refused: dirty",
        ),
        ({"results": [{"failed": True, "item": {"path": "/x"}, "msg": "no room"}]}, "no room"),
        (
            {"results": [{"failed": True, "run": {"host": "w1"}, "msg": "app_hooks.after_live: `x` …"}]},
            "on w1: app_hooks.after_live: `x` …",
        ),
        ({"results": [{"failed": True, "msg": "non-zero return code", "stderr": "no"}]}, "non-zero return code\nno"),
        ({"results": [{"failed": True, "host": "w1"}]}, "on w1: no reason given"),
    ],
)
def test_a_failure_is_told_in_the_words_of_what_failed(result, words):
    assert story.failure_words(result) == words


def test_hosts_that_could_not_stage_a_release_say_why():
    hostvars = {
        "w1": {"__release_unstaged_here": {"garden": "Unpack: no room", "orchard": "x"}},
        "k1": {"__release_unstaged_here": {"orchard": "Check: y"}},
        "f1": {},
    }
    assert story.unstaged(ROAD, hostvars) == ["on w1: Unpack: no room"]
    assert story.unstaged(ROAD, {"f1": {}}) == []


@pytest.mark.parametrize(
    ("live", "now"),
    [
        (ROAD["live"], "1-a serves as before"),
        ({"w1": "1-a", "k1": "0-z"}, "0-z, 1-a serves as before"),
        ({"w1": None}, "nothing was live before, and nothing is"),
    ],
)
def test_a_failed_release_says_at_which_step_why_and_what_serves(live, now):
    said = story.failed_release(ROAD | {"live": live}, {"step": "Hand the workers over", "why": "on k1: silent"})
    assert said == f"2-b of garden failed at: Hand the workers over\non k1: silent\n{now}"


def test_a_release_waits_for_workers_where_every_host_of_them_is_drained():
    """Nobody would answer its probes; a host that is left does."""
    hostvars = {"k1": {"__release_status": {"drained": ["garden"]}}, "w1": {}, "f1": {}}
    assert "every worker host is drained" in story.unstaged(ROAD, hostvars)[0]
    hostvars["k1"]["__release_status"]["drained"] = ["orchard"]
    assert story.unstaged(ROAD, hostvars) == []
