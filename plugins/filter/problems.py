"""Problems as preflight prints them, and those of a host that has only been looked at."""

from __future__ import annotations

from typing import Any

SUPPORTED = {("debian", "12"), ("debian", "13")}


def problem_lines(problems: list[dict[str, str]]) -> str:
    """Return one line for each problem, `variable = value: remedy`, below their number."""
    lines = [f"{p['variable']} = {p['value']}: {p['remedy']}" for p in problems]
    return "\n  ".join([f"{len(lines)} to correct; nothing was changed", *lines])


def host_problems(answer: str, host: str, disk_free_mb: int) -> list[dict[str, str]]:
    """Return what is wrong with a host.

    `answer` is what it printed: distribution and release (`debian 13`) in the first line, free MiB on / in the second.
    """
    lines = answer.split("\n")
    system, free = lines[0].strip(), lines[1].strip() if len(lines) > 1 else ""
    problems = []
    if tuple(system.split(" ", 1)) not in SUPPORTED:
        remedy = "install Debian 12 or 13 on this host, or take it out of hosts.yml"
        problems.append({"variable": f"host {host}: system", "value": system or "(unknown)", "remedy": remedy})
    if not free.isdigit() or int(free) < disk_free_mb:
        remedy = f"free some space: at least {disk_free_mb} MiB (preflight_disk_free_mb) are needed"
        problems.append({"variable": f"host {host}: free MiB on /", "value": free or "(unknown)", "remedy": remedy})
    return problems


class FilterModule:
    """Offer the filters to templates."""

    def filters(self) -> dict[str, Any]:
        return {"problem_lines": problem_lines, "host_problems": host_problems}
