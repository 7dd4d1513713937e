"""`make drain` as an operator meets it: what is not understood is refused in words before a host is touched."""

from __future__ import annotations

import pytest
from conftest import DATA, load
from test_maintenance_cli import said
from test_preflight_cli import play, write_inventory

WORK = "PLAY [Take the host out"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.mark.parametrize(
    ("host", "state", "words"),
    [
        ("nobody", "out", "HOST is 'nobody': worker and web hosts are server."),
        ("", "", "HOST is ''"),
        # A pattern is not a host.
        ("all", "in", "HOST is 'all'"),
        ("server", "maybe", "STATE is 'maybe': say STATE=out (or nothing) or STATE=in."),
    ],
)
def test_what_is_not_understood_is_refused(inventory, host, state, words):
    run = play("drain", inventory, f"-edrain_host={host}", f"-edrain_state={state}")
    assert run.returncode == 2
    assert words in said(run)
    assert "No host was touched." in said(run)
    assert WORK not in run.stdout


def test_what_is_understood_goes_to_the_host(inventory):
    """The host of this inventory cannot be reached, which is as far as it gets."""
    run = play("drain", inventory, "-edrain_host=server", "-edrain_state=")
    assert WORK in run.stdout, run.stdout
