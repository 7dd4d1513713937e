"""The acceptance suite, through HAProxy to whatever member serves."""

from topology import GROUPS, acceptance, assert_accepted


def test_acceptance():
    web = GROUPS["web"][0]
    assert_accepted(web, acceptance(web))
