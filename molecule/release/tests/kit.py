"""The scenario's host, and the kit's verbs on it; all times in seconds."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import yaml

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT / "tests"))

from load.plan import Plan  # noqa: E402
from polling import until  # noqa: E402

INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
SCRATCH = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
CA = SCRATCH / "private/ca.crt"
[(HOST, _host)] = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]["hosts"].items()
PORT = next(int(port.split(":")[1]) for port in _host["container"]["ports"] if port.endswith(":443"))
URL = f"https://localhost:{PORT}"
#: The whole of each scenario, or what fits into `make test`.
ALL = bool(os.environ.get("CLOCHE_ALL"))


def command(playbook: str, *arguments: str) -> list[str]:
    """Return the command line that runs a playbook of the kit against this scenario's host."""
    # Elsewhere the controller is another machine: here it must not take what the host needs to serve.
    nice = ["nice", "-n", "10"]
    return [*nice, "ansible-playbook", "-i", str(INVENTORY), *arguments, str(PROJECT / f"playbooks/{playbook}.yml")]


def environment(marks: Path | None = None) -> dict[str, str]:
    """Return what a playbook runs in; ``marks`` is the file that its progress goes to."""
    return os.environ | {"ANSIBLE_STDOUT_CALLBACK": "progress"} | ({"CLOCHE_MARKS": str(marks)} if marks else {})


def play(playbook: str, *arguments: str, marks: Path | None = None, timeout: float = 240) -> str:
    """Run a playbook and return what it printed; fail where it does."""
    done = run(playbook, *arguments, marks=marks, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run(
    playbook: str, *arguments: str, marks: Path | None = None, timeout: float = 240
) -> subprocess.CompletedProcess[str]:
    """Run a playbook, whatever comes of it."""
    return subprocess.run(
        command(playbook, *arguments), cwd=PROJECT, env=environment(marks), capture_output=True, text=True,
        timeout=timeout, check=False,
    )  # fmt: skip


def deploy(*arguments: str, marks: Path | None = None) -> str:
    """Release what the source is now; fail where that fails."""
    return play("deploy", *arguments, marks=marks)


def shell(script: str, timeout: float = 60) -> str:
    """Run a script on the host as root and return what it prints."""
    done = ["docker", "exec", HOST, "bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(done, check=True, capture_output=True, text=True, timeout=timeout).stdout


def current() -> str:
    """Return the id of the live release."""
    return Path(shell("readlink /srv/garden/current").strip()).name


def programs() -> dict[str, str]:
    """Return the state of every program that supervisord knows, by name."""
    lines = shell("supervisorctl status || true").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


def history() -> list[dict[str, Any]]:
    """Return the lines of deploys.log, oldest first."""
    return [json.loads(line) for line in shell("cat /var/log/garden/deploys.log").splitlines()]


def left_of(release: str) -> list[str]:
    """Return what there is of a release that failed, but for its logs: directory, programs, sockets, links."""
    script = f"""
        find /srv/garden /run/garden /etc/supervisor/conf.d -path '*{release}*' -o -lname '*{release}*'
        supervisorctl status | grep -F {release} || true
        find /srv/garden -maxdepth 1 -name '.staging-*' -o -maxdepth 1 -name '*.tar'
    """
    return shell(script).splitlines()


def load_plan(**changes: Any) -> Plan:
    """Return the load of the promise: 50 GET and 10 POST a second."""
    return Plan(**{"base_urls": (URL,), "ca": str(CA), **changes})


class Site:
    """The application as a client sees it."""

    def __init__(self) -> None:
        self.client = httpx.Client(
            base_url=URL, verify=ssl.create_default_context(cafile=CA), timeout=20, trust_env=False
        )

    def accept(self, prefix: str, queue: str = "default", seconds: float = 0) -> str:
        """Have the ledger accept an entry under a key that begins with the prefix; return the key."""
        key = f"{prefix}{uuid.uuid4().hex}"
        answer = self.client.post("/ledger/", data={"key": key, "queue": queue, "seconds": str(seconds)})
        assert answer.status_code == 202, answer.text
        return key

    def ledger(self, prefix: str) -> dict[str, int]:
        """Return accepted, completed, lost and duplicated of a prefix."""
        return self.client.get("/ledger/summary/", params={"prefix": prefix}).json()

    def check_settled(self, prefix: str, accepted: int, seconds: float) -> None:
        """Fail unless every accepted entry is completed, once, within the time."""
        counts = until(lambda: self.ledger(prefix), lambda found: found["completed"] >= accepted, seconds)
        assert (counts["accepted"], counts["lost"], counts["duplicated"]) == (accepted, 0, 0), counts


def runs(prefix: str) -> list[dict[str, str]]:
    """Return the runs of a prefix's entries: key, release that ran it, outcome."""
    query = f"""select e.key, r.release, r.outcome from ledger_run r join ledger_entry e on e.id = r.entry_id
                where e.key like '{prefix}%' order by r.id"""
    rows = shell(f'''psql -U postgres -qAt -F ' ' garden -c "{query}"''').splitlines()
    return [dict(zip(("key", "release", "outcome"), row.split(), strict=True)) for row in rows]
