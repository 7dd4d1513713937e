"""What bench/scale makes of measured tasks."""

import pytest
from scaling.figures import depth, rate, waits
from scaling.hosts import Task


def steady(count: int, gap: float, wait: float, work: float) -> list[Task]:
    """Return tasks sent so far apart that each waits, and works, so long."""
    return [Task(n * gap, n * gap + wait, n * gap + wait + work) for n in range(count)]


def test_rate_leaves_out_what_was_done_before_and_the_last_tenth():
    tasks = [*steady(100, 0.1, 0, 0.05), Task(0, 500, 1000)]
    assert rate(tasks, begin=0) == pytest.approx(10, rel=0.02)
    assert rate(tasks, begin=4.0) == pytest.approx(10, rel=0.04)


def test_waits_are_the_median_and_the_longest_of_nineteen_in_twenty():
    tasks = [Task(0, wait / 100, 2) for wait in range(1, 101)]
    half, nearly_all = waits(tasks)
    assert (half, nearly_all) == (pytest.approx(0.505), pytest.approx(0.96, abs=0.01))


def test_depth_is_rate_times_wait():
    average, most = depth(steady(1000, 0.01, 0.2, 0.01))
    assert average == pytest.approx(20, rel=0.03)
    assert most in {20, 21}


def test_depth_counts_only_while_something_is_sent():
    average, most = depth([Task(0, 1, 2), Task(0, 100, 101), Task(10, 10, 11)])
    assert most == 2
    assert average == pytest.approx(1.1)
