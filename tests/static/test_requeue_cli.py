"""`make requeue` as an operator meets it: what is not understood is refused in words before a host is touched."""

from __future__ import annotations

import pytest
from conftest import DATA, load
from test_maintenance_cli import said
from test_preflight_cli import play, write_inventory

WORK = "PLAY [Send the messages"


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.mark.parametrize(
    ("queue", "application", "words"),
    [
        ("default", "garden", "QUEUE is 'default': say QUEUE=unrouted (or nothing) or QUEUE=dead-letter."),
        ("unrouted", "orchard", "No application of this name (APP=…) has its queues in RabbitMQ."),
    ],
)
def test_what_is_not_understood_is_refused(inventory, queue, application, words):
    run = play("requeue", inventory, f"-erequeue_queue={queue}", f"-erelease_only={application}")
    assert run.returncode == 2
    assert words in said(run)
    assert "No host was touched." in said(run)
    assert WORK not in run.stdout


def test_a_queue_that_is_not_named_is_that_of_what_no_queue_took(inventory):
    """The host of this inventory cannot be reached, which is as far as it gets."""
    run = play("requeue", inventory, "-erequeue_queue=", "-erequeue_task=")
    assert "No host was touched." not in said(run), run.stdout
    assert "PLAY [Write down who does what" in run.stdout, run.stdout
