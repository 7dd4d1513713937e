"""A web host drains, fails or is lost: what was asked of it is answered, or refused, but never done twice."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from edge import BALANCERS, WEB, Answer, changed, fetch, fetch_all, holders, requests, shell, states
from polling import until

DRAIN = "cp -a /root/drain.d/. /etc/nginx/drain.d/ && systemctl reload nginx"
UNDRAIN = "rm -f /etc/nginx/drain.d/garden.* && systemctl reload nginx"


@dataclass
class Asked:
    """Requests at the same time: their answers, pages first, and the methods of those that the first web host had."""

    answers: list[Answer] = field(default_factory=list)
    held: list[str] = field(default_factory=list)


@pytest.fixture(autouse=True)
def _ready():
    """At first all are ready, and as the holder of the address sees it."""
    until(
        lambda: [states(name) for name in BALANCERS], lambda all_: {s for f in all_ for s in f.values()} == {"UP"}, 60
    )
    for host in WEB:
        shell(host, "rm -f /var/lib/application/requests")


def holder_sees(wanted: dict[str, str], seconds: float = 20) -> None:
    (holder,) = holders()
    until(lambda: states(holder), lambda found: found == wanted, seconds)


def test_a_web_host_that_drains_ends_what_it_has_and_gets_nothing_new():
    slow = [("https://garden.test/slow/6",), ("https://garden.test/slow/6", "-d", "x=1")] * 2
    answers = []
    asking = threading.Thread(target=lambda: answers.extend(fetch_all(*slow)))
    asking.start()
    time.sleep(1)
    with changed(WEB[0], DRAIN, UNDRAIN):
        holder_sees({WEB[0]: "NOLB", WEB[1]: "UP"})
        assert {fetch("https://garden.test/").seen["host"] for _ in range(4)} == {WEB[1]}
        asking.join()
    assert [answer.status for answer in answers] == [200] * 4
    assert {answer.seen["host"] for answer in answers} == set(WEB)
    assert sum(len(requests(host)) for host in WEB) == 4 + 4


def test_where_none_is_ready_a_web_host_says_why():
    """Its own page, be it of maintenance; a balancer has none that knows."""
    for host in WEB:
        shell(host, "echo 503 > /var/lib/application/ready")
    try:
        holder_sees(dict.fromkeys(WEB, "NOLB"))
        assert {fetch("https://garden.test/").seen["host"] for _ in range(4)} == set(WEB)
    finally:
        for host in WEB:
            shell(host, "echo 200 > /var/lib/application/ready")


def test_a_page_that_could_not_be_had_is_asked_for_elsewhere():
    with changed(WEB[0], "systemctl stop nginx", "systemctl start nginx"):
        assert [fetch("https://garden.test/").status for _ in range(6)] == [200] * 6
        assert [fetch("https://garden.test/", "-d", "x=1").status for _ in range(6)] == [200] * 6


def engine(verb: str, host: str) -> None:
    subprocess.run(["docker", verb, host], check=True, capture_output=True, timeout=60)


@contextmanager
def asking() -> Iterator[Asked]:
    """Ask for slow pages and post slow entries, and let the block go on once web hosts are at work on all of them."""
    asked = Asked()
    slow = [("https://garden.test/slow/6",)] * 4 + [("https://garden.test/slow/6.5", "-d", "x=1")] * 4
    running = threading.Thread(target=lambda: asked.answers.extend(fetch_all(*slow)))
    running.start()
    until(lambda: [request for host in WEB for request in requests(host)], lambda found: len(found) == len(slow), 15)
    # Not of the host that the client is on.
    asked.held = [request.split()[0] for request in requests(WEB[0])]
    yield asked
    running.join()


def done(kind: str) -> int:
    """Return how many slow requests of a kind the application was asked for."""
    return sum(request.startswith(f"{kind} /slow") for host in WEB for request in requests(host))


def test_of_a_killed_web_host_pages_are_asked_for_again_and_nothing_is_done_twice():
    """As by a loss of power, which ends no connection."""
    with asking() as asked:
        engine("kill", WEB[0])
        assert [fetch("https://garden.test/").status for _ in range(8)] == [200] * 8
    engine("start", WEB[0])
    pages, posts = asked.answers[:4], asked.answers[4:]
    assert [answer.status for answer in pages] == [200] * 4
    assert {answer.seen["host"] for answer in pages} == {WEB[1]}
    assert [answer.status for answer in posts if answer.status != 200] == [502] * asked.held.count("POST")
    assert (done("GET"), done("POST")) == (4 + asked.held.count("GET"), 4)


def test_a_web_host_that_hangs_gets_nothing_new():
    """Its kernel still answers: what it had is answered when it goes on."""
    with asking() as asked:
        engine("pause", WEB[0])
        try:
            holder_sees({WEB[0]: "DOWN", WEB[1]: "UP"})
            assert [fetch("https://garden.test/").seen["host"] for _ in range(4)] == [WEB[1]] * 4
        finally:
            engine("unpause", WEB[0])
    assert [answer.status for answer in asked.answers] == [200] * 8
    assert (done("GET"), done("POST")) == (4, 4)


def test_without_any_web_host_there_is_a_page():
    stop, start = "systemctl stop nginx", "systemctl start nginx"
    with changed(WEB[0], stop, start), changed(WEB[1], stop, start):
        answer = fetch("https://garden.test/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "Back in a moment" in answer.body
