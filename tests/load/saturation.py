"""As many requests as the stack answers: wrk in a container, against this machine only.

wrk sends the next request of a connection when the last one is answered, so its latencies are those of a closed loop: a
stall costs it one slow answer a connection. It does not verify certificates.
"""

from __future__ import annotations

import ipaddress
import json
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provisioning.process import BenchError, docker

from load.plan import Plan
from load.verdict import last_word

_HERE = Path(__file__).with_name("wrk")
_IMAGE = "cloche/wrk:trixie"
#: What wrk is given beyond its time: its connections end, its container starts.
_MARGIN = 60


@dataclass(frozen=True)
class Saturation:
    """What wrk got: ``errors`` (connect, read, write, timeout) are of sockets; latencies are of a closed loop."""

    requests: int
    seconds: float
    status: dict[str, int]
    errors: dict[str, int]
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def failed(self) -> int:
        """Answers outside 2xx and errors of sockets."""
        bad = sum(count for status, count in self.status.items() if not status.startswith("2"))
        return bad + sum(self.errors.values())


def parse(text: str) -> Saturation:
    """Return what wrk has printed. Raises BenchError where its figures are missing."""
    for line in text.splitlines():
        if line.startswith('{"requests":'):
            return Saturation(**json.loads(line))
    raise BenchError(f"wrk has printed no figures:\n{text[-2000:]}")


def is_local(url: str) -> bool:
    """Return whether the URL's host is this machine: what saturates a server is not let loose on others."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def saturate(url: str, seconds: int, connections: int = 32, prefix: str = "", host: str = "") -> Saturation:
    """GET the URL as often as it is answered or, with a prefix, POST ledger entries under it. Raises BenchError.

    ``host`` is sent in place of the URL's host, which must be of this machine.
    """
    if not is_local(url):
        raise BenchError(f"{url} is not on this machine")
    docker("build", "--quiet", "--tag", _IMAGE, str(_HERE), timeout=300)
    name = f"cloche-wrk-{uuid.uuid4().hex[:8]}"
    script = "post" if prefix else "get"
    header = ["--header", f"Host: {host}"] if host else []
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout",
               "20s", *header, "--script", f"/wrk/{script}.lua", url, "--", prefix]  # fmt: skip
    try:
        run = ("run", "--rm", "--name", name, "--network", "host", _IMAGE)
        return parse(docker(*run, *command, timeout=seconds + _MARGIN).decode(errors="replace"))
    finally:
        docker("rm", "--force", name, ok=(0, 1))


def saturate_ledger(plan: Plan, seconds: int, connections: int = 32, bound: float = 600) -> dict[str, Any]:
    """POST entries under the plan's prefix as often as they are answered, then wait until the workers are through.

    Returns wrk's figures, the ledger's last word and for how many seconds it was waited. Raises BenchError.
    """
    base = plan.base_urls[0]
    found = saturate(f"{base.rstrip('/')}{plan.ledger_path}", seconds, connections, prefix=plan.prefix)
    began = time.monotonic()
    counts = last_word(replace(plan, timeout=30), found.status.get("202", 0), bound)
    return {"rate": found.rate, "failed": found.failed, **vars(found), "ledger": counts,
            "drained_seconds": time.monotonic() - began}  # fmt: skip
