"""Each of these settings prevents a known loss."""

import socket
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from celery.exceptions import QueueNotFound
from celery.schedules import crontab

from celery_demo.celery import app

DEPLOYED = {
    "CELERY_BROKER_URL": "amqp://u:p@mq.test/celery_demo",
    "CELERY_RESULT_BACKEND": "db+sqlite:////srv/x/results.sqlite3",
}
Settings = Callable[..., ModuleType]


def test_nothing_accepted_is_lost_when_a_worker_dies() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_cancel_long_running_tasks_on_connection_loss is True


def test_the_queue_is_a_quorum_queue_on_a_topic_exchange() -> None:
    [queue] = app.conf.task_queues
    assert (queue.name, queue.routing_key, queue.queue_arguments) == ("default", "default", {"x-queue-type": "quorum"})
    assert (queue.exchange.name, queue.exchange.type) == ("celery_demo", "topic")
    route = app.amqp.router.route({}, "celery_demo.add")
    assert (route["queue"].name, route["queue"].exchange.type) == ("default", "topic")


def test_a_misspelt_queue_is_an_error() -> None:
    with pytest.raises(QueueNotFound):
        app.amqp.router.route({"queue": "defualt"}, "celery_demo.add")


def test_publishing_is_confirmed_and_ends(settings: Settings) -> None:
    options = settings(**DEPLOYED).broker_transport_options
    assert options["confirm_publish"] is True
    assert options["read_timeout"] == options["write_timeout"] == 8
    assert options["socket_settings"] == {socket.TCP_USER_TIMEOUT: 10_000}


def test_a_deployment_writes_nothing_beside_its_source(settings: Settings, tmp_path: Path) -> None:
    deployed = settings(**DEPLOYED)
    assert deployed.result_backend == DEPLOYED["CELERY_RESULT_BACKEND"]
    assert list(tmp_path.iterdir()) == []


def test_without_services_everything_lies_in_one_directory(settings: Settings, tmp_path: Path) -> None:
    alone = settings()
    assert alone.broker_url == "filesystem://localhost//"
    assert alone.result_backend == f"db+sqlite:///{tmp_path}/var/results.sqlite3"
    assert alone.beat_schedule_filename == f"{tmp_path}/var/celerybeat-schedule"
    assert {Path(folder).parent for folder in alone.broker_transport_options.values()} == {tmp_path / "var"}


def test_the_brokers_url_may_stand_in_a_file_and_the_variable_outranks_it(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "broker_url"
    file.write_text("amqp://u:p@file.test/celery_demo\n")
    named = {"CELERY_BROKER_URL_FILE": str(file)}
    assert settings(**named).broker_url == "amqp://u:p@file.test/celery_demo"
    assert settings(**named, **DEPLOYED).broker_url == DEPLOYED["CELERY_BROKER_URL"]


def test_every_task_ends_and_has_a_name_of_ours() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert set(ours) == {f"celery_demo.{name}" for name in ("add", "mul", "insert_db_demo", "chain_demo")}
    limits = {(task.soft_time_limit, task.time_limit) for task in ours.values()}
    assert limits == {(30, 60)} == {(app.conf.task_soft_time_limit, app.conf.task_time_limit)}


def test_beat_sends_what_there_is_every_two_seconds_and_at_the_full_minute() -> None:
    entries = app.conf.beat_schedule
    app.loader.import_default_modules()
    assert {entry["task"] for entry in entries.values()} <= set(app.tasks)
    every_two = entries["add-every-two-seconds"]
    assert (every_two["schedule"], every_two["args"]) == (2.0, (5, 8))
    assert entries["chain-at-the-full-minute"]["schedule"] == crontab()
    assert app.conf.beat_sync_every == 1
    assert str(app.conf.timezone) == "UTC"
