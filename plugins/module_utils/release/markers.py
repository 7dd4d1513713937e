"""What a lock means on a target: its environment markers, decided there instead of on the controller."""

from __future__ import annotations

import re

_HASHES = r"(?P<hashes>(?:\s+--hash=\S+)*)"
_PINNED = re.compile(rf"(?P<pin>[^\s;]+==[^\s;*]+)\s*(?:;(?P<marker>.*?))?{_HASHES}")
#: Of a URL the marker stands after a space: it may hold semicolons itself.
_DIRECT = re.compile(rf"(?P<pin>[\w.-]+(?:\[[^\]]*\])?\s*@\s*\S+)(?:\s+;(?P<marker>.*?))?{_HASHES}")
#: A commit of a repository, or a directory of the source.
_FIXED = re.compile(r"git\+\S+@[0-9a-f]{40}(?:#\S*)?$|@\s*\.{0,2}/\S*$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def normalized(name: str) -> str:
    """Return a project's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(entry: str) -> str:
    """Return the normalized name of the project that an entry asks for; empty where it names none."""
    match = _NAME.match(entry.strip())
    return normalized(match[0]) if match else ""


def lines_of(requirements: str) -> list[str]:
    """Return the entries and options of a requirements file, continued lines joined, comments left out."""
    lines = (re.sub(r"(^|\s)#.*", "", line).strip() for line in re.sub(r"\\\n", " ", requirements).splitlines())
    return [line for line in lines if line]


def hashes(requirements: str) -> dict[str, set[str]]:
    """Return the SHA-256 that requirements name, by project."""
    found: dict[str, set[str]] = {}
    for line in lines_of(requirements):
        if digests := re.findall(r"--hash=sha256:([0-9a-f]{64})", line):
            found.setdefault(name_of(line), set()).update(digests)
    return found


def unpinned(requirements: str) -> list[str]:
    """Return the projects of which the requirements leave the version open."""
    entries = [line for line in lines_of(requirements) if not line.startswith(("-", ".", "/")) and "@" not in line]
    return [name_of(entry) for entry in entries if not re.match(r"[^;]*===?[^*;]+(;|$)", entry)]


def _entry(line: str) -> re.Match[str] | None:
    """Return a line's parts where it stands for one content: hashed, a commit, or of the source itself."""
    match = _DIRECT.fullmatch(line) or _PINNED.fullmatch(line)
    return match if match and (match["hashes"] or _FIXED.search(match["pin"])) else None


def decide(requirements: str, python: str, machine: str) -> list[str] | None:
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
    entries = [_entry(line) for line in lines_of(requirements)]
    if not all(entries):
        return None
    held = [e for e in entries if not e["marker"] or Marker(e["marker"].strip()).evaluate(environment)]
    return [f"{entry['pin']} {entry['hashes'].strip()}".strip() for entry in held]
