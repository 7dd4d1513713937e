"""The kit's RabbitMQ and a Redis as a tutorial starts it, both on a host of the lab."""

from __future__ import annotations

import json
import secrets

from provisioning.process import docker

_USER = "bench"
_REDIS_PORT = 6399
#: What the kit's role rabbitmq says of an application's queues.
_POLICY = {
    "delivery-limit": 5,
    "dead-letter-exchange": "dead-letter",
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
    "max-length": 100_000,
}


class Brokers:
    """Brokers with nothing in them, as URLs that hold on the host ``name``."""

    def __init__(self, name: str) -> None:
        self._host, self._password = name, secrets.token_urlsafe(16)

    def start(self) -> None:
        """Make the user, start Redis, and stop the host's own programs, which would be measured as well."""
        self._run("supervisorctl", "stop", "all")
        self._run("rabbitmqctl", "--quiet", "add_user", _USER, self._password)
        # Without a file: its own defaults, beside the instances of the kit.
        self._run("redis-server", "--port", str(_REDIS_PORT), "--dir", "/tmp", "--daemonize", "yes")

    def rabbitmq(self) -> str:
        """Return the URL of a fresh virtual host with the kit's policy for quorum queues."""
        vhost = f"bench-{secrets.token_hex(4)}"
        self._run("rabbitmqctl", "--quiet", "add_vhost", vhost)
        self._run("rabbitmqctl", "--quiet", "set_permissions", "--vhost", vhost, _USER, ".*", ".*", ".*")
        apply_to = ("--apply-to", "quorum_queues")
        self._run("rabbitmqctl", "--quiet", "set_policy", "-p", vhost, *apply_to, "kit", ".*", json.dumps(_POLICY))
        return f"amqp://{_USER}:{self._password}@127.0.0.1:5672/{vhost}"

    def redis(self) -> str:
        """Return the URL of an emptied database."""
        self._run("redis-cli", "-p", str(_REDIS_PORT), "flushall")
        return f"redis://127.0.0.1:{_REDIS_PORT}/0"

    def _run(self, *command: str) -> None:
        docker("exec", self._host, *command, timeout=120)
