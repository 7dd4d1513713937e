"""`site.yml` again: it changes nothing where members lead that did not at first, and replaces a host that was lost."""

import os
import subprocess

from members import database_leader, redis_leader, whole
from polling import until
from topology import GROUPS, INVENTORY, PROJECT, acceptance, assert_accepted


def play(verb: str) -> str:
    """Run a playbook on the scenario's inventory and return what it said."""
    command = ["ansible-playbook", "-i", str(INVENTORY), str(PROJECT / f"playbooks/{verb}.yml")]
    run = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr
    return run.stdout


def test_a_lost_host_is_replaced_by_a_fresh_one():
    """It was the leader of some of them: who leads now goes on, and gives the fresh one its data."""
    lost = database_leader()
    subprocess.run(["docker", "rm", "--force", lost], check=True, capture_output=True, timeout=60)
    leaders = until(lambda: (database_leader(), redis_leader()), lambda found: all(found) and lost not in found, 60)
    play("lab")
    play("site")
    for host in GROUPS["postgres"]:
        until(lambda: whole(host), bool, 120)  # noqa: B023
    assert (database_leader(), redis_leader()) == leaders
    web = GROUPS["web"][0]
    assert_accepted(web, acceptance(web))
