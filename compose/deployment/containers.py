"""The containers of compose/production, as one image of the application sees them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
AGENT = PROJECT / "roles/release/files/agent"
#: Seconds for a new container to become healthy.
START = 90


class DeployError(Exception):
    """The release can't go on; the old version serves."""


def docker(*words: str) -> str:
    """Run docker and return its output; raise DeployError with its words."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise DeployError(f"docker {' '.join(words[:2])}: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


class Stack:
    """The containers of the project, as one image sees them."""

    def __init__(self, image: str) -> None:
        self._environment = os.environ | {"APP_IMAGE": image}
        self.name = os.environ.get("COMPOSE_PROJECT_NAME", "cloche-production")

    def compose(self, *words: str) -> str:
        """Run docker compose with the image, and return its output."""
        command = [PROJECT / "bin/compose", "production", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self._environment)
        if done.returncode:
            raise DeployError(f"compose {' '.join(words)}: {(done.stderr or done.stdout).strip()[-3000:]}")
        return done.stdout

    def containers(self, service: str, *, ended: bool = False) -> list[str]:
        """Return the ids of a service's running containers, or of those that have ended."""
        labels = {"project": self.name, "service": service, "oneoff": "False"}
        filters = [
            part for key, value in labels.items() for part in ("--filter", f"label=com.docker.compose.{key}={value}")
        ]
        filters += ["--all", "--filter", "status=exited"] if ended else []
        return docker("ps", "--quiet", *filters).split()

    def add(self, service: str) -> tuple[list[str], list[str]]:
        """Start as many containers of the image beside those that run; return the old and the new."""
        old = self.containers(service)
        scale = f"{service}={2 * len(old) or 1}"
        self.compose("up", "--detach", "--no-deps", "--no-recreate", "--no-build", "--scale", scale, service)
        return old, [container for container in self.containers(service) if container not in old]

    def agent(self, *words: str) -> dict:
        """Ask the release agent in a container of the image (roles/release/files/agent)."""
        command = ["run", "--rm", "--no-deps", "--volume", f"{AGENT}:/agent:ro", "celery_worker", "python", "/agent"]
        return json.loads(self.compose(*command, *words).splitlines()[-1])


def await_health(container: str) -> None:
    """Wait until a container is healthy; raise DeployError with the end of its log."""
    deadline, state = time.monotonic() + START, ""
    while time.monotonic() < deadline and state != "unhealthy":
        state = docker("inspect", "--format", "{{.State.Health.Status}}", container).strip()
        if state == "healthy":
            return
        time.sleep(0.2)
    log = subprocess.run(["docker", "logs", "--tail", "30", container], capture_output=True, text=True, check=False)
    raise DeployError(f"the new container is {state} after {START} s\n{log.stdout}{log.stderr}")


def remove(containers: list[str]) -> None:
    """Remove containers that serve nobody."""
    if containers:
        docker("rm", "--force", *containers)


def end(containers: list[str]) -> None:
    """Tell containers to end what they hold, without waiting for it; they don't come back."""
    if containers:
        docker("update", "--restart", "no", *containers)
        docker("kill", "--signal", "TERM", *containers)
