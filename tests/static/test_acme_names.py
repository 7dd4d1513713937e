"""Whether names lead where an ACME authority will ask, in the words in which preflight says it."""

from __future__ import annotations

import socket
import struct
import threading

import pytest
from ansible.module_utils import acme_names

HOSTS = {"web-1": ["192.0.2.11"], "garden.test": ["192.0.2.11"], "far.test": ["203.0.113.9"]}
HOSTS |= {"six.test": ["192.0.2.11", "2001:db8::1"]}


def judged(name: str, said: str | OSError | None, content: str = "") -> list[tuple[str, str]]:
    def ask(address: str, host: str, path: str) -> str | None:
        assert (host, path) == (name, "/sign")
        if isinstance(said, OSError):
            raise said
        return said

    problems = acme_names.problems([name], ["web-1"], "/sign", content, lambda n: HOSTS.get(n, []), ask)
    assert [problem["variable"] for problem in problems] in ([], [f"domain {name}"])
    return [(problem["value"], problem["remedy"]) for problem in problems]


def test_a_name_that_leads_here_can_be_proved():
    """Before there is a web server, a port that refuses can be reached all the same."""
    assert judged("garden.test", None) == []
    assert judged("garden.test", "web-1", "web-1") == []


@pytest.mark.parametrize(
    ("name", "said", "content", "value", "words"),
    [
        ("nowhere.test", None, "", "(no address)", "does not resolve: add a record that leads to 192.0.2.11"),
        ("far.test", None, "", "203.0.113.9", "does not lead to 192.0.2.11: correct its record"),
        ("six.test", "web-1", "web-1", "2001:db8::1", "does not lead to 192.0.2.11"),
        ("garden.test", TimeoutError("timed out"), "", "192.0.2.11", "port 80 cannot be reached (timed out): open it"),
        ("garden.test", None, "web-1", "192.0.2.11", "port 80 does not show /sign: nobody listens"),
        ("garden.test", "status 404", "web-1", "192.0.2.11", "another server answers there (status 404)"),
    ],
)
def test_a_name_that_could_not_be_proved_has_a_remedy(name, said, content, value, words):
    ((shown, remedy),) = judged(name, said, content)
    assert shown == value
    assert words in remedy


def test_a_server_that_hangs_up_can_be_reached(monkeypatch):
    """nginx ends the connection for a name that it does not know yet: the further name of a site that is there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(acme_names, "PORT", server.getsockname()[1])

        def hang_up() -> None:
            client, _ = server.accept()
            # Closed with a reset, as where a request has not been read.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        assert acme_names.answer("127.0.0.1", "late.test", "/sign") == "no HTTP"
        thread.join()
