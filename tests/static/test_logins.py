"""Whether a page lets somebody in: the panel's own trouble is no refusal, and nginx's own no welcome."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible.module_utils.logins import Unanswered, accepted


@pytest.fixture
def ask():
    """Return a function that signs in to a page which answers with a status."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(self.path[1:]))
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    login = {"service": "http", "host": "127.0.0.1", "port": server.server_port, "user": "ada", "password": "secret"}
    yield lambda status: accepted(login | {"place": ["localhost", f"/{status}"]})
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("status", "answer"), [(200, True), (302, True), (404, True), (502, True), (401, False)])
def test_a_page_says_yes_or_no(ask, status, answer):
    assert ask(status) is answer


def test_a_server_that_cannot_ask_says_neither(ask):
    with pytest.raises(Unanswered, match="500"):
        ask(500)
