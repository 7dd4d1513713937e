"""`site.yml` again: it changes nothing where members lead that did not at first, and replaces a host that was lost."""

import hashlib
import os
import ssl
import subprocess

from members import database_leader, redis_leader, whole
from polling import until
from topology import GROUPS, INVENTORY, PROJECT, acceptance, assert_accepted, inside
from wire import SSL_REQUEST, shown

#: Port of what shows the host's certificate, and what is said there before TLS.
SERVERS = {5432: SSL_REQUEST, 5671: "", 15671: "", 6381: "", 8008: ""}
#: What must not restart for it.
RUNNING = ["patroni", "etcd", "rabbitmq-server", "redis-server@garden-state", "redis-server@garden-cache"]


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
    # Another has a certificate that is to be replaced, and goes on while it is: Redis read this key when it started.
    other = next(host for host in GROUPS["postgres"] if host != lost)
    started = inside(other, "systemctl", "show", "--value", "--property=MainPID", *RUNNING)
    before = inside(other, "cat", "/etc/cloche/tls/host.pem")
    inside(other, "rm", "/etc/cloche/tls/redis.key")
    leaders = until(lambda: (database_leader(), redis_leader()), lambda found: all(found) and lost not in found, 60)
    play("lab")
    play("site")
    for host in GROUPS["postgres"]:
        until(lambda: whole(host), bool, 120)  # noqa: B023
    assert (database_leader(), redis_leader()) == leaders
    pem = inside(other, "cat", "/etc/cloche/tls/host.pem")
    assert pem != before
    new = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    web = GROUPS["web"][0]
    found = {port: shown(web, other, port, begin) for port, begin in SERVERS.items()}
    assert found == dict.fromkeys(SERVERS, new)
    assert inside(other, "systemctl", "show", "--value", "--property=MainPID", *RUNNING) == started
    assert_accepted(web, acceptance(web))
