"""Questions to worker nodes, over one connection and one reply queue for the whole process."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from cloche_agent.output import step

#: Seconds between two askings of those whose answer is missing: a node that boots hears the next one.
AGAIN = 0.2


class Control:
    """Asks nodes and collects what they answer.

    Celery's own broadcast() opens a new ticket each time and drops what answers the one before: a node that always
    takes longer than the timeout is never heard, and one that just boots is asked again only after it. Here a question
    is repeated under one ticket, and any answer to it counts. So only commands that may be heard twice are for it.
    """

    def __init__(self, app: Any, connection: Any) -> None:
        from kombu import Consumer, Producer

        self.connection, self.channel = connection, connection.channel()
        self.mailbox = app.control.mailbox(connection)
        # Given to each publication, as the mailbox's pool would open a second connection.
        self.producer = Producer(self.channel, auto_declare=False)
        self.ticket, self.heard = "", {}
        replies = self.mailbox.reply_queue
        Consumer(self.channel, [replies], accept=self.mailbox.accept, no_ack=True, on_message=self._hear).consume()

    def ask(
        self,
        command: str,
        nodes: Iterable[str],
        timeout: float,
        *,
        enough: Callable[[Any], bool] = lambda answer: True,
        every: float = AGAIN,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Return ``{node: last answer}`` as soon as each node's answer is enough, or what there is after the timeout.

        Times are seconds. An answer that is an error of the node counts as none.
        """
        from kombu.utils.uuid import uuid

        waiting, last = set(nodes), {}
        self.ticket, self.heard = uuid(), {}
        deadline = time.monotonic() + timeout
        with step("ask"):
            while waiting and time.monotonic() < deadline:
                self._publish(command, sorted(waiting), arguments)
                turn = min(deadline, time.monotonic() + every)
                # Answers may be there before anybody listens: a publication waits for its confirmation, and hears them.
                listening = True
                while listening:
                    while self.heard:
                        node, answer = self.heard.popitem()
                        last[node] = answer
                        if enough(answer):
                            waiting.discard(node)
                    listening = bool(waiting) and self._listen(turn - time.monotonic())
        return last

    def tell(self, command: str, nodes: list[str], **arguments: Any) -> None:
        """Send a command; what it answers is not heard."""
        self.ticket = ""
        with step("ask"):
            self._publish(command, nodes, arguments)

    def _publish(self, command: str, nodes: list[str], arguments: dict[str, Any]) -> None:
        # With the parts of it that Celery's broadcast() uses.
        self.mailbox._publish(
            command,
            arguments,
            destination=nodes,
            reply_ticket=self.ticket or None,
            channel=self.channel,
            producer=self.producer,
            serializer=self.mailbox.serializer,
        )

    def _listen(self, seconds: float) -> bool:
        if seconds <= 0:
            return False
        try:
            self.connection.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def _hear(self, message: Any) -> None:
        if message.headers.get("ticket") != self.ticket:
            return
        for node, answer in message.decode().items():
            if not (isinstance(answer, dict) and "error" in answer):
                self.heard[node] = answer
