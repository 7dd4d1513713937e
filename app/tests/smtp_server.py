"""A real SMTP server for the tests, which misbehaves on demand."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Mailbox:
    """What the server accepted; ``behaviour`` is the next connections' (see the methods), ``asked`` counts them."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.behaviour = "accept"
        self.asked = 0

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        """Count the connection; ``refuse at once``, or ``hang at once``: a server that says no more."""
        self.asked += 1
        session.host_name = hostname
        if self.behaviour == "refuse at once":
            return ["554 5.7.1 You are not welcome"]
        if self.behaviour == "hang at once":
            await asyncio.sleep(5)
        return responses

    async def handle_HELO(self, server: SMTP, session: Any, envelope: Any, hostname: str) -> str:
        """The older greeting, which a client tries when the newer one is refused."""
        return "554 5.7.1 You are not welcome"

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        """``550``: refuse for good. ``drop before the message``: close the connection."""
        if self.behaviour == "550":
            return "550 5.1.1 No such mailbox here"
        if self.behaviour == "drop before the message":
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """``451``: refuse for now. ``drop``, ``hang after the message``: take it, and don't say so."""
        if self.behaviour == "451":
            return "451 4.3.0 Please try later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.behaviour == "drop after the message":
            server.transport.close()
        elif self.behaviour == "hang after the message":
            await asyncio.sleep(5)
        return "250 OK"


@contextmanager
def smtp_server(mailbox: Mailbox) -> Iterator[tuple[str, int]]:
    """Yield host and port of a server that delivers into the mailbox."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host, port = free.getsockname()
    controller = Controller(mailbox, hostname=host, port=port)
    controller.start()
    # The controller has tried the connection itself.
    mailbox.asked = 0
    try:
        yield host, port
    finally:
        controller.stop()
