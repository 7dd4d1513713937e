"""The figures by which a release is judged: each of them once got right by hand."""

from __future__ import annotations

import pytest
from load import figures
from load.marks import Span
from load.samples import Sample


def get(at: float, ms: float = 5.0, status: int = 200, error: str = "", late: float = 0.0) -> Sample:
    return Sample("get", at, ms, status=0 if error else status, error=error, sent=at + late)


def post(at: float, status: int = 202) -> Sample:
    return Sample("post", at, 10.0, status=status, sent=at)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7], 0.0, 7), ([7], 0.99, 7),
        ([2, 1], 0.5, 1), ([3, 1, 2], 0.5, 2), ([4, 3, 2, 1], 0.5, 2),
        (range(1, 101), 0.99, 99), (range(1, 101), 0.95, 95), (range(1, 101), 1.0, 100),
        (range(1, 102), 0.99, 100),
    ],
)  # fmt: skip
def test_percentile_is_a_value_that_was_measured(values, share, expected):
    assert figures.percentile(values, share) == expected


def test_a_window_includes_its_begin_and_not_its_end():
    samples = [get(at) for at in (0.99, 1.0, 1.5, 2.0)]
    assert [sample.at for sample in figures.between(samples, 1.0, 2.0)] == [1.0, 1.5]


@pytest.mark.parametrize(
    ("sample", "failed"),
    [
        (get(0), False), (get(0, status=304), False), (get(0, status=404), True), (get(0, status=502), True),
        (get(0, error="ConnectError"), True),
        (post(0), False), (post(0, status=200), True), (post(0, status=503), True),
    ],
)  # fmt: skip
def test_what_counts_as_failed(sample, failed):
    """A post that is answered with 200 was not accepted by the ledger: something else answered."""
    assert sample.failed is failed


def test_failures_are_counted_and_do_not_make_the_latency_look_good():
    samples = [get(0, 10), get(1, 20), get(2, 0.1, status=502), get(3, 0.1, status=502), get(4, 30000, error="Timeout")]
    found = figures.summarise(samples)
    assert (found["sent"], found["failed"]) == (5, 3)
    assert (found["status"], found["errors"]) == ({"200": 2, "502": 2}, {"Timeout": 1})
    assert (found["p50_ms"], found["max_ms"]) == (10, 20)


def test_nothing_served_gives_no_latency():
    found = figures.summarise([get(0, error="ConnectError")])
    assert [found[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")] == [None] * 4


def test_summaries_are_told_but_stand_for_no_client():
    samples = [get(0, 5), post(1), Sample("summary", 2, 900.0, status=200)]
    found = figures.by_kind(samples)
    assert (found["clients"]["sent"], found["clients"]["max_ms"]) == (2, 10.0)
    assert found["summary"]["max_ms"] == 900.0


def test_quiet_ends_where_the_first_mark_begins():
    samples = [get(0, 5), get(9.99, 6), get(10, 99)]
    spans = [Span("task", "later", 20, 21), Span("play", "first", 10, 30)]
    assert figures.quiet(samples, spans)["max_ms"] == 6
    assert figures.quiet(samples, [])["max_ms"] == 99


def test_a_switch_is_seen_from_half_the_window_before_it_begins_to_half_after_its_end():
    samples = [get(at, ms) for at, ms in ((7.49, 500), (7.5, 40), (12.0, 50), (14.49, 60), (14.5, 700))]
    [found] = figures.around_switches(samples, [Span("task", "web", 10, 12)], {"p99_ms": 20}, around=5)
    assert (found["name"], found["seconds"], found["sent"]) == ("web", 2, 3)
    assert (found["p99_ms"], found["max_ms"], found["p99_ratio"]) == (60, 60, 3)


@pytest.mark.parametrize("usual", [None, 0])
def test_without_a_quiet_time_there_is_no_ratio(usual):
    [found] = figures.around_switches([get(10)], [Span("mark", "kill", 10, 10)], {"p99_ms": usual})
    assert found["p99_ratio"] is None
    assert found["p99_ms"] == 5


def test_lateness_is_the_generators_own():
    found = figures.lateness([get(0, late=0.5), get(1, late=0.002)])
    assert found == {"p99_ms": pytest.approx(500), "max_ms": pytest.approx(500)}


COUNTS = {"accepted": 3, "completed": 2, "lost": 1, "duplicated": 1, "skipped": 0, "unconfirmed": 1, "pending": 0}


def test_an_entry_that_was_answered_and_is_unknown_is_forgotten():
    samples = [post(at) for at in range(5)] + [post(6, status=503), get(7)]
    found = figures.ledger(samples, COUNTS)
    assert (found["answered"], found["accepted"], found["forgotten"]) == (5, 3, 2)
    assert (found["lost"], found["duplicated"], found["unconfirmed"]) == (1, 1, 1)


def test_an_entry_that_was_accepted_without_an_answer_is_not():
    assert figures.ledger([post(0)], COUNTS)["forgotten"] == 0


def test_a_ledger_that_says_nothing_is_not_taken_for_zero():
    found = figures.ledger([post(0)], None)
    assert found["answered"] == 1
    assert {name: value for name, value in found.items() if value is not None} == {"answered": 1}
