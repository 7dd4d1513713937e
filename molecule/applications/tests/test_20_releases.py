"""Each application in turn gets a new release and goes back; all are under load, and the two others do not notice."""

import pytest
from applications import SOURCES, deploy, roll_back, servers
from loads import under_load
from scenario_host import current, pids

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql", "redis-server"]


@pytest.mark.parametrize("name", SOURCES)
def test_a_release_and_its_way_back_drop_nothing_and_touch_no_other_process(name, tmp_path):
    others = [other for other in SOURCES if other != name]
    before, programs, units = current(name), {other: pids(other) for other in others}, servers()
    with under_load(list(SOURCES), tmp_path):
        new = deploy(name, tmp_path)
        back = roll_back(name)
    assert new != before == back
    assert {other: pids(other) for other in others} == programs
    assert servers() == units
