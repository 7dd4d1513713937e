"""From one release to the next: nothing is taken from the old programs before the new ones serve."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import socketserver
import subprocess
import sys
import threading

import pytest
from ansible.module_utils.release import handover
from ansible.module_utils.release.layout import Layout
from supervisor_fake import connect

NEW, OLD = "20261102000000-bbbbbbb", "20261101000000-aaaaaaa"
OLD_WORKERS = [f"garden-worker-{name}-{OLD}" for name in ("default", "slow")]


class Release(handover.Handover):
    """A handover whose `celery` commands are answered by ``replies``: verb -> answers, of which the last repeats."""

    replies: dict

    def run(self, *command, timeout):
        if command[:2] == ("python", "-c"):
            return self.ping(command)
        verb = " ".join(command[3:5])
        nodes = command[command.index("--destination") + 1].split(",")
        self.journal.append((verb, *command[command.index("--destination") + 2 :]))
        answers = self.replies.get(verb, [{}])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        reply = {node: value for node, value in answer.items() if node in nodes}
        noise = "[warning] DeprecationWarning\n"
        return subprocess.CompletedProcess(command, 0, noise + json.dumps(reply) + "\n1 node online.\n", "")

    def ping(self, command):
        """Answer what await_workers runs: with the nodes that stay silent, or as ``replies["ping"]`` says."""
        self.journal.append(("ping",))
        answer = self.replies.get("ping", "")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, subprocess.CompletedProcess):
            return answer
        return subprocess.CompletedProcess(command, 0, answer + "\n", "")


@pytest.fixture
def release(monkeypatch, tmp_path_factory):
    """Return the handover to a new release with an old one running; `journal` is what happened in which order."""
    # Not tmp_path: a socket's path may have 107 characters.
    root = tmp_path_factory.mktemp("h")
    fake, client = connect(monkeypatch, root / "conf.d")
    layout = Layout("garden", root)
    layout.programs(NEW).mkdir(parents=True)
    for program in (f"garden-worker-all-{NEW}", f"garden-web-{NEW}", f"garden-beat-{NEW}"):
        (layout.programs(NEW) / f"{program}.conf").write_text(f"[program:{program}]\n")
    for program in (*OLD_WORKERS, f"garden-web-{OLD}"):
        fake.run(program, "RUNNING")
    found = Release("garden", NEW, client, layout)
    found.journal, found.replies = fake.calls, {}
    monkeypatch.setattr(handover, "POLL", 0.01)
    return found


def nodes(programs, value):
    return {f"{program}@{socket.gethostname()}": value for program in programs}


# --- workers --------------------------------------------------------------------------------------------------------


def test_the_programs_of_a_kind_and_what_they_take_over_from(release):
    fake = release.supervisor._rpc
    fake.run(f"garden-worker-ended-{OLD}", "EXITED")
    fake.run(f"garden-worker-draining-{OLD}", "STOPPING")
    fake.run(f"orchard-worker-all-{OLD}", "RUNNING")
    assert release.others("worker") == OLD_WORKERS
    assert release.start("worker") == [f"garden-worker-all-{NEW}"]
    assert release.start("worker") == []
    assert release.others("worker") == OLD_WORKERS
    assert release.others("web") == [f"garden-web-{OLD}"]
    assert release.others("beat") == []


def test_workers_take_over_in_the_order_that_loses_and_doubles_nothing(release):
    held = [{"id": "1"}]
    release.replies = {
        "inspect active_queues": [
            nodes(OLD_WORKERS[:1], [{"name": "default"}, {"name": "mail"}])
            | nodes(OLD_WORKERS[1:], [{"name": "slow"}, {"name": "mail"}])
        ],
        "inspect reserved": [nodes(OLD_WORKERS, held), nodes(OLD_WORKERS[:1], []), {}, nodes(OLD_WORKERS, [])],
    }
    started = release.start("worker")
    release.await_workers("config", started, timeout=5)
    release.retire_workers("config", release.others("worker"), timeout=5)
    assert [call[:2] if call[0] == "stopProcess" else call for call in release.journal] == [
        ("reloadConfig", sorted([*started, *OLD_WORKERS, f"garden-web-{OLD}"])),
        ("addProcessGroup", started[0]),
        ("ping",),
        ("inspect active_queues",),
        *[("control cancel_consumer", queue) for queue in ("default", "mail", "slow")],
        *[("inspect reserved",)] * 4,
        *[("stopProcess", f"{program}:*") for program in OLD_WORKERS],
    ]


NODE = f"garden-worker-all-{NEW}@{socket.gethostname()}"


@pytest.mark.parametrize("answer", [NODE, subprocess.TimeoutExpired("celery", 35)], ids=["silent", "hanging"])
def test_a_worker_that_does_not_answer_is_named_and_the_old_ones_are_untouched(release, answer):
    release.replies = {"ping": answer}
    started = release.start("worker")
    with pytest.raises(handover.HandoverError, match=f"no answer after 0 s from garden-worker-all-{NEW}@"):
        release.await_workers("config", started, timeout=0.05)
    assert release.withdraw("worker") == f"--- {started[0]}\nthe log of {started[0]}"
    assert {release.supervisor.states()[program] for program in OLD_WORKERS} == {"RUNNING"}
    assert release.supervisor.configured() == {*OLD_WORKERS, f"garden-web-{OLD}"}
    assert "control cancel_consumer" not in {call[0] for call in release.journal}


def test_workers_that_cannot_be_asked_fail_with_the_reason(release):
    release.replies = {"ping": subprocess.CompletedProcess([], 1, "", "Traceback\nImportError: no module named config")}
    with pytest.raises(handover.HandoverError, match="no module named config"):
        release.await_workers("config", release.start("worker"), timeout=5)


def test_the_ping_asks_until_all_have_answered_and_prints_the_silent_ones(tmp_path):
    """The script itself, against a Celery that answers for one node at the second question and never for another."""
    celery = tmp_path / "celery" / "app"
    celery.mkdir(parents=True)
    (tmp_path / "celery" / "__init__.py").touch()
    (celery / "__init__.py").touch()
    (celery / "utils.py").write_text(
        "class Control:\n"
        "    asked = 0\n"
        "    def ping(self, destination, timeout, limit):\n"
        "        assert limit == len(destination)\n"
        "        Control.asked += 1\n"
        "        return [{'up@h': {'ok': 'pong'}}] if Control.asked == 2 else []\n"
        "class App:\n"
        "    control = Control()\n"
        "def find_app(name):\n"
        "    assert name == 'config'\n"
        "    return App()\n"
    )
    command = [sys.executable, "-c", handover.PING, "config", "0.2", "up@h", "silent@h"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == ["silent@h"]


def make_live(release):
    """Let the new release be the current one, its web program up."""
    release.layout.home.mkdir(parents=True, exist_ok=True)
    release.layout.point(release.layout.current, release.layout.release(NEW))
    release.start("web")
    release.started.clear()


def test_a_web_program_that_an_earlier_step_started_goes_with_the_failed_release(release):
    release.start("web")
    release.started.clear()
    release.withdraw("web")
    assert f"garden-web-{NEW}" not in release.supervisor.configured()


def test_a_failing_check_of_the_live_release_does_not_stop_what_serves(release):
    make_live(release)
    assert release.withdraw("web") == ""
    assert f"garden-web-{NEW}" in release.supervisor.configured()


def test_workers_that_never_get_rid_of_their_messages_are_told_after_the_timeout(release):
    release.replies = {
        "inspect active_queues": [nodes(OLD_WORKERS, [{"name": "default"}])],
        "inspect reserved": [nodes(OLD_WORKERS, [{"id": "1"}])],
    }
    release.retire_workers("config", OLD_WORKERS, timeout=0.2)
    assert [call[0] for call in release.journal[-2:]] == ["stopProcess"] * 2
    assert 2 < len(release.journal) < 40


def test_workers_that_answer_nothing_at_all_are_not_waited_for(release):
    release.retire_workers("config", OLD_WORKERS, timeout=60)
    assert [call[0] for call in release.journal] == ["inspect active_queues", *["stopProcess"] * 2]


# --- web ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def listening(path, handler):
    """Serve a unix socket in a thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socketserver.UnixStreamServer(str(path), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def serving(path, *answers):
    """Answer on a unix socket with these statuses, the last one for ever; yield the headers of each request."""
    seen, left = [], list(answers)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append({"path": self.path, **self.headers})
            status = left.pop(0) if len(left) > 1 else left[0]
            body = b"database: down" if status != 200 else b"fine"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self):
            return "unix"

        def log_message(self, *arguments):
            pass

    with listening(path, Handler):
        yield seen


