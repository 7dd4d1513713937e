"""Counting tasks where they end, and what the charts make of it."""

import re
import time

import pytest
from celery import current_app, signals, states
from django.core.cache import cache

from ops import charts, counters, recording, throughput
from ops.counters import Minute

NOW = 29_000_000 * 60.0


@pytest.fixture
def recorder(monkeypatch):
    """A recorder of the test's own that writes when it is told to."""
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 3600)
    own = recording.Recorder()
    monkeypatch.setattr(recording, "recorder", own)
    return own


@pytest.fixture
def clock(monkeypatch):
    """The time, in seconds; a test moves it on."""

    class Clock:
        now = NOW

        def time(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(recording, "time", clock)
    return clock


def run(clock, seconds, state=states.SUCCESS, **request):
    """Let a task run: the signals that a worker sends around it."""
    task = current_app.tasks["celery.accumulate"]
    task.push_request(id="x", called_directly=False, **request)
    try:
        signals.task_prerun.send(sender=task, task=task, task_id="x", args=(), kwargs={})
        clock.now += seconds
        signals.task_postrun.send(sender=task, task=task, task_id="x", args=(), kwargs={}, retval=None, state=state)
    finally:
        task.pop_request()


def the_minute():
    return counters.minutes(int(NOW // 60), 1)[0]


def test_a_run_is_counted_with_its_time_and_its_waiting(recorder, clock):
    run(clock, 2.0, published_at=NOW - 0.5)
    run(clock, 1.0, state=states.FAILURE)
    run(clock, 0.0, state=states.RETRY, published_at=NOW)
    assert the_minute().done == 0
    recorder.flush()
    assert the_minute() == Minute(29_000_000, done=3, failed=1, run_ms=3000, wait_ms=500 + 3000, waited=2)


def test_several_processes_add_to_the_same_minute(recorder, clock):
    run(clock, 1.0)
    recorder.flush()
    run(clock, 1.0)
    recorder.flush()
    recorder.flush()
    assert (the_minute().done, the_minute().run_ms) == (2, 2000)


def test_a_delay_that_was_asked_for_is_no_waiting(recorder, clock):
    run(clock, 0, published_at=NOW - 100, eta="2025-02-19T21:19:58+00:00")
    recorder.flush()
    assert (the_minute().wait_ms, the_minute().waited) == (2000, 1)


def test_clocks_that_differ_make_no_negative_waiting(recorder, clock):
    run(clock, 0, published_at=NOW + 5)
    recorder.flush()
    assert (the_minute().wait_ms, the_minute().waited) == (0, 1)


def test_a_task_that_is_called_in_place_is_not_counted(recorder, clock):
    run(clock, 1.0, is_eager=True)
    recorder.flush()
    assert the_minute().done == 0


def test_every_message_carries_the_time_of_its_publication():
    headers = {"published_at": 1.0}  # a retry brings the first one's along
    signals.before_task_publish.send(sender="x", headers=headers)
    assert abs(headers["published_at"] - time.time()) < 5
    signals.before_task_publish.send(sender="x", headers=None)


def test_figures_are_written_by_themselves_soon(recorder, clock, monkeypatch):
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 0.01)
    run(clock, 1.0)
    deadline = time.monotonic() + 5
    while the_minute().done != 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    run(clock, 1.0)  # and again
    while the_minute().done != 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_process_that_ends_writes_what_it_holds(recorder, clock):
    run(clock, 1.0)
    signals.worker_process_shutdown.send(sender=None, pid=1, exitcode=0)
    assert the_minute().done == 1


def test_a_cache_that_is_away_costs_figures_and_no_task(recorder, clock, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(cache, "add", fail)
        run(clock, 1.0)
        recorder.flush()
    run(clock, 1.0)
    recorder.flush()
    assert the_minute().done == 1


def test_a_real_worker_counts(recorder, worker, until):
    current_app.tasks["celery.accumulate"].apply_async(args=(1,))

    def counted():
        recorder.flush()
        totals = throughput.last_hour()["totals"]
        return totals["done"] and totals

    assert until(counted)["wait"] is not None


def test_the_hour_is_summed_and_drawn():
    last = int(NOW // 60)
    counters.add(last - 60, (99, 0, 0, 0, 0))  # too old
    counters.add(last - 59, (3, 1, 3000, 0, 0))
    counters.add(last, (7, 0, 7000, 35000, 7))
    hour = throughput.last_hour(NOW + 30)
    assert hour["totals"] == {"done": 10, "failed": 1, "wait": 5.0, "run": 1.0, "busiest": 7, "busiest_at": "21:20"}
    assert (hour["first"], hour["last"]) == ("20:21", "21:20")
    assert (len(hour["counts"]["good"]), len(hour["counts"]["failed"]), hour["counts"]["end"]) == (2, 1, 10)
    assert hour["delays"]["end"] == 5
    assert hour["delays"]["wait"].count("M") == 1 and hour["delays"]["run"].count("M") == 2


def test_an_hour_without_tasks_is_drawn_empty():
    hour = throughput.last_hour(NOW)
    assert (hour["totals"]["done"], hour["totals"]["wait"]) == (0, None)
    assert hour["counts"]["good"] == [] and hour["delays"]["run"] == ""


@pytest.mark.parametrize(
    ("largest", "end"), [(0, 1), (1, 1), (1.01, 2), (3, 5), (7, 10), (10, 10), (1234, 2000), (0.03, 0.05)]
)
def test_a_scale_ends_at_a_round_number(largest, end):
    assert charts.scale_end(largest) == pytest.approx(end)


def test_failed_stand_on_the_others_and_none_leaves_the_frame():
    good, failed = charts.bars([6, 0, 1], 10), charts.bars([4, 1, 0], 10, below=[6, 0, 1])
    assert [(bar.x, bar.y, bar.height) for bar in good] == [(20, 40, 60), (420, 90, 10)]
    assert [(bar.x, bar.y, bar.height) for bar in failed] == [(20, 0, 40), (220, 90, 10)]


def test_a_line_breaks_where_nothing_is_known_and_a_lonely_value_is_a_dot():
    assert re.findall(r"[ML][\d. ]+(?:h0)?", charts.line([None, 1, 1, None, 0], 1)) == [
        "M180.00 0.00h0",
        "L300.00 0.00",
        "M540.00 100.00h0",
    ]


@pytest.mark.django_db
def test_the_chart_is_drawn_on_the_page(client, django_user_model):
    from core import bounded

    bounded._latest.clear()
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))
    counters.add(int(time.time() // 60), (3, 1, 1500, 30, 3))
    page = client.get("/ops/parts/throughput/").text
    assert "3 tasks, 1 of them failed" in page and "500 ms" in page and "10 ms" in page
    assert (
        len(re.findall(r'<rect class="bar"', page)) == 1 and len(re.findall(r'<rect class="bar ops-failed"', page)) == 1
    )
    assert len(re.findall(r'<path class="series', page)) == 2
    assert page.count('role="img"') == page.count("aria-label=") == 2
    assert "style=" not in page
