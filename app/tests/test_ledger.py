"""The book that the drills stand on: what is accepted, what was done, how often."""

import uuid

import pytest
from celery.exceptions import Retry
from django.contrib.auth import get_user_model
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.publishing import NotConfirmed
from ledger import runs
from ledger.models import Entry, Run
from ledger.selectors import with_prefix
from ledger.tasks import record_run

pytestmark = pytest.mark.django_db


def run_task(number: int, task_id: str, *, retries: int = 0, redelivered: bool = False, seconds: float = 0) -> None:
    """Run the task as a worker would."""
    delivery = {"redelivered": redelivered}
    kwargs = {"number": number, "seconds": seconds}
    record_run.push_request(
        id=task_id, retries=retries, hostname="w1@test", kwargs=kwargs, delivery_info=delivery, called_directly=False
    )
    try:
        record_run.run(**kwargs)
    finally:
        record_run.pop_request()


def outcomes(key: str) -> list[str]:
    return list(Run.objects.filter(entry__key=key).order_by("pk").values_list("outcome", flat=True))


@pytest.fixture
def lost_broker(monkeypatch):
    """Nothing is confirmed, though it may have arrived: the ids of what was tried."""
    tried = []

    def publish(task, kwargs, *, task_id, **options):
        tried.append(task_id)
        raise NotConfirmed("timeout")

    monkeypatch.setattr("ledger.services.publish", publish)
    return tried


def test_a_key_is_accepted_and_its_task_recorded(client, published, settings):
    settings.RELEASE_ID = "20260101-abcdef0"
    response = client.post("/ledger/", {"key": "a:1"})
    assert response.status_code == 202
    answer = response.json()
    assert answer == {"key": "a:1", "number": Entry.objects.get().pk, "task_id": published[0]["task_id"]}
    assert published[0]["queue"] == "default"
    run_task(**published[0]["kwargs"], task_id=answer["task_id"], redelivered=True)
    run = Run.objects.get()
    assert (run.outcome, run.worker, run.release, run.redelivered) == ("completed", "w1@test", "20260101-abcdef0", True)
    assert run.started_at <= run.ended_at
    assert client.get("/ledger/summary/?prefix=a:").json() == {
        "prefix": "a:",
        "accepted": 1,
        "completed": 1,
        "lost": 0,
        "pending": 0,
        "duplicated": 0,
        "skipped": 0,
        "unconfirmed": 0,
    }


def test_repeating_an_accepted_key_publishes_nothing(client, published):
    first = client.post("/ledger/", {"key": "k"}).json()
    again = client.post("/ledger/", {"key": "k", "seconds": "5", "queue": "mail"})
    assert (again.status_code, again.json()) == (202, first)
    assert len(published) == 1


def test_perhaps_then_repeat_then_both_arrive(client, published, lost_broker, monkeypatch):
    refused = client.post("/ledger/", {"key": "k"})
    assert refused.status_code == 503
    assert "broker" in refused.json()["error"]
    assert client.get("/ledger/summary/?prefix=k").json()["unconfirmed"] == 1
    (first_id,) = lost_broker
    monkeypatch.undo()
    # undo() took the fixture's collector away too; confirm without a broker
    monkeypatch.setattr("ledger.services.publish", lambda task, kwargs, *, task_id, **options: task_id)
    second = client.post("/ledger/", {"key": "k"})
    assert second.status_code == 202
    assert second.json()["task_id"] != first_id
    number = second.json()["number"]
    run_task(number, first_id)
    run_task(number, second.json()["task_id"])
    assert outcomes("k") == ["completed", "skipped"]
    counts = client.get("/ledger/summary/?prefix=k").json()
    assert (counts["accepted"], counts["completed"], counts["duplicated"], counts["skipped"]) == (1, 1, 0, 1)


def test_two_tasks_at_once_complete_an_entry_once(client, published):
    number = client.post("/ledger/", {"key": "k"}).json()["number"]
    facts = {"worker": "w", "release": "", "redelivered": False, "retry": False}
    one, two = (runs.begin_run(number, str(uuid.uuid4()), **facts) for _ in range(2))
    runs.end_run(one)
    runs.end_run(two)
    assert outcomes("k") == ["completed", "skipped"]


def test_the_same_message_run_twice_is_a_duplicate(client, published):
    answer = client.post("/ledger/", {"key": "k"}).json()
    for redelivered in (False, True):
        run_task(answer["number"], answer["task_id"], redelivered=redelivered)
    assert outcomes("k") == ["completed", "completed"]
    assert client.get("/ledger/summary/").json()["duplicated"] == 1


def test_a_retry_after_a_commit_that_was_not_heard_of_is_none(client, published):
    answer = client.post("/ledger/", {"key": "k"}).json()
    run_task(answer["number"], answer["task_id"])
    run_task(answer["number"], answer["task_id"], retries=1)
    assert outcomes("k") == ["completed"]


