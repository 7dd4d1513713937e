"""What runs by the clock: what there is, how it is installed, and that it stays as the operators made it."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_results.models import TaskResult

from schedules import services
from schedules.entries import ENTRIES, At, Entry, Every
from schedules.models import Installed
from schedules.services import install
from schedules.tasks import trim_results
from tests.schedule_entries import ADD, WITHOUT_ADD, entry, forget_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    forget_all()


def test_every_entry_calls_a_task_that_there_is():
    current_app.loader.import_default_modules()
    for wanted in ENTRIES:
        app = wanted.task.partition(".")[0]
        assert wanted.task in current_app.tasks or not apps.is_installed(app), wanted
    names = [wanted.name for wanted in ENTRIES]
    assert len(set(names)) == len(names)


def test_the_schedules_that_are_asked_for():
    wanted = {(e.task, e.args): e.when for e in ENTRIES if e.name != "add(16, 16) by crontab"}
    assert wanted["photos.task_save_latest_flickr_image", ()] == Every(15, "minutes")
    assert wanted["feedback.sweep_outbox", ()] == Every(1, "minutes")
    assert wanted["celery.backend_cleanup", ()] == At(4, 0)
    assert wanted["canvas.add", (16, 16)] == Every(30, "seconds")
    assert wanted["canvas.add", (50, 50)] == At(8, 50, timezone=ZoneInfo("Asia/Taipei"))


def test_add_16_16_runs_every_30_seconds():
    install()
    task = entry()
    assert (task.task, task.args, task.kwargs, task.enabled) == ("canvas.add", "[16, 16]", "{}", True)
    assert task.schedule.run_every == timedelta(seconds=30)
    assert current_app.tasks["canvas.add"].ignore_result is False


def test_a_crontab_runs_on_monday_at_7_30():
    install()
    schedule = entry("add(16, 16) by crontab").schedule
    wednesday = datetime(2026, 11, 18, 12, tzinfo=UTC)
    start, delta, _ = schedule.remaining_delta(wednesday)
    assert (start + delta).astimezone(UTC) == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert (start + delta).weekday() == 0


def test_a_crontab_with_a_time_zone_runs_at_8_50_in_taipei():
    install()
    task = entry("add(50, 50) by crontab in Taipei")
    start, delta, _ = task.schedule.remaining_delta(datetime(2026, 11, 18, 12, tzinfo=UTC))
    assert (start + delta).astimezone(UTC) == datetime(2026, 11, 19, 0, 50, tzinfo=UTC)
    assert task.args == "[50, 50]"


def test_installing_twice_changes_nothing():
    assert [line for line in install() if not line.startswith("installed ")] == []
    before = list(PeriodicTask.objects.order_by("pk").values())
    assert install() == []
    assert list(PeriodicTask.objects.order_by("pk").values()) == before
    assert Installed.objects.count() == len(before)


def test_an_existing_interval_is_used_even_where_there_are_two():
    first = IntervalSchedule.objects.create(every=30, period="seconds")
    IntervalSchedule.objects.create(every=30, period="seconds")
    install()
    assert entry().interval == first
    install_crontabs = CrontabSchedule.objects.filter(hour="8", minute="50", timezone="Asia/Taipei")
    assert install_crontabs.count() == 1


def test_an_operators_change_stays():
    install()
    edited, disabled, deleted = (
        entry(),
        entry("add(16, 16) by crontab"),
        entry("add(50, 50) by crontab in Taipei"),
    )
    edited.interval = IntervalSchedule.objects.create(every=2, period="hours")
    edited.args = "[1, 1]"
    edited.save()
    disabled.enabled = False
    disabled.save()
    deleted.delete()
    assert install() == []
    assert (entry().interval.every, entry().args) == (2, "[1, 1]")
    assert entry(disabled.name).enabled is False
    assert not PeriodicTask.objects.filter(name=deleted.name).exists()


def test_an_operators_own_entry_of_that_name_stays():
    own = IntervalSchedule.objects.create(every=9, period="days")
    PeriodicTask.objects.create(name=ADD, task="canvas.mul", args="[3, 3]", interval=own)
    install()
    assert (entry().task, entry().interval) == ("canvas.mul", own)
    entry().delete()
    assert install() == []


def test_deleted_ones_come_back_when_asked_for():
    install()
    entry().delete()
    assert install(restore=True) == [f"installed {ADD}"]
    assert entry().args == "[16, 16]"


def test_the_command_says_what_it_did():
    def run(*arguments):
        out = StringIO()
        call_command("install_schedules", *arguments, stdout=out)
        return out.getvalue()

    assert f"installed {ADD}" in run()
    assert run() == "Nothing to do.\n"
    entry().delete()
    assert run() == "Nothing to do.\n"
    assert run("--restore") == f"installed {ADD}\n"


def test_an_entry_whose_task_this_release_does_not_know_waits_for_one_that_does(monkeypatch):
    later = Entry("later", "canvas.not_yet", Every(1, "minutes"))
    monkeypatch.setattr(services, "ENTRIES", (later,))
    assert install() == []
    monkeypatch.setattr(services, "ENTRIES", (Entry("later", "canvas.mul", Every(1, "minutes"), (2, 2)),))
    assert install() == ["installed later"]


def test_the_way_back_to_an_older_release_switches_off_what_it_does_not_know(monkeypatch):
    install()
    ours = PeriodicTask.objects.create(name="own", task="a.b", interval=entry().interval)
    with monkeypatch.context() as patch:
        patch.setattr(services, "ENTRIES", WITHOUT_ADD)
        assert install() == [f"switched off {ADD}"]
        assert install() == []
        assert entry().enabled is False
    assert install() == [f"switched on {ADD}"]
    assert entry().enabled is True
    ours.refresh_from_db()
    assert ours.enabled is True


def test_what_an_operator_switched_off_is_not_switched_on_by_the_way_back_and_forth(monkeypatch):
    install()
    PeriodicTask.objects.filter(name=ADD).update(enabled=False)
    with monkeypatch.context() as patch:
        patch.setattr(services, "ENTRIES", WITHOUT_ADD)
        assert install() == []
    assert install() == []
    assert entry().enabled is False


def test_an_operator_who_is_faster_than_the_release_has_the_last_word(monkeypatch):
    install()
    with monkeypatch.context() as patch:
        patch.setattr(services, "ENTRIES", WITHOUT_ADD)
        install()
    PeriodicTask.objects.filter(name=ADD).update(enabled=True)
    assert install() == []
    PeriodicTask.objects.filter(name=ADD).update(enabled=False)
    assert install() == []
    assert entry().enabled is False


def test_migrate_installs_in_a_fresh_database_only():
    call_command("migrate", verbosity=0)
    assert entry().enabled
    PeriodicTask.objects.exclude(name="celery.backend_cleanup").delete()
    Installed.objects.exclude(name="celery.backend_cleanup").delete()
    # An older release's beat is at work here: the new one's will install, once its workers are up.
    call_command("migrate", verbosity=0)
    assert not PeriodicTask.objects.filter(name=ADD).exists()


def test_a_way_back_before_the_tables_is_no_error():
    class Older:
        def get_model(self, app, name):
            raise LookupError

    services.install_in_fresh_database(apps=Older())
    assert not PeriodicTask.objects.exists()


def test_results_of_schedules_do_not_flood():
    def store(name, count):
        for number in range(count):
            TaskResult.objects.create(task_id=f"{name}-{number}", periodic_task_name=name)

    store("busy", services.RESULTS_KEPT + 3)
    store("quiet", 2)
    TaskResult.objects.bulk_create(TaskResult(task_id=f"none-{n}") for n in range(services.RESULTS_KEPT + 3))
    for _ in range(2):
        trim_results()
    kept = set(TaskResult.objects.filter(periodic_task_name="busy").values_list("task_id", flat=True))
    assert kept == {f"busy-{n}" for n in range(3, services.RESULTS_KEPT + 3)}
    assert TaskResult.objects.filter(periodic_task_name="quiet").count() == 2
    assert TaskResult.objects.filter(periodic_task_name=None).count() == services.RESULTS_KEPT + 3
