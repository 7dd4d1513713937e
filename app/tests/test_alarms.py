"""A broker that has an alarm: it says so to whoever publishes, and when it is over."""

import socket
from unittest.mock import Mock

import amqp
import pytest
from kombu.exceptions import OperationalError

from core import alarms


@pytest.fixture
def link():
    """A connection of the pool that hears of alarms, and hears nothing yet."""
    ours, broker = socket.socketpair()
    peer = Mock(spec=amqp.Connection, sock=ours)
    found = Mock(connected=True, connection=peer, connection_errors=(ConnectionError,), broker=broker)
    alarms.follow(found)
    with ours, broker:
        yield found


@pytest.fixture
def alarmed(link):
    """One that was told of an alarm."""
    with pytest.raises(OperationalError, match="short of memory"):
        link.connection.on_blocked("short of memory")
    return link


def test_what_is_published_when_the_alarm_begins_is_refused_and_the_connection_kept(alarmed):
    assert alarms.has_one(alarmed)


def test_during_an_alarm_nothing_is_sent(alarmed):
    with pytest.raises(OperationalError):
        alarms.refuse(alarmed)
    assert not alarmed.connection.collect.called
    # Not even asked: that would wait for ever.
    assert not alarmed.connection.drain_events.called


def test_without_an_alarm_nothing_is_asked(link):
    alarms.refuse(link)
    assert not link.connection.drain_events.called
    assert not link.collect.called


def test_once_it_is_over_the_connection_is_replaced(alarmed):
    """A confirmation that it owes would be taken for that of the next message."""
    alarmed.broker.send(b"it is over")
    alarmed.connection.drain_events.side_effect = lambda timeout: alarmed.connection.on_unblocked()
    alarms.refuse(alarmed)
    assert not alarms.has_one(alarmed)
    assert alarmed.connection.collect.called
    assert alarmed.collect.called


def test_one_whose_broker_is_gone_is_replaced(alarmed):
    alarmed.broker.close()
    alarmed.connection.drain_events.side_effect = ConnectionResetError
    alarms.refuse(alarmed)
    assert not alarms.has_one(alarmed)
    assert alarmed.collect.called


def test_a_connection_is_given_up_without_a_farewell(link):
    """A broker that reads nothing would not answer it."""
    alarms.drop(link)
    assert [name for name, *_ in link.mock_calls] == ["connection.collect", "collect"]


def test_other_brokers_have_none():
    link = Mock(connected=True, connection=Mock())
    alarms.follow(link)
    alarms.refuse(link)
    assert not alarms.has_one(link)
