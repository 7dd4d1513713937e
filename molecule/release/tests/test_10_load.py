"""Releases in a row under a steady load: nothing is refused, lost or done twice."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import versions
from kit import ALL, URL, current, deploy, load_plan
from load import marks, report, samples, saturation, verdict
from load.process import Load
from scenario_host import PROJECT, SCRATCH

CHANGES = {"code": versions.new_code, "dependency": versions.new_dependency, "migration": versions.new_column}
#: What `make test` has time for.
SHORT = ["migration"]
QUIET_SECONDS = 15
SATURATED_SECONDS = 40
#: Two for each web process: one is being answered, one waits. With more, each would wait for all others: 32 that are
#: answered 100 times a second wait 320 ms each, release or not.
CONNECTIONS = 6


@pytest.fixture(scope="module")
def under_load(request):
    """Release each change under load; return the verdict, and the releases that were live in turn."""
    versions.pristine()
    deploy()
    kept, told = SCRATCH / "samples.ndjson", SCRATCH / "marks.ndjson"
    told.unlink(missing_ok=True)
    load, releases = Load(load_plan(), kept), [current()]
    load.start()
    try:
        time.sleep(QUIET_SECONDS)
        for name in CHANGES if ALL else SHORT:
            CHANGES[name]()
            deploy(marks=told)
            releases.append(current())
            time.sleep(QUIET_SECONDS / 3)
    finally:
        load.stop()
    spans = marks.read(told)
    found = verdict.judge(kept, spans)
    yield found, releases
    if ALL:
        out = PROJECT / ".cache/load"
        shutil.rmtree(out, ignore_errors=True)
        report.write(samples.read(kept), spans, out)


def test_nothing_is_dropped(under_load):
    """Every request was answered with 2xx, every accepted key was completed, once."""
    found, releases = under_load
    print(json.dumps(found, indent=1, default=str)[:6000])
    assert found["dropped"] == []
    assert len(set(releases)) == len(releases), "a release did not become live"
    assert found["requests"]["get"]["sent"] > 40 * QUIET_SECONDS
    assert found["requests"]["post"]["sent"] > 8 * QUIET_SECONDS


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`: another scenario beside it would be measured as well")
def test_nobody_waits_longer_around_a_switch(under_load):
    """p99 in the 5 s around each switch is at most 1.5 times that of the quiet time before."""
    found, releases = under_load
    ratios = [switch["p99_ratio"] for switch in found["switches"]]
    assert len(ratios) == len(releases) - 1
    assert max(ratios) <= 1.5, found["switches"]


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
@pytest.mark.parametrize("kind", ["get", "post"])
def test_nothing_fails_in_a_saturated_stack(kind, source):
    """wrk asks as often as it is answered: no answer but 2xx, the slowest within 250 ms."""
    planned = load_plan()

    def ask() -> dict:
        if kind == "post":
            return saturation.saturate_ledger(planned, SATURATED_SECONDS, CONNECTIONS)
        found = saturation.saturate(f"{URL}/livez", SATURATED_SECONDS, CONNECTIONS)
        return vars(found) | {"failed": found.failed}

    before = current()
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ask)
        time.sleep(5)
        deploy()
        found = asked.result()
    print(json.dumps(found, indent=1, default=str))
    assert current() != before
    assert found["requests"] > 0
    assert found["failed"] == 0
    assert found["max_ms"] <= 250
