"""`make maintenance` as an operator meets it: what is not understood is refused in words before a host is touched."""

from __future__ import annotations

import re

import pytest
from conftest import DATA, load
from test_preflight_cli import play, write_inventory

KEYS = ("state", "application", "allow", "health")
SECOND_PLAY = "PLAY [Write down who does what"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


def said(run) -> str:
    """Return what the run says, on one line."""
    return re.sub(r"\s+", " ", run.stdout)


def test_everything_that_is_wrong_is_said_at_once(inventory):
    wrong = {"state": "maybe", "application": "gardn", "allow": "192.0.2.7,office", "health": "yes"}
    run = play("maintenance", inventory, *(f"-emaintenance_{key}={value}" for key, value in wrong.items()))
    assert run.returncode == 2
    for words in (
        "STATE is 'maybe': say STATE=on or STATE=off.",
        "APP is 'gardn': applications with a site are garden.",
        "ALLOW has office: name addresses or networks",
        "HEALTH is 'yes'",
        "No host was touched.",
    ):
        assert words in said(run), run.stdout
    assert SECOND_PLAY not in run.stdout


def test_without_a_state_it_is_refused(inventory):
    """As `make maintenance` alone hands it over: empty."""
    run = play("maintenance", inventory, *(f"-emaintenance_{key}=" for key in KEYS))
    assert run.returncode == 2
    assert "STATE is ''" in said(run)
    assert "APP is" not in said(run)
    assert SECOND_PLAY not in run.stdout


def test_a_limit_does_not_let_it_through(inventory):
    """A play on localhost would be left out."""
    run = play("maintenance", inventory, "-emaintenance_state=maybe", "--limit=server")
    assert run.returncode == 2
    assert "STATE is 'maybe'" in said(run)
    assert SECOND_PLAY not in run.stdout


def test_what_is_understood_goes_to_the_hosts(inventory):
    """The host of this inventory cannot be reached, which is as far as it gets."""
    run = play("maintenance", inventory, "-emaintenance_state=on", "-emaintenance_allow=192.0.2.7,2001:db8::/48")
    assert SECOND_PLAY in run.stdout, run.stdout
