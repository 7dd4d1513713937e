"""Drills: what their figures mean, and what counts as broken."""

from __future__ import annotations

import inspect
import time
from dataclasses import asdict, replace

import pytest
from conftest import ROOT
from drills import drill, judge, measure, report, results
from drills.fault import Fault, Limits
from drills.faults import FAULTS
from drills.faults.hosts import LostHost
from drills.machine import Machine
from drills.stack import Stack
from load.samples import Sample


def post(at: float, ms: float = 10.0, status: int = 202) -> Sample:
    return Sample("post", at, ms, status=status)


def told(at: float, accepted: int, completed: int) -> Sample:
    return Sample("summary", at, 0.0, status=200, ledger={"accepted": accepted, "completed": completed})


def figures(**changes) -> measure.Figures:
    usual = {
        "accepted": 100, "lost": 0, "duplicated": 0, "refused": 0, "accepted_after": 1.0, "completed_after": 1.5,
        "caught_up_after": 2.0, "slowest_get": 0.1, "slowest_post": 0.1,
    }  # fmt: skip
    return measure.Figures(**{**usual, **changes})


def test_entries_are_accepted_again_when_none_is_refused_for_three_seconds():
    samples = [*(post(10 + n / 2) for n in range(4)), post(12, status=503), *(post(13 + n / 2) for n in range(10))]
    assert measure.accepted_after(samples, 10) == pytest.approx(3.01)


def test_what_is_refused_again_before_that_does_not_count():
    assert measure.accepted_after([post(10), post(11), post(12, status=503)], 10) is None


def test_what_was_due_before_the_end_says_nothing_of_it():
    samples = [post(9, status=503), *(post(10 + n) for n in range(5))]
    assert measure.accepted_after(samples, 10) == pytest.approx(0.01)


def test_caught_up_is_what_was_usual_before_the_fault():
    samples = [told(1, 10, 8), told(5, 50, 10), told(11, 80, 60), told(14, 90, 87), told(18, 99, 98)]
    assert measure.caught_up_after(samples, 2, 10) == pytest.approx(4)


def test_what_waits_again_before_that_is_not_caught_up():
    assert measure.caught_up_after([told(1, 1, 1), told(11, 9, 8), told(12, 40, 9), told(16, 90, 89)], 2, 10) is None


def test_nobody_catches_up_who_never_says_so():
    assert measure.caught_up_after([told(1, 1, 1), told(11, 9, 2)], 2, 10) is None


def test_who_catches_up_while_nothing_is_accepted_has_not_before_that_is_worked_off():
    samples = [told(1, 1, 1), told(11, 9, 9), told(15, 9, 9), told(16, 60, 9), told(20, 99, 98), told(24, 99, 99)]
    assert measure.caught_up_after(samples, 2, 10) == pytest.approx(10)


def test_tasks_are_completed_again_at_the_end_of_the_longest_pause():
    samples = [
        told(9, 50, 20),
        told(11, 80, 22),
        told(14, 90, 22),
        told(17, 90, 23),
        told(18, 90, 25),
        told(22, 90, 90),
    ]
    assert measure.completed_after(samples, 10, 10) == pytest.approx(7)
    # Those that were under way when the fault came are no sign that it is over.
    assert measure.completed_after(samples[:3], 10, 10) is None


def test_answers_that_overtake_each_other_are_put_in_order():
    samples = [told(9, 50, 20), told(14, 90, 80), told(11, 60, 30), told(12, 70, 50)]
    assert measure.completed_after(samples, 8, 10) == 0


@pytest.mark.parametrize(("accepts", "caught_up", "recovered"), [(1.0, 2.0, 2.0), (3.0, 2.0, 3.0), (None, 2.0, None)])
def test_recovered_is_when_all_is_as_before(accepts, caught_up, recovered):
    assert figures(accepted_after=accepts, caught_up_after=caught_up).recovered_after == recovered


def test_the_slowest_answer_counts_while_the_fault_lasts():
    samples = [post(1, 9000), post(11, 500, status=503), post(30, 7000)]
    found = measure.figures(samples, 10, 12, {"accepted": 2, "lost": 0, "duplicated": 0})
    assert (found.slowest_post, found.refused, found.accepted) == (0.5, 1, 2)


def test_what_holds_says_nothing():
    assert judge.broken(figures(), Limits()) == []


def test_what_the_fault_itself_deletes_is_not_lost():
    assert judge.broken(figures(lost=2, deleted=2), Limits()) == []
    assert judge.broken(figures(lost=3, deleted=2), Limits()) == ["1 tasks lost"]


