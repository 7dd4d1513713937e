"""What counts as dropped, and how a run and what happened meanwhile are read."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace

import pytest
from load import marks, plan, samples, verdict
from load.process import Load, LoadError

COUNTS = {"accepted": 1, "completed": 1, "lost": 0, "duplicated": 0, "skipped": 0, "unconfirmed": 0, "pending": 0}
BEGIN = {"kind": "begin", "at": 0.0, "plan": {"prefix": "load.1.", "paths": ["/"]}}
END = {"kind": "end", "at": 9.0, "reason": "seconds", "seconds": 10.0, "cpu": 2.0}
GET = {"kind": "get", "at": 1.0, "sent": 1.0, "host": "localhost", "path": "/", "status": 200, "ms": 5.0}
POST = GET | {"kind": "post", "path": "/ledger/", "status": 202}
LAST = {"kind": "last", "at": 9.5, "ledger": COUNTS}
SUMMARY = GET | {"kind": "summary", "ledger": COUNTS}


def run_of(tmp_path, *lines, tail=""):
    path = tmp_path / "samples.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + tail)
    return samples.read(path)


def without(line, *keys):
    return {key: value for key, value in line.items() if key not in keys}


# --- the verdict ------------------------------------------------------------------------------------------------


def test_a_run_without_a_fault_has_dropped_nothing(tmp_path):
    found = verdict.tell(run_of(tmp_path, BEGIN, GET, POST, SUMMARY, END, LAST))
    assert found["dropped"] == []
    assert (found["generator"]["end"], found["generator"]["core"]) == ("seconds", 0.2)
    assert found["quiet"]["sent"] == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (GET | {"status": 502}, "of the kind get failed: {'200': 1, '502': 1}"),
        (without(GET, "status") | {"error": "Timeout"}, "of the kind get failed: {'200': 1, 'Timeout': 1}"),
        (POST | {"status": 503}, "of the kind post failed: {'202': 1, '503': 1}"),
        (without(SUMMARY, "ledger") | {"status": 500}, "of the kind summary failed: {'200': 1, '500': 1}"),
    ],
)  # fmt: skip
def test_each_failed_request_is_dropped(tmp_path, line, said):
    assert verdict.tell(run_of(tmp_path, BEGIN, GET, POST, SUMMARY, line, END, LAST))["dropped"] == [
        f"1 of 2 requests {said}"
    ]


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (COUNTS | {"completed": 0, "lost": 1}, "1 tasks lost"),
        (COUNTS | {"duplicated": 2}, "2 tasks duplicated"),
        (COUNTS | {"accepted": 0, "completed": 0}, "1 tasks forgotten"),
        (None, "the ledger gave no answer at the end"),
    ],
)
def test_what_the_ledger_misses_is_dropped(tmp_path, counts, said):
    last = [LAST | {"ledger": counts}] if counts else []
    assert verdict.tell(run_of(tmp_path, BEGIN, GET, POST, END, *last))["dropped"] == [said]


def test_a_run_that_proves_nothing_is_not_taken_for_a_good_one(tmp_path):
    assert verdict.tell(run_of(tmp_path, BEGIN, SUMMARY, END, LAST))["dropped"] == ["no request was sent"]
    killed = verdict.tell(run_of(tmp_path, BEGIN, GET, POST, LAST))
    assert killed["dropped"] == ["the generator did not come to its end"]


@pytest.mark.parametrize(
    ("counts", "answered", "settled"),
    [(COUNTS, 1, True), (COUNTS, 2, False), (COUNTS | {"lost": 1}, 1, False), (COUNTS, 0, True)],
)
def test_when_the_ledger_is_done(counts, answered, settled):
    assert verdict.is_settled(counts, answered) is settled


# --- samples and marks ------------------------------------------------------------------------------------------


def test_a_killed_generator_costs_its_last_line_only(tmp_path):
    found = run_of(tmp_path, BEGIN, POST | {"at": 2.0}, GET, tail='{"kind":"get","at":3')
    assert [(sample.kind, sample.at) for sample in found.requests] == [("get", 1.0), ("post", 2.0)]
    assert (found.end, found.last) == (None, None)
    samples.add_last_word(tmp_path / "samples.ndjson", COUNTS)
    again = samples.read(tmp_path / "samples.ndjson")
    assert (again.requests, again.last["ledger"]) == (found.requests, COUNTS)


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="does not begin like a run"):
        run_of(tmp_path, GET)


def mark(at, event, name, **more):
    return {"at": at, "event": event, "name": name, **more}


def test_a_task_ends_with_its_last_host_and_a_play_with_the_next():
    told = [
        mark(0, "play", "Stage"), mark(1, "task", "copy"), mark(2, "end", "copy", host="a"),
        mark(3, "end", "copy", host="b"), mark(4, "play", "Activate"), mark(5, "task", "migrate"),
        mark(6, "task", "web"), mark(7, "end", "web", host="a"), mark(9, "end", ""),
    ]  # fmt: skip
    assert [(span.event, span.name, span.at, span.until) for span in marks.spans(told)] == [
        ("play", "Stage", 0, 4), ("task", "copy", 1, 3), ("play", "Activate", 4, 9), ("task", "migrate", 5, 6),
        ("task", "web", 6, 7),
    ]  # fmt: skip


def test_what_is_open_when_the_playbook_is_killed_ends_with_the_last_mark():
    told = [mark(0, "play", "Stage"), mark(1, "task", "copy"), mark(2, "mark", "kill")]
    assert [(span.name, span.until) for span in marks.spans(told)] == [("Stage", 2), ("copy", 2), ("kill", 2)]
    assert marks.spans([]) == []


def test_switches_are_moments_and_the_tasks_that_change_what_serves(tmp_path):
    path = tmp_path / "marks.ndjson"
    told = [mark(0, "play", "Migrate the database"), mark(1, "task", "release : Hand the web processes over")]
    path.write_text("".join(json.dumps(line) + "\n" for line in told))
    marks.add(path, "kill the worker")
    found = marks.switches(marks.read(path))
    assert [span.name for span in found] == ["release : Hand the web processes over", "kill the worker"]
    assert found[1].at == pytest.approx(time.time(), abs=60)


def test_the_switches_are_named_as_the_role_names_its_tasks(role_tasks):
    """Were a task renamed, its switch would silently vanish from the figures."""
    for pattern in marks.SWITCHES.split("|"):
        assert [name for name in role_tasks if pattern in name], pattern


@pytest.fixture
def role_tasks():
    from conftest import ROOT, load, tasks_of

    files = (ROOT / "roles/release/tasks").glob("*.yml")
    return [task.get("name", "") for path in files for task in tasks_of(load(path))]


# --- the plan and the process -----------------------------------------------------------------------------------


def test_a_plan_survives_the_command_line_and_the_file():
    wanted = plan.Plan(base_urls=("https://a", "https://b"), connect_to=("10.0.0.1",), get_rate=7.5, prefix="p.")
    parser = argparse.ArgumentParser()
    plan.add_options(parser)
    assert plan.from_options(parser.parse_args(wanted.options())) == wanted
    written = json.loads(json.dumps({"plan": vars(wanted)}))
    assert verdict.plan_of(samples.Samples(written)) == wanted
    assert verdict.plan_of(samples.Samples(written), ca="x") == replace(wanted, ca="x")


def test_two_plans_have_keys_of_their_own():
    assert plan.Plan().prefix != plan.Plan().prefix


def test_a_load_that_cannot_begin_says_why(tmp_path):
    with pytest.raises(LoadError, match=r"no file missing\.crt with the CA"):
        Load(plan.Plan(ca="missing.crt"), tmp_path / "samples.ndjson").start()
