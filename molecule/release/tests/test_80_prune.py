"""What is kept on a host."""

import uuid

import pytest
import versions
from kit import ALL, current, deploy, runs
from polling import until
from scenario_host import programs, shell

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
KEPT = 5


def releases() -> set[str]:
    return set(shell("ls /srv/garden/releases").split())


def test_five_releases_are_kept_and_one_that_drains(site, live):
    """The one that drains is the oldest by far when its task ends; it goes with the release after that."""
    prefix = f"drain.{uuid.uuid4().hex}."
    site.accept(prefix, queue="slow", seconds=240)
    until(lambda: runs(prefix), bool, 10)
    order = [live]
    for _ in range(KEPT + 1):
        versions.new_code()
        deploy()
        order.append(current())
    assert "STOPPING" in [state for name, state in programs().items() if live in name]
    assert releases() == {live, *order[-KEPT:]}
    site.check_settled(prefix, 1, 260)
    until(lambda: [state for name, state in programs().items() if live in name and state == "STOPPING"], [].__eq__, 20)
    versions.new_code()
    deploy()
    assert releases() == {*order[-KEPT + 1 :], current()}