@pytest.mark.parametrize(
    ("changes", "limits", "words"),
    [
        ({"lost": 1}, Limits(), "1 tasks lost"),
        ({"duplicated": 3}, Limits(duplicated=2), "3 tasks ran twice, at most 2 may"),
        ({"refused": 1}, Limits(refusals=False), "1 requests failed, none may"),
        ({"accepted_after": None}, Limits(), "never until entries are accepted again, at most 15 s"),
        ({"accepted_after": 31.0}, Limits(), "31.0 s until entries are accepted again, at most 15 s"),
        ({"slowest_post": 9.0}, Limits(slowest_post=8), "9.0 s for the slowest answer to an entry, at most 8 s"),
        ({"accepted": None}, Limits(), "the ledger gave no answer at the end"),
    ],
)
def test_what_does_not_hold_is_named(changes, limits, words):
    assert judge.broken(figures(**changes), limits) == [words]


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_fault_says_who_it_is_and_what_it_does(name):
    """The command line, the report and the results go by its name."""
    fault = FAULTS[name]()
    assert fault.name == name == name.lower()
    assert fault.title
    assert type(fault).inject is not Fault.inject
    assert inspect.getdoc(type(fault))
    # Other values would be seen by no drill.
    assert fault.limits.accepted_after is not None


def stack(**groups: int) -> Stack:
    return Stack(
        "lab", ROOT, "", "", {group: [Machine(str(n)) for n in range(count)] for group, count in groups.items()}
    )


def test_a_fault_is_left_out_where_hosts_are_too_few():
    class Cut(Fault):
        needs = {"rabbitmq": 3}

    assert not Cut().fits(stack(rabbitmq=1))
    assert Cut().fits(stack(rabbitmq=3))


def test_a_host_comes_back_in_its_time_though_nothing_recovers(monkeypatch, tmp_path):
    monkeypatch.setattr(drill, "MOST", 0.1)
    monkeypatch.setattr(LostHost, "begin", lambda self, machine: None)
    monkeypatch.setattr(LostHost, "end", lambda self, machine: None)
    fault, hosts = LostHost(), stack(web=1)
    fault.group, fault.away, fault.limits = "web", 0.0, Limits(accepted_after=None, caught_up_after=None)
    fault.inject(hosts)
    assert not fault.settled(hosts)
    samples = tmp_path / "samples.ndjson"
    samples.write_text('{"kind": "begin"}\n', encoding="utf-8")
    drill._wait(fault, hosts, samples, time.time(), time.time())
    assert fault.settled(hosts)


def test_a_fault_of_single_services_is_left_out_where_there_are_several():
    class Down(Fault):
        pass

    class Cut(Fault):
        anywhere = True

    assert Down().fits(stack(rabbitmq=1)) and not Down().fits(stack(rabbitmq=3))
    assert Cut().fits(stack(rabbitmq=3))


def test_the_load_goes_to_the_address_that_balancers_share():
    assert stack(web=1).reached() == {"base_urls": (stack(web=1).url,)}
    shared = replace(stack(balancer=2), url="https://localhost:9543", address="192.0.2.10")
    assert shared.reached() == {"base_urls": ("https://localhost",), "connect_to": ("192.0.2.10",)}


def test_hosts_are_named_once():
    assert stack(web=1, worker=2).machines() == [Machine("0"), Machine("1")]


def result(name: str = "worker-killed", **changes) -> results.Result:
    usual = {
        "name": name, "title": "a kill", "figures": {**asdict(figures()), "recovered_after": 2.0}, "broken": [],
        "when": "2026-11-30 12:00", "revision": "abc1234", "over": [8.0, 9.0], "at": [1.0], "accepted": [20],
        "completed": [19], "busy": 0.4,
    }  # fmt: skip
    return results.Result(**{**usual, **changes})


def test_the_newest_result_is_kept(tmp_path):
    results.keep(result(broken=["1 tasks lost"]), tmp_path)
    results.keep(result(), tmp_path)
    assert results.newest(["power-cut", "worker-killed"], tmp_path) == {"worker-killed": result()}


def test_the_report_has_a_row_for_each_fault_run_or_not():
    told = report.text("lab", FAULTS, {"worker-killed": result()}, "drills.svg")
    assert "| a kill | 100 | 0 | 0 | 0 | 2.0 s | yes | 0 | abc1234 | 2026-11-30 12:00 |" in told
    assert told.count("| not run |") == len(FAULTS) - 1
    assert f"1 of {len(FAULTS)} drills hold" in told


def test_what_does_not_hold_stands_in_the_row():
    told = report.row(result(broken=["1 tasks lost"], figures={**result().figures, "recovered_after": None}))
    assert "| never | 1 tasks lost |" in told
