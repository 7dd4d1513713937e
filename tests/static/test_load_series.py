"""What the picture of a load is drawn from, and what wrk says."""

from __future__ import annotations

import json

import pytest
from load import saturation, series
from load.marks import Span
from load.samples import Sample, Samples
from provisioning.process import BenchError


def get(at: float, ms: float = 5.0, status: int = 200) -> Sample:
    return Sample("get", at, ms, status=status)


# --- stages -----------------------------------------------------------------------------------------------------


def labels(*spans: Span) -> list[tuple]:
    return [(stage["label"], stage["begin"], stage["end"]) for stage in series.stages(spans)]


def test_stages_are_the_plays_and_tasks_that_make_a_release():
    assert labels(
        Span("play", "Check the inventory on the controller", 0, 1), Span("play", "Look at the hosts", 1, 2),
        Span("play", "Stage the releases", 2, 5), Span("task", "release : Copy the bundle", 2, 3),
        Span("play", "Activate the releases", 5, 20),
        Span("task", "release : Bring database and broker to the release", 5, 8),
        Span("task", "release : Hand the workers over", 8, 12),
        Span("task", "release : Hand the web processes over", 12, 15),
    ) == [("check", 0, 2), ("stage", 2, 5), ("migrate", 5, 8), ("worker", 8, 12), ("web", 12, 15)]  # fmt: skip


def test_an_unknown_play_stands_under_its_own_name_and_so_does_a_tests_moment():
    spans = (Span("play", "PostgreSQL", 0, 4), Span("mark", "kill the worker", 3, 3))
    assert labels(*spans, Span("play", "nginx", 4, 6)) == [("kill the worker", 3, 3), ("nginx", 4, 6)]
    assert labels(Span("play", "PostgreSQL", 0, 4), Span("mark", "kill", 5, 5))[0][0] == "PostgreSQL"


# --- over time --------------------------------------------------------------------------------------------------


def test_a_moment_on_a_full_second_counts_for_the_second_that_begins():
    assert series.per_second([0.0, 0.999, 1.0, 2.0, -0.1], 2) == [2, 1]


def test_a_sliding_percentile_covers_whole_seconds_around_each():
    samples = [get(100.0, 1), get(101.0, 9), get(102.0, 2), get(104.0, 3), get(103.5, 7, status=502)]
    assert series.sliding(samples, 100.0, 5, 1.0, 1) == [1, 9, 2, None, 3]
    assert series.sliding(samples, 100.0, 5, 1.0, 3) == [9, 9, 9, 3, 3]


def test_answers_are_counted_when_they_come_and_failures_beside_them():
    requests = [get(100.0), get(100.5, 1000), get(101.0, status=502), get(101.2), Sample("summary", 102.5, 500, 500)]
    found = series.series(Samples({"at": 100.0}, [*requests, get(103.0, 1.0)]), [])
    assert found["seconds"] == 3
    assert found["answers"] == {"get": [1, 2, 0], "post": [0, 0, 0]}
    assert found["failures"] == [0, 1, 0]
    assert found["failed"] == [(1.0, 5.0)]


def test_the_ledger_is_shown_when_it_answered_and_ends_with_its_last_word():
    def summary(at, ms, done):
        return Sample("summary", at, ms, status=200, ledger={"accepted": 5, "completed": done})

    requests = [summary(100.0, 3000, 2), summary(101.0, 10, 1), get(105.0, 0)]
    last = {"at": 500.0, "ledger": {"accepted": 5, "completed": 5}}
    found = series.series(Samples({"at": 100.0}, requests, last=last), [])
    assert found["ledger"]["completed"] == [1, 2, 5]
    assert found["ledger"]["at"] == pytest.approx([1.01, 3.0, 5.0])


def test_an_empty_run_can_be_drawn():
    assert series.series(Samples({"at": 100.0}), [])["p99_ms"] == [None]


# --- wrk --------------------------------------------------------------------------------------------------------

FIGURES = {
    "requests": 110, "seconds": 10.0, "status": {"202": 100, "503": 6}, "p50_ms": 1.0, "p99_ms": 2.0, "max_ms": 3.0,
    "errors": {"connect": 1, "read": 2, "write": 0, "timeout": 4},
}  # fmt: skip


def test_what_wrk_prints_is_found_among_its_other_lines():
    found = saturation.parse(f"Running 10s test\n{json.dumps(FIGURES)}\nRequests/sec: 11\n".replace(": ", ":"))
    assert (found.rate, found.failed, found.max_ms) == (11.0, 13, 3.0)


def test_figures_that_are_missing_are_no_zero():
    with pytest.raises(BenchError, match="unable to connect"):
        saturation.parse("unable to connect to localhost:1\n")


@pytest.mark.parametrize("url", ["https://localhost:8443/", "http://127.0.0.1/", "https://[::1]/"])
def test_this_machine_may_be_saturated(url):
    assert saturation.is_local(url)


@pytest.mark.parametrize("url", ["https://example.org/", "https://10.0.0.1/", "https://localhost.example.org/", "x"])
def test_no_other_may(url):
    with pytest.raises(BenchError, match="is not on this machine"):
        saturation.saturate(url, 1)
