"""``requeue``: what goes back, how, and what stays; the broker is a fake, messages are as RabbitMQ 4.0 gives them."""

from __future__ import annotations

import pytest
from cloche_agent import requeue

REJECTED = requeue.Wanted({"shop.known"}, rejected=True)
DEATH = {"reason": "rejected", "queue": "slow", "exchange": "garden", "routing-keys": ["slow"], "count": 1}


class Message:
    def __init__(self, task, *deaths, tag=0):
        headers = {
            "task": task,
            "id": "1",
            "x-death": list(deaths),
            "x-delivery-count": 3,
            "x-first-death-queue": "slow",
        }
        self.properties = {"application_headers": headers, "delivery_mode": 2, "correlation_id": "1"}
        self.body, self.delivery_info = b"[]", {"delivery_tag": tag, "exchange": "shop", "routing_key": "slow"}


class Channel:
    """Gives the messages out once, and notes what is done with each."""

    def __init__(self, broker):
        self.broker = broker

    def basic_get(self, queue, no_ack):
        assert not no_ack
        return self.broker.waiting.pop(0) if self.broker.waiting else None

    def basic_publish(self, message, exchange, routing_key, mandatory):
        assert mandatory
        if exchange == self.broker.refuses:
            raise OSError("gone")
        self.broker.journal.append(("publish", exchange, routing_key))
        self.broker.published.append(message)

    def basic_ack(self, tag):
        self.broker.journal.append(("ack", tag))

    def basic_reject(self, tag, requeue):
        assert requeue
        self.broker.journal.append(("back", tag))


class Broker:
    refuses = None

    def __init__(self, *messages):
        for tag, message in enumerate(messages, 1):
            message.delivery_info["delivery_tag"] = tag
        self.waiting, self.journal, self.published = list(messages), [], []

    def channel(self):
        return Channel(self)


def test_only_rejected_messages_of_known_tasks_go_back():
    """Each is confirmed before it is acknowledged; the others return at the end, in their order."""
    older = {**DEATH, "reason": "expired", "queue": "celery_delayed_0"}
    delayed = {**DEATH, "exchange": "celery_delayed_delivery", "routing-keys": ["0.1.slow"]}
    broker = Broker(
        Message("shop.unknown", DEATH),
        Message("shop.known", DEATH),
        Message("shop.known", {**DEATH, "reason": "delivery_limit"}),
        Message("shop.known", delayed, older),
        Message("shop.known", older, DEATH),
        Message("shop.known"),
    )
    moved, fault = requeue._move(broker, "dead", 6, REJECTED)
    assert (dict(moved), fault) == ({"shop.known": 2}, "")
    assert broker.journal == [
        ("publish", "garden", "slow"),
        ("ack", 2),
        ("publish", "celery_delayed_delivery", "0.1.slow"),
        ("ack", 4),
        *(("back", tag) for tag in (1, 3, 5, 6)),
    ]


def test_the_message_is_the_same_but_for_what_the_broker_wrote():
    broker = Broker(Message("shop.known", DEATH))
    requeue._move(broker, "dead", 1, REJECTED)
    (copy,) = broker.published
    assert copy.properties == {
        "application_headers": {"task": "shop.known", "id": "1"},
        "delivery_mode": 2,
        "correlation_id": "1",
    }
    assert copy.body == b"[]"


def test_a_refused_message_stays():
    broker = Broker(Message("shop.known", DEATH), Message("shop.known", {**DEATH, "exchange": "away"}))
    broker.refuses = "away"
    moved, fault = requeue._move(broker, "dead", 2, REJECTED)
    assert moved == {"shop.known": 1} and "did not take shop.known back: OSError: gone" in fault
    assert broker.journal[-1] == ("back", 2)


@pytest.mark.parametrize("count", [0, 2, 9])
def test_no_more_than_told(count):
    broker = Broker(*[Message("shop.known", DEATH) for _ in range(4)])
    moved, _ = requeue._move(broker, "dead", count, REJECTED)
    assert moved.total() == min(count, 4)


def test_all_parked_messages_go_back_where_an_operator_says_so():
    """From the queue of the dead to where each was published; from the other by what they were published with."""
    given_up = Message("shop.known", {**DEATH, "reason": "delivery_limit"})
    wanted = requeue.Wanted({"shop.known"})
    broker = Broker(given_up, Message("shop.unknown", DEATH))
    assert requeue._move(broker, "dead", 2, wanted) == ({"shop.known": 1}, "")
    assert broker.journal[0] == ("publish", "garden", "slow")
    broker = Broker(Message("shop.known"), Message("shop.known", {**DEATH, "reason": "expired"}))
    assert requeue._move(broker, "unrouted", 2, requeue.Wanted({"shop.known"}, died=False))[0] == {"shop.known": 2}
    assert [entry[1:] for entry in broker.journal if entry[0] == "publish"] == [("shop", "slow"), ("shop", "slow")]


def test_what_never_died_goes_by_what_it_was_published_with():
    broker = Broker(Message("shop.known"))
    requeue._move(broker, "dead", 1, requeue.Wanted({"shop.known"}))
    assert broker.journal[0] == ("publish", "shop", "slow")
