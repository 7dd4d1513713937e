"""From one web process to the next: nginx is pointed only to what has answered."""

from __future__ import annotations

import contextlib
import http.server
import socketserver
import threading
import time

import handover_samples
import pytest
from ansible.module_utils.release import handover
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.priority import BOOTING, ENDING, USUAL
from conftest import plugin
from handover_samples import NEW, OLD, OLD_WEB, WEB

programs = plugin("modules/release_programs")
HEALTH = {"path": "/readyz", "host": "garden.test", "workers": "2", "warm_up": ["/readyz", "/"]}
PARAMS = {"health": HEALTH, "start_timeout": 5, "drain_timeout": 7}


@pytest.fixture
def release(monkeypatch, tmp_path_factory):
    return handover_samples.make(monkeypatch, tmp_path_factory.mktemp("h"))[0]


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
            # In one piece: who asks goes away when it has read the status.
            self.wfile.write(b"HTTP/1.0 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))

        def address_string(self):
            return "unix"

        def log_message(self, *arguments):
            pass

    with listening(path, Handler):
        yield seen


def test_each_path_is_asked_as_often_as_it_takes_to_reach_every_process(release):
    with serving(release.layout.socket(NEW), 200) as seen:
        release.warm_up(["/readyz", "/"], "garden.test", workers=2)
    assert [question["path"] for question in seen] == ["/readyz", "/readyz", "/", "/"] * handover.WARM_UPS


# --- health ---------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("state", ["BACKOFF", "EXITED", "FATAL"])
def test_a_release_that_ended_at_its_start_is_refused_at_once(release, state):
    """A minute of waiting would change nothing, and the log says why."""
    release.start("web")
    release.supervisor._rpc.run(WEB, state)
    begun = time.monotonic()
    with pytest.raises(handover.HandoverError, match=f"/readyz can't be asked: {WEB} ended at its start"):
        release.await_health("/readyz", "garden.test", timeout=30)
    assert time.monotonic() - begun < 5


def test_a_release_that_still_starts_is_waited_for(release):
    release.start("web")
    release.supervisor._rpc.run(WEB, "STARTING")
    release.supervisor._rpc.run(OLD_WEB, "FATAL")
    with pytest.raises(handover.HandoverError, match="not healthy after 0 s"):
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


@pytest.mark.parametrize(("requests", "policies"), [(0, [ENDING]), (1, [])])
def test_a_process_that_still_answers_ends_at_its_usual_priority(release, monkeypatch, requests, policies):
    monkeypatch.setattr(handover, "under_way", lambda path: requests)
    release.end_web([OLD_WEB])
    assert [call[2] for call in release.supervisor._rpc.calls if call[0] == "policy"] == policies
    assert [call[0] for call in release.supervisor._rpc.calls if call[0] == "stopProcess"] == ["stopProcess"]


# --- the switch -----------------------------------------------------------------------------------------------------


def test_nginx_is_pointed_to_the_new_socket_only_after_it_answered_200(release, monkeypatch):
    layout = release.layout
    layout.web_link.symlink_to(layout.socket(OLD))
    layout.current.symlink_to(layout.release(OLD))
    pointed = []
    point = Layout.point
    monkeypatch.setattr(Layout, "point", lambda *names: (pointed.append((names[1].name, len(seen))), point(*names)))
    waited = []
    monkeypatch.setattr(handover.Handover, "await_backlog", lambda *given: waited.append((len(pointed), *given[1:])))
    with serving(layout.socket(NEW), 503, 301, 200) as seen:
        assert programs.hand_over_web(release, PARAMS) == ([WEB], [OLD_WEB])
    # Until it was healthy, then by as many at once as it has processes: none keeps its first visitor waiting.
    asked = 3 + handover.WARM_UPS * 2 * len(HEALTH["warm_up"])
    # The pages that the new process writes name assets which lie in its own release.
    assert pointed == [("previous", asked), ("current", asked), ("web.sock", asked)]
    assert waited == [(3, [OLD_WEB], 7)]
    assert layout.web_link.readlink() == layout.socket(NEW)
    assert (layout.current_id(), layout.previous_id()) == (NEW, OLD)
    policies = [call[1:] for call in release.supervisor._rpc.calls if call[0] == "policy"]
    given = [(WEB, BOOTING), (WEB, USUAL), (OLD_WEB, ENDING)]
    assert policies == [(release.supervisor.pids([program]), policy) for program, policy in given]
    # Django refuses an unknown host, and redirects what does not come over TLS.
    assert {(entry["path"], entry["Host"], entry["X-Forwarded-Proto"]) for entry in seen} == {
        (path, "garden.test", "https") for path in HEALTH["warm_up"]
    }


def test_what_serves_already_is_only_asked_whether_it_is_healthy(release):
    release.start("web")
    release.switch_web()
    release.supervisor.stop(OLD_WEB)
    with serving(release.layout.socket(NEW), 200) as seen:
        assert programs.hand_over_web(release, PARAMS) == ([], [])
    assert len(seen) == 1


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_a_switch_that_was_cut_off_is_completed_and_one_that_was_not_is_left_alone(release, monkeypatch, done):
    layout, point, left = release.layout, Layout.point, [done]
    layout.current.symlink_to(layout.release(OLD))
    layout.web_link.symlink_to(layout.socket(OLD))

    def cut(*names):
        if not left[0]:
            raise ConnectionError("cut off")
        left[0] -= 1
        point(*names)

    monkeypatch.setattr(Layout, "point", cut)
    with contextlib.suppress(ConnectionError):
        release.switch_web()
    monkeypatch.setattr(Layout, "point", point)
    assert release.switch_web() is (done < 3)
    assert (layout.current_id(), layout.previous_id()) == (NEW, OLD)
    assert layout.web_link.readlink() == layout.socket(NEW)
    assert not release.switch_web()
