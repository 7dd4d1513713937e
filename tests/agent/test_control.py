"""Questions to nodes: how answers are collected."""

from __future__ import annotations

import pytest
from cloche_agent.control import Control


class Confirmed(Control):
    """A control whose nodes answer while the question waits for the broker's confirmation."""

    def __init__(self):
        self.asked, self.ticket, self.heard = [], "", {}

    def _publish(self, command, nodes, arguments):
        self.asked.append(nodes)
        self.heard |= dict.fromkeys(nodes, "pong")

    def _listen(self, seconds):
        pytest.fail("everybody has answered, and it listens")


def test_answers_that_come_before_anybody_listens_are_heard():
    control = Confirmed()
    assert control.ask("ping", ["a@here", "b@here"], 5) == {"a@here": "pong", "b@here": "pong"}
    assert control.asked == [["a@here", "b@here"]]
