"""The acceptance suite against each web host, at the same time."""

import pytest
from topology import ALL, GROUPS, acceptance, assert_accepted

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")


@pytest.fixture(scope="module")
def runs():
    """The suites, started side by side: half of their time they wait for tasks."""
    return {web: acceptance(web) for web in GROUPS["web"]}


@pytest.mark.parametrize("web", GROUPS["web"])
def test_acceptance(runs, web):
    assert_accepted(web, runs[web])