def test_nginx_is_pointed_to_the_new_socket_only_after_it_answered_200(release, monkeypatch):
    layout = release.layout
    layout.web_link.symlink_to(layout.socket(OLD))
    pointed = []
    point = Layout.point
    monkeypatch.setattr(Layout, "point", lambda *names: (pointed.append(len(seen)), point(*names)))
    with serving(layout.socket(NEW), 503, 301, 200) as seen:
        release.await_health("/readyz", "garden.test", timeout=5)
        assert layout.web_link.readlink() == layout.socket(OLD)
        assert release.switch_web()
    assert pointed == [3]
    assert layout.web_link.readlink() == layout.socket(NEW)
    assert not release.switch_web()
    assert pointed == [3]
    # Django refuses an unknown host, and redirects what does not come over TLS.
    assert {(entry["path"], entry["Host"], entry["X-Forwarded-Proto"]) for entry in seen} == {
        ("/readyz", "garden.test", "https")
    }


def test_an_unhealthy_release_is_refused_with_what_it_said(release):
    with (
        serving(release.layout.socket(NEW), 503),
        pytest.raises(handover.HandoverError, match="/readyz is not healthy after 0 s: 503 database: down"),
    ):
        release.await_health("/readyz", "garden.test", timeout=0.1)
    assert not release.layout.web_link.is_symlink()


def test_a_release_that_does_not_listen_is_refused(release):
    with pytest.raises(handover.HandoverError, match=r"not healthy after 0 s: .*No such file"):
        release.await_health("/readyz", "garden.test", timeout=0.1)


def test_a_socket_that_speaks_no_http_is_refused(release):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.recv(100)
            self.request.sendall(b"220 mail\r\n")

    with (
        listening(release.layout.socket(NEW), Handler),
        pytest.raises(handover.HandoverError, match="220 mail"),
    ):
        release.await_health("/readyz", "garden.test", timeout=0.1)
