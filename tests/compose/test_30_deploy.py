"""Another version for compose/production under the load of a release: nothing fails, nothing is lost or done twice."""

from __future__ import annotations

import json
import time

import pytest
from load import verdict
from load.process import Load

READINESS = "app/health/services.py"


@pytest.fixture(scope="module")
def deployed(production, tmp_path_factory):
    """Release another version, a broken one, and go back, under one load; return the verdict and what was said."""
    path, said = tmp_path_factory.mktemp("load") / "samples", {}
    services = production.tree / READINESS
    load = Load(production.plan(), path)
    load.start()
    try:
        time.sleep(5)
        (production.tree / "app/version.txt").write_text("second\n")
        said["deploy"] = production.run("compose/deploy", seconds=420, check=False)
        whole = services.read_text()
        services.write_text(whole.replace("ready = all(", "ready = not all("))
        said["bad"] = production.run("compose/deploy", seconds=420, check=False)
        services.write_text(whole)
        said["rollback"] = production.run("compose/deploy", "--rollback", seconds=420, check=False)
        time.sleep(5)
    finally:
        load.stop()
    return verdict.judge(path, [], 180), said


def test_nothing_is_dropped(deployed):
    found, said = deployed
    print(json.dumps(found, indent=1, default=str)[:4000])
    for name, done in said.items():
        print(f"--- {name}\n{done.stdout}{done.stderr}")
    assert found["dropped"] == []
    assert found["requests"]["get"]["sent"] > 40 * 20
    assert found["ledger"]["accepted"] == found["ledger"]["completed"] > 100


def test_a_deploy_is_live_and_tells_what_ran_before(deployed, production):
    _, said = deployed
    assert said["deploy"].returncode == 0, said["deploy"].stderr
    assert "before: cloche-test/garden:first" in said["deploy"].stdout


def test_a_bad_version_takes_no_traffic_and_leaves_nothing(deployed, production):
    _, said = deployed
    assert said["bad"].returncode == 1
    assert "unhealthy" in said["bad"].stderr
    assert "the workers go back" in said["bad"].stdout
    states = [c["State"]["Status"] for c in production.containers().values()]
    assert not [state for state in states if state in {"restarting", "dead", "created"}]


def test_rollback_goes_back_to_the_first_version(deployed, production):
    _, said = deployed
    assert said["rollback"].returncode == 0, said["rollback"].stderr
    for service in ("web", "celery_worker", "celery_beat"):
        [image] = {
            c["Config"]["Image"] for c in production.containers().values()
            if c["Config"]["Labels"]["com.docker.compose.service"] == service and c["State"]["Running"]
        }  # fmt: skip
        assert image == "cloche-test/garden:first"
