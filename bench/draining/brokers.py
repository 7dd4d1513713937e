"""A container of its own with RabbitMQ and Redis from Debian's packages, as they are installed."""

from __future__ import annotations

import json
import secrets

from provisioning import bare
from provisioning.process import docker

_PACKAGES = ("rabbitmq-server", "redis-server")
_USER = "bench"
#: What the kit's role rabbitmq says of an application's queues.
_POLICY = {
    "delivery-limit": 5,
    "dead-letter-exchange": "dead-letter",
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
    "max-length": 100_000,
}


class Brokers:
    """Both brokers, reached at the container's own address: a published port would add a proxy to each message."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._password = secrets.token_urlsafe(16)
        self._address = ""

    def start(self) -> None:
        """Start the container and install the brokers; one of that name which is there is replaced."""
        bare.start(self.name)
        bare.install(self.name, _PACKAGES)
        self._run("rabbitmqctl", "--quiet", "await_startup")
        self._run("rabbitmqctl", "--quiet", "add_user", _USER, self._password)
        # In memory only: the packages' configuration is what the tutorials have.
        self._run("redis-cli", "config", "set", "bind", "0.0.0.0")
        self._run("redis-cli", "config", "set", "protected-mode", "no")
        [network] = json.loads(docker("inspect", self.name))[0]["NetworkSettings"]["Networks"].values()
        self._address = network["IPAddress"]

    def remove(self) -> None:
        """Remove the container."""
        bare.remove(self.name)

    def rabbitmq(self) -> str:
        """Return the URL of a virtual host that holds nothing, with the kit's policy for quorum queues."""
        vhost = f"bench-{secrets.token_hex(4)}"
        self._run("rabbitmqctl", "--quiet", "add_vhost", vhost)
        self._run("rabbitmqctl", "--quiet", "set_permissions", "--vhost", vhost, _USER, ".*", ".*", ".*")
        apply_to = ("--apply-to", "quorum_queues")
        self._run("rabbitmqctl", "--quiet", "set_policy", "-p", vhost, *apply_to, "kit", ".*", json.dumps(_POLICY))
        return f"amqp://{_USER}:{self._password}@{self._address}:5672/{vhost}"

    def redis(self) -> str:
        """Return the URL of a database that holds nothing."""
        self._run("redis-cli", "flushall")
        return f"redis://{self._address}:6379/0"

    def _run(self, *command: str) -> None:
        docker("exec", self.name, *command, timeout=120)
