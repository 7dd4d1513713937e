"""What the tests of this scenario share."""

import pytest
from operating import INVENTORY, by_engine
from scenario_host import Site


@pytest.fixture
def garden() -> Site:
    """The sample application's site."""
    return Site("localhost")


@pytest.fixture(params=["ssh", "docker"])
def inventory(request: pytest.FixtureRequest):
    """The environment, its host reached in each way in turn."""
    return INVENTORY if request.param == "ssh" else by_engine()
