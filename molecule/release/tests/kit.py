"""The sample application on the scenario's host; all times in seconds."""

from __future__ import annotations

import json
import os
import ssl
import uuid
from pathlib import Path
from typing import Any

import httpx
import scenario_host
from load.plan import Plan
from polling import until
from scenario_host import CA, HOST, PORTS, play, shell

URL = f"https://localhost:{PORTS[443]}"
#: The whole of each scenario, or what fits into `make test`: all that is asked on Debian 12, of its programs.
ALL = bool(os.environ.get("CLOCHE_ALL")) and not HOST.endswith("bookworm")


def deploy(*arguments: str, marks: Path | None = None) -> str:
    """Release what the source is now; fail where that fails."""
    return play("deploy", *arguments, marks=marks)


def current() -> str:
    """Return the id of the live release."""
    return scenario_host.current("garden")


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
