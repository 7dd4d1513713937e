"""A member fails under load: nothing accepted is lost, others serve within seconds, and it comes back by itself."""

import subprocess
import time
from itertools import pairwise

import pytest
from load import verdict
from load.plan import Plan
from load.process import Load
from members import BACK, behaves
from polling import until
from topology import GROUPS, PRIVATE, published

#: Seconds in which nothing may be accepted.
LIMIT = {"rabbitmq": 15}
FAULTS = {"killed": ("kill", "start"), "paused": ("pause", "unpause")}
DOWN = 30


def engine(verb: str, host: str) -> None:
    subprocess.run(["docker", verb, host], check=True, capture_output=True, timeout=60)


def longest_gap(path) -> float:
    """Return the longest time, in seconds, between two entries that were accepted."""
    times = sorted(
        sample.at for sample in verdict.read(path).requests if sample.kind == "post" and sample.status == 202
    )
    return max(after - before for before, after in pairwise(times))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("service", LIMIT)
def test_a_member_that_fails(tmp_path, service, fault):
    host = behaves(service)
    urls = tuple(f"https://localhost:{published(web, 443)}" for web in GROUPS["web"])
    plan = Plan(base_urls=urls, ca=str(PRIVATE / "ca.crt"), get_rate=2, post_rate=5)
    asked = Load(plan, tmp_path / "samples.ndjson")
    begin, end = FAULTS[fault]
    asked.start()
    try:
        time.sleep(5)
        engine(begin, host)
        time.sleep(DOWN)
        engine(end, host)
        time.sleep(10)
    finally:
        asked.stop()
    ledger = verdict.judge(asked.path)["ledger"]
    assert (ledger["lost"], ledger["forgotten"]) == (0, 0), ledger
    # At most what was under way: handed out, done, and not acknowledged yet.
    assert ledger["duplicated"] <= 6, ledger
    assert longest_gap(asked.path) <= LIMIT[service]
    until(lambda: BACK[service](host), bool, 90)
