"""Verbs as an operator meets them: what is not understood is refused in words before a host is touched."""

from __future__ import annotations

import re

import pytest
from conftest import DATA, load
from test_preflight_cli import play, write_inventory

#: The first play of each verb that reaches for hosts.
WORK = {
    "maintenance": "PLAY [Write down who does what",
    "drain": "PLAY [Take the host out",
    "requeue": "PLAY [Write down who does what",
    "rolling_restart": "PLAY [Write down who does what",
    "update": "PLAY [Write down who does what",
}
MAINTENANCE_WRONG = ("maintenance_state=maybe", "maintenance_application=gardn", "maintenance_allow=192.0.2.7,office")
REFUSED = [
    (
        "maintenance",
        (*MAINTENANCE_WRONG, "maintenance_health=yes"),
        (
            "STATE is 'maybe': say STATE=on or STATE=off.",
            "APP is 'gardn': applications with a site are garden.",
            "ALLOW has office: name addresses or networks",
            "HEALTH is 'yes'",
        ),
    ),
    # As `make maintenance` alone hands it over: empty.
    ("maintenance", ("maintenance_state=", "maintenance_application=", "maintenance_allow="), ("STATE is ''",)),
    ("drain", ("drain_host=nobody", "drain_state=out"), ("HOST is 'nobody': worker and web hosts are server.",)),
    ("drain", ("drain_host=", "drain_state="), ("HOST is ''",)),
    # A pattern is not a host.
    ("drain", ("drain_host=all", "drain_state=in"), ("HOST is 'all'",)),
    (
        "drain",
        ("drain_host=server", "drain_state=maybe"),
        ("STATE is 'maybe': say STATE=out (or nothing) or STATE=in.",),
    ),
    (
        "requeue",
        ("requeue_queue=default", "release_only=garden"),
        ("QUEUE is 'default': say QUEUE=unrouted (or nothing) or QUEUE=dead-letter.",),
    ),
    ("rolling_restart", ("rolling_group=all",), ("GROUP is 'all': say one of rabbitmq, postgres, redis, etcd, web",)),
    ("rolling_restart", ("rolling_group=balancer",), ("GROUP is 'balancer': the group has no host here.",)),
    ("rolling_restart", ("rolling_group=etcd",), ("GROUP is 'etcd': with one PostgreSQL host there is none.",)),
    (
        "update",
        ("update_group=nobody", "update_reboot=perhaps"),
        ("GROUP is 'nobody': say one of", "REBOOT is 'perhaps': say auto (where it is due), always or never."),
    ),
    ("requeue", ("release_only=orchard",), ("No application of this name (APP=…) has its queues in RabbitMQ.",)),
]
UNDERSTOOD = [
    ("maintenance", ("maintenance_state=on", "maintenance_allow=192.0.2.7,2001:db8::/48")),
    ("drain", ("drain_host=server", "drain_state=")),
    ("requeue", ("requeue_queue=", "requeue_task=")),
]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


def said(run) -> str:
    """Return what the run says, on one line."""
    return re.sub(r"\s+", " ", run.stdout)


def assert_refused(run, verb: str, *words: str) -> None:
    assert run.returncode == 2
    for each in (*words, "No host was touched."):
        assert each in said(run), run.stdout
    assert WORK[verb] not in run.stdout


@pytest.mark.parametrize(("verb", "told", "words"), REFUSED)
def test_what_is_not_understood_is_refused_and_all_of_it_at_once(inventory, verb, told, words):
    assert_refused(play(verb, inventory, *(f"-e{value}" for value in told)), verb, *words)


def test_what_is_left_out_is_no_fault(inventory):
    run = play("maintenance", inventory, "-emaintenance_state=", "-emaintenance_application=")
    assert "APP is" not in said(run)


def test_a_limit_does_not_let_it_through(inventory):
    """A play on localhost would be left out."""
    run = play("maintenance", inventory, "-emaintenance_state=maybe", "--limit=server")
    assert_refused(run, "maintenance", "STATE is 'maybe'")


@pytest.mark.parametrize(("verb", "told"), UNDERSTOOD)
def test_what_is_understood_goes_to_the_hosts(inventory, verb, told):
    """The host of this inventory cannot be reached, which is as far as it gets."""
    run = play(verb, inventory, *(f"-e{value}" for value in told))
    assert WORK[verb] in run.stdout, run.stdout
