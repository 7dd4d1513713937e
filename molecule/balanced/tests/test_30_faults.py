"""A web host or the balancer with the address is killed under load, as by a loss of power."""

import subprocess
import time
from itertools import pairwise

import pytest
from behind import BALANCERS, WEB, failed, holders, nothing_lost, under_load, until_whole
from polling import until

#: Keep the connections of clients, as browsers do, and as few as there would be requests under way.
LOAD = {"get_rate": 40, "post_rate": 10, "browsers": 8, "timeout": 20}


def engine(verb: str, host: str) -> None:
    subprocess.run(["docker", verb, host], check=True, capture_output=True, timeout=60)


@pytest.fixture(autouse=True)
def _whole():
    until_whole()
    yield
    subprocess.run(["docker", "start", *BALANCERS, *WEB], check=True, capture_output=True, timeout=60)
    until_whole(120)


def killed(host: str, seconds: float = 12) -> float:
    """Kill a host, leave it so for a while, start it again; return when it was killed (epoch)."""
    moment = time.time()
    engine("kill", host)
    time.sleep(seconds)
    engine("start", host)
    return moment


def under_way(samples, moment: float) -> list:
    """Return the requests that were sent and not answered at a moment."""
    return [s for s in samples.requests if s.sent <= moment + 0.2 and s.at + s.ms / 1000 >= moment - 0.2]


def test_of_a_killed_web_host_at_most_what_was_under_way_fails(tmp_path):
    moment, samples = under_load(tmp_path / "samples.ndjson", lambda: killed(WEB[0]), **LOAD)
    lost = failed(samples)
    assert [sample for sample in lost if sample.kind != "post"] == []
    assert len(lost) <= len(under_way(samples, moment)), lost
    nothing_lost(tmp_path / "samples.ndjson")


def test_the_address_of_a_killed_balancer_moves_within_five_seconds(tmp_path):
    (before,) = holders()
    moment, samples = under_load(tmp_path / "samples.ndjson", lambda: killed(before), **LOAD)
    served = sorted(s.at + s.ms / 1000 for s in samples.requests if not s.failed and s.sent >= moment - 1)
    gaps = [(after - last, last - moment) for last, after in pairwise(served)]
    assert max(gaps)[0] <= 5, max(gaps)
    assert until(holders, lambda found: len(found) == 1, 30) != [before]
    nothing_lost(tmp_path / "samples.ndjson")
