"""A web host drains, fails or is lost: what was asked of it is answered, or refused, but never done twice."""

import subprocess
import threading
import time

import pytest
from edge import BALANCERS, WEB, changed, fetch, fetch_all, holders, requests, shell, states
from polling import until

DRAIN = "cp -a /root/drain.d/. /etc/nginx/drain.d/ && systemctl reload nginx"
UNDRAIN = "rm -f /etc/nginx/drain.d/garden.* && systemctl reload nginx"


@pytest.fixture(autouse=True)
def _ready():
    """At first all are ready, and as the holder of the address sees it."""
    until(
        lambda: [states(name) for name in BALANCERS], lambda all_: {s for f in all_ for s in f.values()} == {"UP"}, 60
    )
    for host in WEB:
        shell(host, "rm -f /run/application/requests")


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
        shell(host, "echo 503 > /run/application/ready")
    try:
        holder_sees(dict.fromkeys(WEB, "NOLB"))
        assert {fetch("https://garden.test/").seen["host"] for _ in range(4)} == set(WEB)
    finally:
        for host in WEB:
            shell(host, "echo 200 > /run/application/ready")


def test_a_page_that_could_not_be_had_is_asked_for_elsewhere():
    with changed(WEB[0], "systemctl stop nginx", "systemctl start nginx"):
        assert [fetch("https://garden.test/").status for _ in range(6)] == [200] * 6
        assert [fetch("https://garden.test/", "-d", "x=1").status for _ in range(6)] == [200] * 6


def test_of_a_lost_web_host_pages_are_asked_for_again_and_nothing_is_done_twice():
    """Killed as by a loss of power, no connection is ended: what was asked hangs until it is found to be away."""
    slow = [("https://garden.test/slow/4",), ("https://garden.test/slow/4.5", "-d", "x=1")] * 4
    answers = []
    asking = threading.Thread(target=lambda: answers.extend(fetch_all(*slow)))
    asking.start()
    time.sleep(1.5)
    # Not the one that the client is on.
    subprocess.run(["docker", "pause", WEB[0]], check=True, capture_output=True, timeout=30)
    try:
        asking.join()
        assert [fetch("https://garden.test/").status for _ in range(4)] == [200] * 4
    finally:
        subprocess.run(["docker", "unpause", WEB[0]], check=True, capture_output=True, timeout=30)
    pages, posts = answers[0::2], answers[1::2]
    assert [answer.status for answer in pages] == [200] * 4
    assert {answer.seen["host"] for answer in pages} == {WEB[1]}
    assert {answer.status for answer in posts} <= {200, 502}
    done = sum(request == "POST /slow/4.5" for host in WEB for request in requests(host))
    assert done == 4
    assert [answer.status for answer in posts].count(502) == sum("POST" in request for request in requests(WEB[0]))


def test_without_any_web_host_there_is_a_page():
    stop, start = "systemctl stop nginx", "systemctl start nginx"
    with changed(WEB[0], stop, start), changed(WEB[1], stop, start):
        answer = fetch("https://garden.test/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "Back in a moment" in answer.body
