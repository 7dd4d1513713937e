"""`make rolling-restart` and `make update`: refused in words, and asked about, before a host is touched."""

from __future__ import annotations

import pytest
from conftest import DATA, load
from test_maintenance_cli import said
from test_preflight_cli import play, write_inventory

#: What follows the question, and is as far as it gets: the hosts of this inventory cannot be reached.
WORK = "PLAY [Write down who does what]"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        (
            "rolling_restart",
            ["-erolling_group="],
            "GROUP is '': say one of rabbitmq, postgres, redis, etcd, web, worker",
        ),
        ("rolling_restart", ["-erolling_group=all"], "GROUP is 'all': say one of"),
        ("rolling_restart", ["-erolling_group=balancer"], "GROUP is 'balancer': the group has no host here."),
        ("rolling_restart", ["-erolling_group=etcd"], "with one PostgreSQL host there is none."),
        ("update", ["-eupdate_group=nobody"], "GROUP is 'nobody': say one of"),
        ("update", ["-eupdate_reboot=perhaps"], "REBOOT is 'perhaps': say auto (where it is due), always or never."),
    ],
)
def test_what_is_not_understood_is_refused(inventory, verb, given, words):
    run = play(verb, inventory, *given)
    assert run.returncode == 2
    assert words in said(run)
    assert "No host was touched." in said(run)
    assert WORK not in run.stdout


@pytest.mark.parametrize(
    ("verb", "given"), [("rolling_restart", "-erolling_group=rabbitmq"), ("update", "-eupdate_group=")]
)
def test_what_is_away_meanwhile_is_asked_about(inventory, verb, given):
    named = (given, "-eenvironment_name=sample")
    asked = play(verb, inventory, *named)
    assert asked.returncode == 2
    assert "rabbitmq has one host, server: meanwhile no task is accepted" in said(asked)
    assert WORK not in asked.stdout
    assert "and the name sample was not typed: nothing was changed" in said(asked)
    assert WORK in play(verb, inventory, *named, "-econfirm=true").stdout
