"""The short ones of the drills: faults under load. `make drill` knows them all."""

import pytest
from drills import drill
from drills.faults import FAULTS
from drills.stack import of_environment
from scenario_host import INVENTORY, SCRATCH

SERVICES = ["supervisor", "rabbitmq-server", "nginx", "postgresql"]


@pytest.fixture(scope="module")
def environment():
    """Return the scenario's hosts by their groups; Ansible reads an inventory once in a process."""
    return of_environment(str(INVENTORY))


@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.short])
def test_fault(host, environment, name):
    """Nothing accepted is lost, little is done twice, and it is all well again unaided."""
    outcome = drill.run(FAULTS[name](), environment, SCRATCH / "drills")
    assert outcome.broken == []