def test_a_lost_database_is_retried(client, published, monkeypatch):
    number = client.post("/ledger/", {"key": "k"}).json()["number"]
    published.clear()

    def fail(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("ledger.runs.begin_run", fail)
    with pytest.raises(Retry):
        run_task(number, str(uuid.uuid4()))
    assert published[0]["name"] == "ledger.record_run"
    assert published[0]["retries"] == 1


def test_a_worker_that_died_shows_as_pending_and_lost(client, published):
    answer = client.post("/ledger/", {"key": "k"}).json()
    runs.begin_run(answer["number"], answer["task_id"], worker="w", release="", redelivered=False, retry=False)
    counts = client.get("/ledger/summary/").json()
    assert (counts["accepted"], counts["completed"], counts["lost"], counts["pending"]) == (1, 0, 1, 1)


def test_work_time_and_queue_are_passed_on_with_limits_above_them(client, published):
    assert client.post("/ledger/", {"key": "k", "seconds": "600", "queue": "slow"}).status_code == 202
    (message,) = published
    assert message["queue"] == "slow"
    assert message["kwargs"]["seconds"] == 600
    assert 600 < message["soft_time_limit"] < message["time_limit"]
    client.post("/ledger/", '{"key": "s", "seconds": 0.25}', content_type="application/json")
    assert published[1]["kwargs"]["seconds"] == 0.25
    # the task's own limits hold, and Celery adds them
    assert published[1]["time_limit"] == record_run.time_limit


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"key": ""},
        {"key": "a b"},
        {"key": "ä"},
        {"key": "a\n"},
        {"key": "k" * 101},
        {"key": "k", "queue": "nope"},
        {"key": "k", "queue": ""},
        {"key": "k", "seconds": "-1"},
        {"key": "k", "seconds": "601"},
        {"key": "k", "seconds": "nan"},
        {"key": "k", "seconds": "inf"},
        {"key": "k", "seconds": "x"},
    ],
)
def test_bad_input_is_refused_and_nothing_written(client, published, fields):
    response = client.post("/ledger/", fields)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not Entry.objects.exists()


@pytest.mark.parametrize("body", ['{"key": 5}', '{"key": "k", "seconds": true}', '{"key": "k", "queue": ["slow"]}'])
def test_bad_json_types_are_refused(client, published, body):
    assert client.post("/ledger/", body, content_type="application/json").status_code == 400


def test_a_database_that_is_away_is_503(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("password=secret")

    monkeypatch.setattr("ledger.services.Entry.objects.get_or_create", fail)
    response = client.post("/ledger/", {"key": "k"})
    assert response.status_code == 503
    assert "secret" not in response.text


def test_a_prefix_means_itself(client):
    keys = ["a_b1", "aXb1", "A_b1", "a_b", "a_c", "b", "a", "z.1", "z:1"]
    Entry.objects.bulk_create(Entry(key=key, queue="default", confirmed_at=timezone.now()) for key in keys)

    def accepted(prefix: str) -> int:
        return client.get("/ledger/summary/", {"prefix": prefix}).json()["accepted"]

    assert [accepted(p) for p in ("", "a_b", "a", "A", "z", "z.", "a_b1", "q")] == [9, 2, 5, 1, 2, 1, 1, 0]
    assert client.get("/ledger/summary/", {"prefix": "%"}).status_code == 400


def test_the_summary_is_one_query(client):
    now = timezone.now()
    entries = Entry.objects.bulk_create(Entry(key=f"p.{n:05}", queue="default", confirmed_at=now) for n in range(2000))
    Run.objects.bulk_create(
        Run(entry=e, task_id=uuid.uuid4(), started_at=now, ended_at=now, worker="w", outcome="completed")
        for e in entries[:1500]
    )
    with CaptureQueriesContext(connection) as queries:
        counts = client.get("/ledger/summary/?prefix=p.01").json()
    assert (counts["accepted"], counts["completed"], counts["lost"]) == (1000, 500, 500)
    assert len(queries) == 1


def test_a_prefix_is_found_by_the_index():
    assert "SEARCH ledger_entry USING COVERING INDEX" in with_prefix("p.").values("key").explain()


def test_the_admin_shows_the_ledger_and_changes_nothing(client):
    entry = Entry.objects.create(key="k", queue="default")
    client.force_login(get_user_model().objects.create_superuser("root"))
    assert client.get("/admin/ledger/entry/?q=k").status_code == 200
    assert client.get("/admin/ledger/run/").status_code == 200
    assert client.get(f"/admin/ledger/entry/{entry.pk}/change/").status_code == 200
    assert client.post(f"/admin/ledger/entry/{entry.pk}/change/", {"key": "x"}).status_code == 403
    assert client.get("/admin/ledger/entry/add/").status_code == 403
    assert client.post(f"/admin/ledger/entry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
