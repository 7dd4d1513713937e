"""A member fails under load: nothing accepted is lost, others serve within seconds, and it comes back by itself."""

import subprocess
import time
from itertools import pairwise

import pytest
from load import verdict
from load.plan import Plan
from load.process import Load
from members import database_leader, redis_leader, replication, whole
from polling import until
from topology import ALL, GROUPS, PRIVATE, inside, published

DATA = GROUPS["postgres"]
#: Seconds that a fault lasts.
DOWN = 30


def engine(*words: str) -> None:
    subprocess.run(["docker", *words], check=True, capture_output=True, timeout=60)


#: Fault to where it happens, how it begins and ends, and in how many seconds entries have to be accepted again.
FAULTS = {
    "broker killed": (
        lambda: GROUPS["rabbitmq"][0],
        lambda host: inside(host, "systemctl", "kill", "--signal=KILL", "rabbitmq-server"),
        lambda host: None,
        15,
    ),
    "host of the leader killed": (
        database_leader,
        lambda host: engine("kill", host),
        lambda host: engine("start", host),
        30,
    ),
    "host of the leader paused": (
        database_leader,
        lambda host: engine("pause", host),
        lambda host: engine("unpause", host),
        30,
    ),
}


def longest_gap(path) -> float:
    """Return the longest time, in seconds, between two entries that were accepted."""
    posts = (sample for sample in verdict.read(path).requests if sample.kind == "post" and sample.status == 202)
    return max(after - before for before, after in pairwise(sorted(sample.at for sample in posts)))


@pytest.fixture(autouse=True)
def _all_are_there():
    for host in DATA:
        until(lambda: whole(host), bool, 120)  # noqa: B023


@pytest.mark.parametrize("fault", FAULTS if ALL else ["broker killed", "host of the leader killed"])
def test_a_member_that_fails(tmp_path, fault):
    where, begin, end, limit = FAULTS[fault]
    urls = tuple(f"https://localhost:{published(web, 443)}" for web in GROUPS["web"])
    plan = Plan(base_urls=urls, ca=str(PRIVATE / "ca.crt"), get_rate=2, post_rate=5)
    asked = Load(plan, tmp_path / "samples.ndjson")
    host = where()
    asked.start()
    try:
        time.sleep(5)
        begin(host)
        time.sleep(DOWN)
        end(host)
        time.sleep(10)
    finally:
        asked.stop()
    ledger = verdict.judge(asked.path)["ledger"]
    assert (ledger["lost"], ledger["forgotten"]) == (0, 0), ledger
    # At most what was under way: handed out, done, and not acknowledged yet.
    assert ledger["duplicated"] <= 6, ledger
    assert longest_gap(asked.path) <= limit
    until(lambda: whole(host), bool, 120)


def test_another_redis_leads_within_seconds_and_the_old_one_follows():
    before = redis_leader()
    inside(before, "systemctl", "stop", "redis-server@garden-state")
    begun = time.monotonic()
    after = until(redis_leader, lambda leader: leader not in ("", before), 10)
    assert time.monotonic() - begun <= 10
    inside(before, "systemctl", "start", "redis-server@garden-state")
    until(lambda: replication(before).get("master_link_status"), lambda state: state == "up", 60)
    assert redis_leader() == after
