"""What is away while hosts take turns is asked about, as before a protected environment is changed."""

from __future__ import annotations

import pytest
from conftest import DATA, load
from test_preflight_cli import play, write_inventory
from test_understood_verbs import WORK, said


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.mark.parametrize(
    ("verb", "given"), [("rolling_restart", "-erolling_group=rabbitmq"), ("update", "-eupdate_group=")]
)
def test_what_is_away_meanwhile_is_asked_about(inventory, verb, given):
    named = (given, "-eenvironment_name=sample")
    asked = play(verb, inventory, *named)
    assert asked.returncode == 2
    assert "rabbitmq has one host, server: meanwhile no task is accepted" in said(asked)
    assert "sample is asked about and its name was not typed: nothing was changed" in said(asked)
    assert WORK[verb] not in asked.stdout
    # The hosts of this inventory cannot be reached, which is as far as it gets.
    assert WORK[verb] in play(verb, inventory, *named, "-econfirm=true").stdout
