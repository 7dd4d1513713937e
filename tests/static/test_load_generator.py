"""The generator against a server of its own: it sends on time, whatever the server does, and records what came."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from load import figures, marks, samples, verdict
from load.plan import Plan
from load.process import Load, LoadError


class Server(ThreadingHTTPServer):
    """Answers like the ledger. ``hold`` keeps answers back while it is clear; ``cut`` ends connections unanswered."""

    daemon_threads = True
    request_queue_size = 500

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.hold, self.cut, self.keys, self.connections = threading.Event(), False, [], 0
        self.paths: set[str] = set()
        self.hold.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request, client_address) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the body waits for the acknowledgement of the headers.
    wbufsize = -1

    def answer(self, status: int, body: dict) -> None:
        self.server.hold.wait(10)
        if self.server.cut:
            self.close_connection = True
            return
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self.server.paths.add(self.path.partition("?")[0])
        done = len(self.server.keys)
        counts = dict.fromkeys(("lost", "duplicated", "skipped", "unconfirmed", "pending"), 0)
        self.answer(200, counts | {"accepted": done, "completed": done})

    def do_POST(self) -> None:
        self.server.paths.add(self.path)
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.keys += form["key"]
        self.answer(202, {})

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    with Server() as server:
        yield server
        server.shutdown()


@pytest.fixture
def load(server, tmp_path):
    """Return ``load(**plan)``, not started."""
    return lambda **plan: Load(Plan(base_urls=(server.url,), **plan), tmp_path / "samples.ndjson")


def test_a_run_sends_what_was_planned_and_nothing_is_dropped(server, load):
    with load(seconds=2, browsers=4) as running:
        time.sleep(2.2)
        found = running.stop()
    kinds = {kind: part["sent"] for kind, part in figures.by_kind(found.requests).items()}
    assert kinds["get"] in range(99, 102) and kinds["post"] in range(19, 22) and kinds["summary"] in range(1, 4), kinds
    assert len(set(server.keys)) == len(server.keys) == kinds["post"]
    assert all(key.startswith(running.plan.prefix) for key in server.keys)
    assert {sample.path for sample in found.requests if sample.kind == "get"} == {"/", "/livez"}
    # Each browser keeps its connections: some more only where a request met another.
    assert server.connections < 20
    judged = verdict.judge(running.path, bound=10)
    assert (judged["dropped"], judged["ledger"]["completed"]) == ([], kinds["post"])
    assert judged["generator"]["core"] < 0.6


def test_a_ledger_under_another_path_is_posted_to_and_asked_there(server, load):
    with load(seconds=0.5, paths=("/",), ledger_path="/notes/") as running:
        time.sleep(0.7)
        running.stop()
    assert verdict.judge(running.path, bound=10)["dropped"] == []
    assert server.paths == {"/", "/notes/", "/notes/summary/"}


def test_a_server_that_holds_still_delays_no_request_but_all_answers(server, load):
    """What waits is charged from the time at which it was due; a closed loop would show one slow request."""
    with load(get_rate=40, post_rate=0, summary_rate=0) as running:
        time.sleep(0.5)
        server.hold.clear()
        time.sleep(1.5)
        server.hold.set()
        found = running.stop().requests
    slow = sorted(sample.ms for sample in found if sample.ms > 300)
    assert len(slow) > 30, "every request of the second and a half is slow, not only the first"
    assert slow[-1] == pytest.approx(1500, abs=400)
    late = [sample.sent - sample.at for sample in found]
    assert sorted(late)[len(late) // 2] < 0.05
    assert not [sample for sample in found if sample.failed]


def test_a_generator_that_is_held_up_sends_what_was_due_and_says_how_late(load):
    with load(get_rate=40, post_rate=0, summary_rate=0) as running:
        time.sleep(0.5)
        os.kill(running.pid, signal.SIGSTOP)
        time.sleep(1)
        os.kill(running.pid, signal.SIGCONT)
        time.sleep(0.5)
        found = running.stop().requests
    assert figures.lateness(found)["max_ms"] == pytest.approx(1000, abs=300)
    late = [sample for sample in found if sample.sent - sample.at > 0.3]
    assert len(late) > 20, "none was left out"
    assert all(sample.ms >= (sample.sent - sample.at) * 1000 - 1 for sample in late), (
        "latency counts from when it was due"
    )


def test_each_failure_is_recorded_and_none_is_tried_again(server, load):
    with load(get_rate=20, post_rate=20, summary_rate=0) as running:
        server.cut = True
        time.sleep(1)
        found = running.stop().requests
    failed = [sample for sample in found if sample.failed]
    assert {sample.error for sample in failed} <= {"RemoteProtocolError", "ReadError"}
    assert len(failed) > 20
    assert len(server.keys) == len([sample for sample in found if sample.kind == "post"])


def test_an_answer_that_does_not_come_is_a_timeout(server, load):
    with load(get_rate=10, post_rate=0, summary_rate=0, timeout=0.3) as running:
        server.hold.clear()
        time.sleep(1)
        found = running.stop().requests
    server.hold.set()
    assert {sample.error for sample in found[3:]} == {"Timeout"}
    assert all(sample.ms == pytest.approx(300, abs=150) for sample in found[3:])


def test_a_stop_file_ends_it(tmp_path, load):
    running = load(stop_file=str(tmp_path / "stop"))
    running.start()
    (tmp_path / "stop").touch()
    deadline = time.monotonic() + 10
    while samples.read(running.path).end is None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running.stop().end["reason"] == "stop file"


def test_kill_9_leaves_all_but_the_last_second(load):
    running = load()
    running.start()
    time.sleep(1.5)
    os.kill(running.pid, signal.SIGKILL)
    at = time.time()
    with pytest.raises(LoadError, match="not come to its end"):
        running.stop()
    found = samples.read(running.path)
    assert found.requests[-1].at > at - 1
    assert "the generator did not come to its end" in verdict.tell(found)["dropped"]


def test_a_moment_of_a_test_is_a_switch(tmp_path, load):
    with load(browsers=2) as running:
        time.sleep(0.5)
        marks.add(tmp_path / "marks.ndjson", "kill the worker")
        time.sleep(0.5)
        found = running.stop()
    told = verdict.tell(found, marks.read(tmp_path / "marks.ndjson"))
    [switch] = told["switches"]
    assert (switch["name"], switch["failed"]) == ("kill the worker", 0)
    assert switch["sent"] > told["quiet"]["sent"] > 10
