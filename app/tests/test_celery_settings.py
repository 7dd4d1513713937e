"""Each of these settings prevents a known loss."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from celery.exceptions import QueueNotFound, Retry

from config.celery import app
from config.celery_settings import SOFT_TIME_LIMIT, TIME_LIMIT, celery_settings
from config.queues import QUEUES
from core.task import GardenTask, whole_seconds

AMQP = celery_settings("amqp://u:p@mq.test/garden", "django-db")
REDIS = celery_settings("redis://u:p@redis.test/1", "redis://u:p@redis.test/2")


def test_nothing_accepted_is_lost_when_a_worker_dies():
    assert AMQP["CELERY_TASK_ACKS_LATE"] is True
    assert AMQP["CELERY_TASK_REJECT_ON_WORKER_LOST"] is True
    assert AMQP["CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS"] is True


def test_every_queue_is_a_quorum_queue_on_one_topic_exchange():
    queues = AMQP["CELERY_TASK_QUEUES"]
    assert [queue.name for queue in queues] == list(QUEUES) == ["default", "slow", "mail"]
    for queue in queues:
        assert queue.routing_key == queue.name
        assert queue.queue_arguments == {"x-queue-type": "quorum"}
        assert (queue.exchange.name, queue.exchange.type) == ("garden", "topic")
    assert AMQP["CELERY_TASK_DEFAULT_EXCHANGE_TYPE"] == "topic"
    assert AMQP["CELERY_TASK_DEFAULT_EXCHANGE"] == "garden"
    assert AMQP["CELERY_TASK_DEFAULT_QUEUE"] == AMQP["CELERY_TASK_DEFAULT_ROUTING_KEY"] == "default"


def test_publishing_is_confirmed_and_ends():
    options = AMQP["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["confirm_publish"] is True
    assert options["socket_settings"] == {socket.TCP_USER_TIMEOUT: 10_000}
    assert options["read_timeout"] == options["write_timeout"] == 8


def test_redis_gets_no_rabbitmq_arguments():
    assert all(not queue.queue_arguments for queue in REDIS["CELERY_TASK_QUEUES"])
    options = REDIS["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert "confirm_publish" not in options
    assert options["visibility_timeout"] > 600 + TIME_LIMIT
    assert REDIS["CELERY_RESULT_BACKEND"] == "redis://u:p@redis.test/2"


@pytest.mark.parametrize(
    ("given", "meant"), [("", "django-db"), ("django-db", "django-db"), ("none", "disabled://"), ("rpc", "rpc://")]
)
def test_result_backends_have_short_names(given, meant):
    assert celery_settings("amqp://mq.test", given)["CELERY_RESULT_BACKEND"] == meant


def test_without_a_broker_tasks_run_in_this_process():
    assert celery_settings()["CELERY_BROKER_URL"].startswith("memory://")


def test_celery_reads_these_settings():
    assert app.conf.task_acks_late is True
    assert app.conf.control_queue_durable is True
    assert app.conf.control_queue_exclusive is False
    assert app.conf.broker_heartbeat == 20
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.timezone == "UTC"
    assert app.conf.result_expires == 86400
    # Celery's Django fixup asks for this very name.
    assert app.conf.get("CELERY_DB_REUSE_MAX") == 1_000_000


def test_every_task_ends():
    app.loader.import_default_modules()
    assert 0 < SOFT_TIME_LIMIT < TIME_LIMIT == app.conf.task_time_limit
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert {task.name for task in ours} >= {"tasks.create_task", "ledger.record_run"}
    for task in ours:
        assert 0 < task.soft_time_limit < task.time_limit, task.name


def test_every_task_has_the_base_class():
    app.loader.import_default_modules()
    assert all(isinstance(task, GardenTask) for task in app.tasks.values())


@pytest.mark.parametrize("queue", QUEUES)
def test_the_probe_task_can_be_sent_to_each_queue(queue):
    route = app.amqp.router.route({"queue": queue}, "celery.accumulate")
    assert (route["queue"].name, route["queue"].routing_key) == (queue, queue)


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("feedback.send_feedback_email_task", "mail"),
        ("reports.crawler_repos", "slow"),
        ("photos.task_save_latest_flickr_image", "slow"),
        ("tasks.create_task", "default"),
        ("celery.backend_cleanup", "default"),
    ],
)
def test_a_task_is_routed_by_its_name(name, queue):
    assert app.amqp.router.route({}, name)["queue"].name == queue


def test_a_queue_that_the_publisher_names_wins_over_the_route():
    assert app.amqp.router.route({"queue": "default"}, "reports.crawler_repos")["queue"].name == "default"


def test_results_are_ignored_but_for_those_somebody_looks_at():
    app.loader.import_default_modules()
    kept = {name for name, task in app.tasks.items() if not task.ignore_result and not name.startswith("celery.")}
    assert "tasks.create_task" in kept
    assert "ledger.record_run" not in kept


def test_a_misspelt_queue_is_an_error():
    with pytest.raises(QueueNotFound):
        app.amqp.router.route({"queue": "defualt"}, "celery.accumulate")


@pytest.mark.parametrize(("asked", "sent"), [(0.2, 1), (0.999, 1), (1, 1), (1.7, 2), (60, 60), (0, 0)])
def test_a_countdown_is_rounded_up(published, asked, sent):
    app.tasks["celery.accumulate"].apply_async(countdown=asked)
    assert published[0]["countdown"] == sent


def test_a_retry_within_a_second_is_published_and_not_lost(published):
    task = app.tasks["celery.accumulate"]
    task.push_request(id="x", called_directly=False, retries=0, args=(), kwargs={}, delivery_info={})
    try:
        with pytest.raises(Retry):
            task.retry(countdown=0.5)
    finally:
        task.pop_request()
    assert published[0]["countdown"] == 1


def test_a_close_eta_leaves_a_whole_second():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    close, text = now + timedelta(seconds=0.4), (now + timedelta(seconds=0.4)).isoformat()
    assert whole_seconds({"eta": close}, now)["eta"] == now + timedelta(seconds=2)
    assert whole_seconds({"eta": text}, now)["eta"] == now + timedelta(seconds=2)
    later, past = {"eta": now + timedelta(seconds=9)}, {"eta": now - timedelta(seconds=9)}
    assert whole_seconds(later, now) == later
    assert whole_seconds(past, now) == past


def test_broken_connections_are_dropped_before_each_task(monkeypatch):
    called = []
    monkeypatch.setattr("django.db.close_old_connections", lambda **_: called.append(1))
    assert app.tasks["celery.accumulate"].apply(args=(2, 3)).result == (2, 3)
    assert called
