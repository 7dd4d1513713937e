"""What a lock means on a target: its environment markers, decided there instead of on the controller."""

from __future__ import annotations

import re

ENTRY = re.compile(r"(?P<pin>[^\s;]+==[^\s;]+)\s*(?:;(?P<marker>.*?))?(?P<hashes>(?:\s+--hash=\S+)+)")


def normalized(name: str) -> str:
    """Return a project's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def decide(requirements: str, python: str, machine: str) -> str | None:
    """Return the entries of a lock that hold for a Linux host with CPython ``python`` (``3.11.2``), without markers.

    pip judges markers by the interpreter that it runs on, also when it downloads for another one. ``None`` where the
    requirements are no lock: every entry pinned, each with its hashes, and nothing included.
    """
    from packaging.markers import Marker

    environment = {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "implementation_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": machine,
        "platform_system": "Linux",
        "sys_platform": "linux",
        "os_name": "posix",
    }
    lines = re.sub(r"\\\n", " ", requirements).splitlines()
    entries = [ENTRY.fullmatch(line.strip()) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not all(entries):
        return None
    held = [e for e in entries if not e["marker"] or Marker(e["marker"].strip()).evaluate(environment)]
    return "".join(f"{entry['pin']} {entry['hashes'].strip()}\n" for entry in held)
