"""The tasks by themselves, and the ways to call one: as a function, by mocks, as signatures, as messages."""

from unittest.mock import patch

import pytest
from celery import chain, chord, group, signature
from celery.exceptions import Retry

from canvas.models import Saved, Widget
from canvas.tasks import (
    Unlucky,
    add,
    count_widgets,
    debug_task,
    divide,
    fail_first,
    mul,
    rename_widget,
    report_failure,
    save,
    sum_two_numbers,
    take_turn,
    xsum,
)


def test_run_calls_a_task_as_a_plain_function():
    assert add.run(2, 3) == add(2, 3) == 5
    assert mul.run(2, 3) == 6
    assert xsum.run([1, 2, 3]) == 6
    assert sum_two_numbers.run(4, 5) == 9
    assert take_turn.run(7) == 7


def test_a_mock_stands_for_the_clock():
    with patch("canvas.tasks.time.sleep") as sleep:
        assert divide.run(10, 4) == 2.5
        with pytest.raises(ZeroDivisionError):
            divide.run(1, 0)
    assert [call.args for call in sleep.call_args_list] == [(5,), (5,)]


@pytest.mark.django_db
def test_a_mock_stands_for_what_a_task_calls():
    gone = Widget.DoesNotExist("gone")
    with patch("canvas.tasks.widgets.rename", side_effect=gone) as rename, pytest.raises(Widget.DoesNotExist):
        rename_widget.run(7, "Rake")
    rename.assert_called_once_with(7, "Rake")


def test_a_mock_of_retry_shows_the_back_off():
    with patch.object(fail_first, "retry", side_effect=Retry) as retry:
        for retries, pause in ((0, 1), (1, 2), (2, 4)):
            fail_first.push_request(retries=retries)
            try:
                with pytest.raises(Retry):
                    fail_first(failures=5)
            finally:
                fail_first.pop_request()
            assert retry.call_args.kwargs["countdown"] == pause
            assert isinstance(retry.call_args.kwargs["exc"], Unlucky)


def test_after_max_retries_the_failure_stays():
    result = fail_first.apply(kwargs={"failures": 4}, retries=3)
    assert (result.state, str(result.result)) == ("FAILURE", "try 4 failed, as it was asked to")
    assert fail_first.apply(kwargs={"failures": 3}, retries=3).result == "succeeded at try 4"


def test_apply_runs_here_and_now():
    assert debug_task.apply(task_id="an-id").result == {"id": "an-id", "task": "canvas.debug_task", "retries": 0}


def test_delay_and_apply_async_publish(published):
    add.delay(1, 2)
    add.apply_async((1, 2), countdown=5)
    add.apply_async((1, 2), expires=60)
    assert [message["name"] for message in published] == ["canvas.add"] * 3
    assert published[1]["countdown"] == 5
    assert published[2]["expires"] == 60


def test_signatures_are_calls_that_can_be_kept_and_completed():
    partial = add.s(2)
    assert partial(3) == 5
    assert signature(dict(partial)) == signature("canvas.add", args=(2,))
    assert signature("canvas.add", args=(2, 2)).type == add
    assert add.s(2, 2).set(countdown=10).options == {"countdown": 10}
    assert add.si(1, 1).immutable


def test_the_pipe_builds_chains_and_chords():
    assert repr(add.s(1, 1) | mul.s(10)) == repr(chain(add.s(1, 1), mul.s(10))) == "canvas.add(1, 1) | mul(10)"
    header = group(add.s(i, i) for i in range(3))
    assert (header | xsum.s()).subtask_type == chord(header, xsum.s()).subtask_type == "chord"


def test_take_turn_is_rate_limited_and_waits_where_little_is_prefetched():
    assert take_turn.rate_limit == "10/m"
    assert take_turn.app.amqp.router.route({}, take_turn.name)["queue"].name == "slow"


@pytest.mark.django_db
def test_saving_twice_saves_once():
    save.push_request(id="6a3f0b52-8c4f-4a0e-9d43-1d3a5bb1c111")
    try:
        assert save.run(20) == save.run(20) == 20
    finally:
        save.pop_request()
    assert Saved.objects.get().value == 20


@pytest.mark.django_db
def test_widgets_are_counted_and_renamed():
    Widget.objects.all().delete()
    widget = Widget.objects.create(name="Trowel")
    assert count_widgets.run() == 1
    for _ in range(2):
        assert rename_widget.run(widget.pk, "Rake") == "Rake"
    assert Widget.objects.get().name == str(Widget.objects.get()) == "Rake"


@pytest.mark.django_db
def test_a_failure_whose_result_is_gone_is_still_reported():
    assert report_failure.run("6a3f0b52-8c4f-4a0e-9d43-1d3a5bb1c111").endswith("its result is not kept")
