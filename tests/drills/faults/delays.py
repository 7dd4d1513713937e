"""Tasks that are due later: in less than a second, after the broker's patience, after everybody had gone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from drills.fault import Fault, Limits
from drills.host import APP, Host

#: What the broker's patience with an unacknowledged message is set to meanwhile (seconds), and what it was.
PATIENCE = 60
ETA = 90


def delayed() -> Fault:
    """Send tasks with a countdown below a second, and with an ETA beyond the broker's consumer_timeout."""
    held: dict[str, str] = {}
    usual: list[str] = []

    def patience(host: Host, milliseconds: str) -> None:
        host.shell(f"rabbitmqctl --quiet eval 'application:set_env(rabbit, consumer_timeout, {milliseconds}).'")

    def inject(host: Host) -> None:
        said = host.shell("rabbitmqctl --quiet eval '{ok, T} = application:get_env(rabbit, consumer_timeout), T.'")
        usual.append(said.strip())
        patience(host, str(PATIENCE * 1000))
        held["a countdown of 0.5 s"] = host.send(3, countdown=0.5)
        due = datetime.now(UTC) + timedelta(seconds=ETA)
        held[f"an ETA {ETA} s away"] = host.send(3, eta=due.isoformat())
        time.sleep(ETA)

    return Fault(
        "delayed", f"countdown of 0.5 s; ETA of {ETA} s with a consumer_timeout of {PATIENCE} s", inject,
        lambda host: patience(host, usual[0]), hold=5, limits=Limits(refusals=False),
        check=lambda host: [line for words, prefix in held.items() for line in _each_once(host, prefix, 3, words)],
    )  # fmt: skip


def workers_down_across_eta() -> Fault:
    """Stop all workers before tasks are due, start them after."""
    held: list[str] = []
    stopped: list[str] = []

    def inject(host: Host) -> None:
        stopped.extend(host.programs("worker"))
        held.append(host.send(3, countdown=10))
        host.shell(f"supervisorctl stop {' '.join(stopped)}", timeout=240)
        time.sleep(15)

    def heal(host: Host) -> None:
        host.shell(f"supervisorctl start {' '.join(stopped)}", timeout=240)

    return Fault(
        "workers-down-across-eta", "all workers down while tasks with a countdown of 10 s fall due", inject, heal,
        limits=Limits(refusals=False), check=lambda host: _each_once(host, held[0], 3, "a countdown across it"),
    )  # fmt: skip


def _each_once(host: Host, prefix: str, count: int, words: str) -> list[str]:
    outcomes = [run["outcome"] for run in host.runs(prefix)]
    return [] if outcomes == ["completed"] * count else [f"{count} tasks with {words} on {APP} ended as {outcomes}"]
