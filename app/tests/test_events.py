"""What workers tell of themselves."""

from unittest.mock import Mock

import pytest
from celery import current_app
from kombu import Connection
from kombu.transport.pyamqp import Channel


@pytest.fixture
def channel():
    """A channel of a broker that confirms."""
    found = Mock(spec=Channel, connection=Mock(client=Mock(declared_entities=set())))
    found.basic_publish = found.basic_publish_confirm
    return found


def test_an_event_is_sent_without_waiting_for_its_confirmation(channel):
    dispatcher = current_app.events.Dispatcher(Connection("memory://"), channel=channel)
    dispatcher.send("worker-heartbeat")
    assert channel._basic_publish.called
    assert not channel.basic_publish_confirm.called


def test_events_go_over_other_brokers_as_ever(worker):
    with current_app.connection_for_write() as link:
        current_app.events.Dispatcher(link).send("worker-heartbeat")
