"""What an application publishes is consumed once, parked or refused, and never lost in silence."""

import pytest
from amqp import Client

POISON_RUNS = 6  # a delivery limit of 5 is five hand-backs after the first run


def test_published_message_is_consumed(garden):
    assert garden.publish("slow", "seed", exchange="garden") == ""
    assert [message["body"] for message in garden.drain("slow")] == ["seed"]


def test_poison_message_ends_in_the_dead_letter_queue(garden):
    assert garden.publish("default", "poison") == ""
    steps = [
        step
        for tag in range(1, 11)
        for step in (("basic_get", {"queue": "default"}), ("basic_nack", {"delivery_tag": tag, "requeue": True}))
    ]
    answers, _ = garden.run(*steps)
    assert len([answer for answer in answers if answer]) == POISON_RUNS
    (dead,) = garden.drain("dead-letter")
    assert (dead["body"], dead["headers"]["x-first-death-reason"]) == ("poison", "delivery_limit")


def test_rejected_message_ends_in_the_dead_letter_queue(garden):
    assert garden.publish("mail", "spam") == ""
    garden.run(("basic_get", {"queue": "mail"}), ("basic_reject", {"delivery_tag": 1, "requeue": False}))
    (dead,) = garden.drain("dead-letter")
    assert (dead["body"], dead["headers"]["x-first-death-queue"]) == ("spam", "mail")


def test_dead_letter_survives_many_looks(garden):
    """RabbitMQ 4 drops a message from a quorum queue at its 21st delivery unless told otherwise."""
    garden.publish("mail", "spam")
    garden.run(("basic_get", {"queue": "mail"}), ("basic_reject", {"delivery_tag": 1, "requeue": False}))
    looks = [
        step
        for tag in range(1, 31)
        for step in (("basic_get", {"queue": "dead-letter"}), ("basic_nack", {"delivery_tag": tag, "requeue": True}))
    ]
    assert garden.run(*looks)[1] == ""
    assert len(garden.drain("dead-letter")) == 1


def test_message_that_no_queue_takes_is_kept(garden):
    assert garden.publish("no.such.queue", "stray", exchange="garden") == ""
    assert [message["body"] for message in garden.drain("unrouted")] == ["stray"]


def test_safety_exchanges_take_nothing_from_clients(garden):
    assert "ACCESS_REFUSED" in garden.publish("", "forged", exchange="dead-letter")


def test_queues_that_vanish_with_their_node_are_refused(host, garden):
    """Celery's control queues would be lost at a restart while workers believe in them."""
    if host.package("rabbitmq-server").version.startswith("3.10."):
        pytest.skip("Debian 12's broker cannot refuse them")
    error = garden.run(("queue_declare", {"queue": "fleeting", "durable": False}))[1]
    assert "transient_nonexcl_queues" in error


def test_policies_leave_other_queues_alone(host, garden):
    """Celery's delay, control and event queues have arguments of their own."""
    garden.run(("queue_declare", {"queue": "celeryev.test", "durable": True, "arguments": {"x-expires": 60000}}))
    policies = dict(
        line.split("\t")
        for line in host.check_output(
            "rabbitmqctl -q list_queues -p garden --no-table-headers name policy"
        ).splitlines()
    )
    assert policies["celeryev.test"] == ""
    assert {policies[name] for name in ("default", "slow", "mail")} == {"queues"}
    assert {policies[name] for name in ("dead-letter", "unrouted")} == {"safety-queues"}


def test_same_queue_of_another_application_is_another(host, passwords, garden):
    orchard = Client(host, "orchard", passwords["orchard"])
    orchard.declare("orchard", "default")
    assert orchard.publish("default", "apple") == ""
    assert garden.drain("default") == []
    assert [message["body"] for message in orchard.drain("default")] == ["apple"]
