"""The host is gone with all it had, and comes back by its runbook. Last, as nothing of the scenario is left before."""

from __future__ import annotations

import os
import subprocess

import pytest
from polling import until
from scenario_host import HOST, PROJECT
from test_60_runbooks import steps, try_it

pytestmark = pytest.mark.skipif(not os.environ.get("CLOCHE_ALL"), reason="two minutes more; runs with `make test-all`")
PAGE = PROJECT / "docs/runbooks/lost-a-host.md"


def test_a_lost_host_comes_back_by_its_page(garden):
    subprocess.run(["docker", "rm", "--force", "--volumes", HOST], check=True, capture_output=True)
    first, second, *others = steps(PAGE)
    assert f"{HOST}: red" in try_it(first).stdout
    # It is the only one, and still described.
    assert f"No answer from {HOST}" in try_it(second).stdout
    failed = [f"{s}\n{d.stdout[-2000:]}\n{d.stderr[-2000:]}" for s in others if (d := try_it(s)).returncode]
    assert failed == [], "\n".join(failed)
    until(lambda: garden.request("GET", "/readyz").status_code, lambda status: status == 200, 30)
