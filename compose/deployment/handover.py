"""From the containers of one version to those of another, kind by kind."""

from __future__ import annotations

import socket
import ssl
import time

import settings
from containers import START, DeployError, Stack, await_health, docker, end, remove
from progress import say

WORKERS = {"celery_worker": "default", "celery_worker_slow": "slow"}
#: Seconds for old workers to give up what they reserved, and for connections that nginx had opened before the switch.
DRAIN, BACKLOG = 120, 2


def hand_over_workers(stack: Stack) -> None:
    """Start new workers; when they answer, take the queues from the old ones and let them end their tasks."""
    retired, started, words = [], [], []
    for service, name in WORKERS.items():
        # Of earlier deploys: they have ended their tasks by now.
        remove(stack.containers(service, ended=True))
        old, new = stack.add(service)
        retired, started = retired + old, started + new
        for option, containers in (("--await", new), ("--retire", old)):
            # As compose/production/celery/worker/start names them.
            words += [part for container in containers for part in (option, f"{name}@{container[:12]}")]
    limits = ["--start-timeout", str(START), "--drain-timeout", str(DRAIN)]
    try:
        stack.agent("workers", "--celery", "config", *limits, *words)
    except DeployError:
        remove(started)
        raise
    end(retired)
    say(f"workers: {len(started)} new, {len(retired)} old end what they work on")


def point_to(container: str) -> None:
    """Lead nginx to a container's socket, in one atomic step."""
    docker("exec", container, "/usr/local/lib/cloche/django/take-over")


def look_from_outside() -> None:
    """Ask for the readiness through nginx, on this machine; whose certificate it is does not matter here."""
    found = settings.read()
    name, port = found.get("ALLOWED_HOSTS", "localhost").split(",")[0], int(found.get("HTTPS_PORT", 8543))
    context = ssl._create_unverified_context()
    try:
        plain = socket.create_connection(("127.0.0.1", port), 10)
        with context.wrap_socket(plain, server_hostname=name) as link:
            link.sendall(f"GET /readyz HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            answer = link.recv(2000).decode(errors="replace")
    except OSError as error:
        answer = str(error)
    if " 200 " not in answer.partition("\r\n")[0]:
        raise DeployError(f"/readyz through nginx: {answer}")


def hand_over_web(stack: Stack) -> None:
    """Start a new web container; when it is healthy, lead nginx to it, look at it from outside, and end the old one."""
    old, new = stack.add("web")
    try:
        for container in new:
            await_health(container)
        point_to(new[0])
        try:
            look_from_outside()
        except DeployError:
            if old:
                point_to(old[0])
                time.sleep(BACKLOG)
            raise
    except DeployError:
        remove(new)
        raise
    # What nginx had opened before is accepted by then.
    time.sleep(BACKLOG)
    for container in old:
        docker("stop", container)
    remove(old)
    say("web: handed over")


def hand_over_singles(stack: Stack) -> None:
    """Replace what must not run twice: the old one ends before the new one starts."""
    stack.compose("up", "--detach", "--no-deps", "--no-build", "celery_beat", "flower")
    say("beat, Flower: replaced")
