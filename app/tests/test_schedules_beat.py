"""Beat itself, with this application's scheduler: what it installs, and that it hears of changes."""

from datetime import timedelta

import pytest
from celery import current_app
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from schedules import services
from schedules.scheduler import GardenScheduler
from schedules.services import install
from tests.schedule_entries import ADD, WITHOUT_ADD, entry, forget_all

# The scheduler looks after its connection itself, so it can't work within a test's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh():
    forget_all()


def test_beat_installs_when_it_starts_and_runs_what_is_due():
    beat = GardenScheduler(app=current_app)
    assert ADD in beat.schedule
    is_due, seconds = beat.schedule[ADD].is_due()
    assert not is_due
    assert 25 < seconds <= 30


def test_beat_leaves_the_clean_up_as_an_operator_made_it():
    GardenScheduler(app=current_app)
    cleanup = entry("celery.backend_cleanup")
    assert (cleanup.crontab.hour, cleanup.crontab.minute) == ("4", "0")
    cleanup.crontab = CrontabSchedule.objects.create(hour="5", minute="15")
    cleanup.save()
    GardenScheduler(app=current_app)
    assert entry("celery.backend_cleanup").crontab.hour == "5"
    cleanup.delete()
    GardenScheduler(app=current_app)
    assert not PeriodicTask.objects.filter(name="celery.backend_cleanup").exists()


def test_beat_is_this_one_and_writes_each_run_down(published):
    assert current_app.conf.beat_scheduler == "schedules.scheduler:GardenScheduler"
    beat = GardenScheduler(app=current_app)
    assert beat.sync_every_tasks == 1
    beat.apply_async(beat.reserve(beat.schedule[ADD]), advance=False)
    assert entry().total_run_count == 1
    assert timezone.now() - entry().last_run_at < timedelta(seconds=10)
    assert published[0]["name"] == "canvas.add"


def test_a_change_is_live_without_a_restart(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    beat = GardenScheduler(app=current_app)
    assert beat.schedule[ADD].schedule.run_every == timedelta(seconds=30)
    before = PeriodicTasks.last_change()
    task = entry()
    hourly = IntervalSchedule.objects.create(every=1, period="hours")
    page = client.get(f"/admin/django_celery_beat/periodictask/{task.pk}/change/")
    form = page.context["adminform"].form
    fields = {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    fields |= {"interval": hourly.pk, "enabled": "on", "regtask": "canvas.add"}
    response = client.post(f"/admin/django_celery_beat/periodictask/{task.pk}/change/", fields)
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert PeriodicTasks.last_change() > before
    assert beat.schedule[ADD].schedule.run_every == timedelta(hours=1)


@pytest.mark.parametrize("change", ["install", "withdraw", "bring back", "delete"])
def test_each_change_tells_a_running_beat(monkeypatch, change):
    install()
    beat = GardenScheduler(app=current_app)
    assert ADD in beat.schedule
    if change == "delete":
        entry().delete()
        assert ADD not in beat.schedule
        return
    if change == "install":
        entry().delete()
        assert ADD not in beat.schedule
        install(restore=True)
        assert ADD in beat.schedule
        return
    with monkeypatch.context() as patch:
        patch.setattr(services, "ENTRIES", WITHOUT_ADD)
        install()
    assert ADD not in beat.schedule
    if change == "bring back":
        install()
        assert ADD in beat.schedule
