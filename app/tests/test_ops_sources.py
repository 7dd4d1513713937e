"""Where the operations page has its figures from: the broker, the workers, beat."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from celery import signals
from django.core.cache import cache

from ops import beat, broker, selectors, workers
from ops.templatetags.ops_units import duration, grouped, mebibytes


def test_beat_goes_on_where_its_tick_cannot_be_noted(monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "set", fail)
    beat.note(sender="x")


def test_only_beats_own_publications_are_ticks():
    def publish():
        signals.after_task_publish.send(sender="some.task")
        return beat.last_tick()

    assert publish() is None
    signals.beat_init.send(sender=None)
    try:
        assert publish()["task"] == "some.task"
    finally:
        signals.after_task_publish.disconnect(beat.note)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "unknown"),
        (0.0123, "12 ms"),
        (1.234, "1.23 s"),
        (90, "90 s"),
        (150, "2 min"),
        (7300, "2 h"),
        (2e5, "2 d"),
    ],
)
def test_durations_are_told_in_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text


def test_counts_are_told_in_groups_of_three_digits():
    assert [grouped(n) for n in (0, 7, 1234, 100000.0, 0.5)] == ["0", "7", "1,234", "100,000", "0.5"]


def test_memory_is_told_in_mebibytes():
    assert (mebibytes(86016), mebibytes(None)) == ("84 MiB", "unknown")


class FakeChannel:
    """What the broker module asks of a channel: queues by name, as (ready, consumers)."""

    def __init__(self, queues):
        self.queues, self.is_open, self.unacked_key = queues, True, "unacked"
        self.client = SimpleNamespace(llen=lambda name: queues[name][0], hlen=lambda key: 9, execute_command=self.hello)

    def queue_declare(self, name, passive):
        assert passive and self.is_open
        if name not in self.queues:
            self.is_open = False
            raise LookupError(name)
        ready, consumers = self.queues[name]
        return SimpleNamespace(message_count=ready, consumer_count=consumers)

    def close(self):
        self.is_open = False

    def hello(self, command):
        return {"HELLO": [b"server", b"redis", b"version", b"8.0.2", b"modules", []]}[command]


@pytest.fixture
def broker_with(monkeypatch, broker_url):
    """A function that puts a broker with these queues into the place of a real one."""

    def use(url, queues):
        broker_url(url)
        link = SimpleNamespace(
            channel=lambda: FakeChannel(queues),
            default_channel=FakeChannel(queues),
            channel_errors=(LookupError,),
            connection=SimpleNamespace(server_properties={"product": "RabbitMQ", "version": "4.0.5"}),
        )
        monkeypatch.setattr("core.publishing.confirmed", lambda: nullcontext(link))

    return use


def test_rabbitmq_tells_its_queues_and_the_safety_queues_where_there_are_any(broker_with):
    broker_with("amqp://mq.test", {"default": (3, 2), "slow": (0, 1), "dead-letter": (1, 0)})
    assert broker.queues() == {
        "queues": [
            {"name": "default", "ready": 3, "consumers": 2},
            {"name": "slow", "ready": 0, "consumers": 1},
            {"name": "mail", "ready": None, "consumers": None},
            {"name": "dead-letter", "ready": 1, "consumers": 0},
        ],
        "unacknowledged": None,
    }
    assert broker.server() == "RabbitMQ 4.0.5"


def test_redis_tells_lengths_and_all_unacknowledged_together(broker_with):
    broker_with("redis://r.test/0", {"default": (3, 0), "slow": (0, 0), "mail": (1, 0)})
    found = broker.queues()
    assert [(row["name"], row["ready"], row["consumers"]) for row in found["queues"]] == [
        ("default", 3, None),
        ("slow", 0, None),
        ("mail", 1, None),
    ]
    assert found["unacknowledged"] == 9
    assert broker.server() == "Redis 8.0.2"


def test_workers_are_asked_once_and_then_by_name(monkeypatch):
    delayed = {"routing_key": "0.0.1.0.mail"}
    task = {"name": "t", "time_start": 5.0, "acknowledged": False, "delivery_info": {"routing_key": "default"}}
    replies = {
        "stats": {"pool": {"max-concurrency": 2}, "rusage": {"maxrss": 100}, "uptime": 9},
        "active": [task, task | {"acknowledged": True}],
        "reserved": [task | {"time_start": None, "delivery_info": delayed}],
        "active_queues": [{"name": "mail"}, {"name": "default"}],
    }
    asked = []

    def broadcast(command, **options):
        asked.append((command, options.get("destination"), options.get("limit")))
        answer = [{"a@h": replies[command]}]
        return [*answer, {"b@h": {"error": "broken"}}] if command == "stats" else answer

    monkeypatch.setattr(workers, "broadcast", broadcast)
    assert workers.workers() == [
        {
            "name": "a@h",
            "queues": ["default", "mail"],
            "concurrency": 2,
            "running": [{"name": "t", "since": 5.0}] * 2,
            "prefetched": 1,
            "memory_kib": 100,
            "uptime": 9,
            "unacknowledged": {"default": 1, "mail": 1},
        }
    ]
    assert asked == [("stats", None, None)] + [(c, ["a@h"], 1) for c in ("active", "reserved", "active_queues")]


def test_without_an_answer_nothing_more_is_asked(monkeypatch):
    asked = []
    monkeypatch.setattr(workers, "broadcast", lambda command, **_: asked.append(command))
    assert workers.workers() == []
    assert asked == ["stats"]


def test_a_worker_without_rusage_and_pool_is_no_error(monkeypatch):
    monkeypatch.setattr(
        workers, "broadcast", lambda command, **_: [{"a@h": {"rusage": "N/A"} if command == "stats" else []}]
    )
    (worker,) = workers.workers()
    assert (worker["memory_kib"], worker["concurrency"], worker["uptime"]) == (None, None, None)


def test_a_task_that_began_in_the_future_has_run_for_no_time():
    assert selectors._since(10.0, 9.0) == 0
