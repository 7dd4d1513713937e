"""`make status` where no host answers: that is an answer, too."""

from __future__ import annotations

import json

import pytest
from conftest import DATA, load
from test_preflight_cli import SECRETS, play, write_inventory

GIVEN = {
    "environment_name": "test",
    "rabbitmq_management_port": 15672,
    "rabbitmq_operator": {"name": "operator", "password": SECRETS["vault_operator_password"]},
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


def status(inventory, **given):
    """Run the playbook as `bin/play` does."""
    return play("status", inventory, "-e", json.dumps(GIVEN | given), callback="answer")


def test_it_is_red_and_named_in_the_table(inventory):
    run = status(inventory)
    assert run.returncode in {2, 4, 6}, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0] == "server: red"
    assert lines[1].startswith("  RED  error  host")
    assert lines[-1] == "test: red; 1 red, 0 yellow"


def test_the_document_is_all_of_standard_output_and_holds_no_secret(inventory):
    run = status(inventory, format="json")
    assert json.loads(run.stdout)["hosts"]["server"]["level"] == "red"
    assert SECRETS["vault_operator_password"] not in run.stdout + run.stderr


def test_another_format_is_refused(inventory):
    run = status(inventory, format="yaml")
    assert run.returncode != 0
    assert "one of: table, json" in run.stderr
