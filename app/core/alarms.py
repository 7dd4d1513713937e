"""A broker's alarms: RabbitMQ that is short of memory or disk reads nothing more from whoever publishes, and says so.

Without hearing that, every publication waits for its timeouts meanwhile, and soon every process of the web with it:
then no page is answered either. The connection that was told is kept, and nothing is sent until it is told that the
alarm is over: the broker reads in the end what was sent meanwhile, after whoever sent it was refused.
"""

import select
import weakref
from functools import partial
from typing import Any

import amqp
from kombu import Connection
from kombu.exceptions import OperationalError

#: Seconds for the rest of a frame whose beginning is there.
_FRAME = 1
_alarmed: weakref.WeakSet[Any] = weakref.WeakSet()


def peer(link: Connection) -> Any:
    """Return the AMQP connection of a link; None where it has none, or another broker."""
    found = link.connection if link.connected else None
    return found if isinstance(found, amqp.Connection) else None


def follow(link: Connection) -> None:
    """Hear of alarms on a link from now on: the publication that is told of one raises OperationalError."""
    if found := peer(link):
        found.on_blocked, found.on_unblocked = partial(_begin, found), partial(_alarmed.discard, found)


def _begin(connection: Any, reason: str) -> None:
    _alarmed.add(connection)
    raise OperationalError(reason)


def has_one(link: Connection) -> bool:
    """Whether the link was told of an alarm, and not yet that it is over."""
    return peer(link) in _alarmed


def refuse(link: Connection) -> None:
    """Raise OperationalError while there is an alarm; give a link up whose alarm is over: it owes confirmations."""
    if not has_one(link):
        return
    found = peer(link)
    try:
        while found in _alarmed:
            # Asked for a frame that is not there yet, with whatever timeout, the client would try again for ever.
            if not readable(found.sock):
                raise OperationalError("the broker has an alarm")
            found.drain_events(timeout=_FRAME)
    except link.connection_errors:
        _alarmed.discard(found)
    drop(link)


def readable(sock: Any) -> bool:
    """Whether there is something to read, or the other side has closed."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def drop(link: Connection) -> None:
    """Give a link up without a farewell, which a broker that reads nothing would leave unanswered for seconds."""
    if found := peer(link):
        found.collect()
    link.collect()
