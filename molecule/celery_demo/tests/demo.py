"""The application on its host: what beat sent, what workers did, what was stored; all times in seconds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ast import literal_eval
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "tests"))

from polling import until  # noqa: E402

INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
SCRATCH = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
[HOST] = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]["hosts"]
RESULTS = "/srv/celery_demo/shared/results.sqlite3"
PERIOD = 2
SUMS = "SELECT date_done FROM celery_taskmeta WHERE name = 'celery_demo.add' AND CAST(args AS TEXT) = '[5, 8]'"
_STAMP = r"\[(?P<at>[-0-9]+ [:0-9]+,[0-9]+)"


def play(playbook: str, *arguments: str, inventory: Path = INVENTORY, callback: str = "default") -> str:
    """Run a playbook of the kit and return what it prints; fail where it does."""
    command = ["ansible-playbook", "-i", str(inventory), *arguments, str(PROJECT / f"playbooks/{playbook}.yml")]
    environment = os.environ | {"ANSIBLE_STDOUT_CALLBACK": callback}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shell(script: str, timeout: float = 60) -> str:
    """Run a script on the host as root and return what it prints."""
    command = ["docker", "exec", HOST, "bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def console(script: str) -> Any:
    """Return what a Python console of the live release prints, as the application's user."""
    command = ["docker", "exec", "-i", HOST, "/srv/celery_demo/current/run", "python", "-"]
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return literal_eval(done.stdout.splitlines()[-1])


def query(statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of the results' file."""
    script = f"import sqlite3; print(list(sqlite3.connect('file:{RESULTS}?mode=ro', uri=True).execute({statement!r})))"
    return console(script)


def now() -> float:
    """Return the host's time, seconds since 1970."""
    return float(shell("date +%s.%N"))


def live() -> str:
    """Return the id of the live release."""
    return Path(shell("readlink /srv/celery_demo/current").strip()).name


def programs() -> list[str]:
    """Return the programs that run; one that has ended waits for the next deploy to be forgotten."""
    found = (line.split()[:2] for line in shell("supervisorctl status || true").splitlines())
    return sorted(name for name, state in found if state not in {"STOPPED", "EXITED"})


def programs_of(release: str) -> list[str]:
    """Return the programs that a release is to have."""
    return [f"celery_demo-{name}-{release}" for name in ("beat", "worker-default")]


def logged(program: str, pattern: str) -> list[tuple[float, str]]:
    """Return (time, what ``(?P<what>)`` stands for) of each line that fits, of all releases' logs, oldest first."""
    lines = shell(f"cat /var/log/celery_demo/celery_demo-{program}-*.log*").splitlines()
    found = [match for line in lines if (match := re.match(rf"{_STAMP}.*{pattern}", line))]
    return sorted((epoch(match["at"].replace(",", ".")), match["what"]) for match in found)


def sends(entry: str) -> list[float]:
    """Return when beat sent an entry of its schedule."""
    return [at for at, _ in logged("beat", f"Sending due task (?P<what>{entry}) ")]


def runs() -> list[str]:
    """Return the task id of each run of beat's add that a worker has ended."""
    return [task for _, task in logged("worker-default", r"Task celery_demo.add\[(?P<what>.*)\] succeeded in .*: 13$")]


def results() -> list[float]:
    """Return when each result of beat's add was stored."""
    return sorted(epoch(at) for (at,) in query(SUMS))


def epoch(text: str) -> float:
    """Return the seconds since 1970 of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def check_ledger(since: float, longest_gap: float) -> None:
    """Fail unless, since then, beat sent at its period and each send was run once and has its one result.

    ``longest_gap`` may pass between two sends. A second beat would send between the sends of the first.
    """
    # What was sent is done a moment later: read at once, until they fit.
    sent, ran, stored = until(lambda: (sends("add-every-two-seconds"), runs(), results()), same_length, 30)
    assert len(set(ran)) == len(ran), "a task ran twice"
    assert len(stored) == len(sent)
    gaps = [later - earlier for earlier, later in pairwise(sent) if later > since]
    assert gaps
    assert min(gaps) > PERIOD - 0.2, f"sent twice: {sorted(gaps)[:5]}"
    assert max(gaps) <= longest_gap, f"a gap: {sorted(gaps)[-5:]}"


def same_length(readings: tuple[list[Any], ...]) -> bool:
    """Return whether the lists are equally long."""
    return len({len(reading) for reading in readings}) == 1
