"""Faults under load: nothing accepted is lost, little is done twice, and all of it ends well unaided."""

import os

import pytest
from drills import drill, report
from drills.faults import FAULTS
from drills.host import Host
from scenario_host import CA, HOST, PORTS, SCRATCH

#: What `make test` has time for.
SHORT = ["worker-killed", "supervisord-killed", "postmaster-killed"]


@pytest.mark.parametrize("name", list(FAULTS) if os.environ.get("CLOCHE_ALL") else SHORT)
def test_fault(name):
    host = Host(HOST, f"https://localhost:{PORTS[443]}", str(CA))
    outcome = drill.run(FAULTS[name](), host, SCRATCH / "drills")
    assert outcome.broken == [], report.row(outcome)
