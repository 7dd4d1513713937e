"""What is kept of a task's result, for whom, and for how long."""

from datetime import timedelta
from typing import Any

import pytest
from celery import current_app, states
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from django_celery_results.models import GroupResult, TaskResult

from core import progress
from core.progress import report
from tasks.tasks import create_task

pytestmark = pytest.mark.django_db(transaction=True)


def ended(task_id: str) -> bool:
    return TaskResult.objects.filter(task_id=task_id, status=states.SUCCESS).exists()


def test_the_kits_probe_gets_its_answer_back(worker, until):
    # as roles/release/files/agent/cloche_agent/probe.py asks.
    result = current_app.send_task("celery.accumulate", args=[1, 2], queue="mail", ignore_result=False)
    until(result.ready)
    assert result.result == [1, 2]


def test_a_task_that_nobody_looks_at_leaves_no_result(until):
    ignored = current_app.tasks["celery.accumulate"].apply_async(args=[1])
    watched = create_task.delay(task_type=0)
    until(lambda: ended(watched.id))
    assert not TaskResult.objects.filter(task_id=ignored.id).exists()


def test_the_admin_shows_name_arguments_worker_and_times(client, until):
    task_id = create_task.delay(task_type=0).id
    until(lambda: ended(task_id))
    stored = TaskResult.objects.get(task_id=task_id)
    assert stored.task_name == "tasks.create_task"
    # SQLite keeps milliseconds of the one and microseconds of the others.
    assert abs(stored.date_started - stored.date_created) < timedelta(seconds=5)
    assert stored.date_done >= stored.date_created
    client.force_login(get_user_model().objects.create_superuser("root"))
    changelist = client.get("/admin/django_celery_results/taskresult/").text
    page = client.get(f"/admin/django_celery_results/taskresult/{stored.pk}/change/").text
    for shown in ("tasks.create_task", stored.worker):
        assert shown in changelist
        assert shown in page
    assert "task_type" in page
    for label in ("Created DateTime", "Started DateTime", "Completed DateTime"):
        assert label in page


def test_expired_results_are_cleaned_and_others_kept():
    now, expires = timezone.now(), timedelta(seconds=current_app.conf.result_expires)
    for model, field in ((TaskResult, "task_id"), (GroupResult, "group_id")):
        for name, age in (("old", expires + timedelta(minutes=1)), ("young", expires - timedelta(minutes=1))):
            row = model.objects.create(**{field: name})
            model.objects.filter(pk=row.pk).update(date_done=now - age)
    current_app.tasks["celery.backend_cleanup"].apply()
    assert list(TaskResult.objects.values_list("task_id", flat=True)) == ["young"]
    assert list(GroupResult.objects.values_list("group_id", flat=True)) == ["young"]


def test_beat_schedules_the_clean_up():
    DatabaseScheduler(app=current_app)
    entry = PeriodicTask.objects.get(name="celery.backend_cleanup")
    assert (entry.task, entry.enabled) == ("celery.backend_cleanup", True)
    assert entry.task in current_app.tasks


class Watched:
    """A task that runs: what it stores is collected, or refused."""

    def __init__(self, refusal: Exception | None = None, **request: Any) -> None:
        self.stored: list[dict[str, int]] = []
        self.refusal = refusal
        self.request = type("Request", (), {"called_directly": False, "ignore_result": False, **request})

    def update_state(self, *, state: str, meta: dict[str, int]) -> None:
        assert state == progress.PROGRESS
        if self.refusal:
            raise self.refusal
        self.stored.append(meta)


def test_progress_is_stored_where_the_result_is_kept():
    watched, ignored, called = Watched(), Watched(ignore_result=True), Watched(called_directly=True)
    for task in (watched, ignored, called):
        report(task, 1, 4)
    assert watched.stored == [{"current": 1, "total": 4}]
    assert ignored.stored == called.stored == []


def test_a_result_store_that_is_away_does_not_cost_the_work(caplog):
    report(Watched(refusal=ConnectionError("redis://:secret@cache")), 1, 4)
    assert "progress not stored: ConnectionError" in caplog.text
    assert "secret" not in caplog.text


def test_the_time_limit_is_no_failure_of_the_result_store():
    with pytest.raises(SoftTimeLimitExceeded):
        report(Watched(refusal=SoftTimeLimitExceeded()), 1, 4)
