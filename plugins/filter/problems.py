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


def membership_problems(answer: str, host: str, noted: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the clusters that would be made smaller by an inventory.

    `answer` is what a host printed, from its third line on `service member`, as its configuration has them; `noted` has
    for each `service` the `members` that it shall have from now on, and its `group`.
    """
    told = [line.split() for line in answer.splitlines()[2:]]
    problems = []
    for note in noted:
        known = [name for service, name in (words for words in told if len(words) == 2) if service == note["service"]]
        if not set(known) - set(note["members"]):
            continue
        remedy = (
            f"{note['service']} has {', '.join(known)} as members on this host: one that only leaves hosts.yml is"
            " missed for ever, and what is left may have no majority; give a lost one's name to a fresh host, or go"
            " the way of docs/runbooks/fewer-hosts.md"
        )
        value = ", ".join(note["members"]) or "one host"
        problems.append({"variable": f"host {host}: group {note['group']}", "value": value, "remedy": remedy})
    return problems


class FilterModule:
    """Offer the filters to templates."""

    def filters(self) -> dict[str, Any]:
        return {
            "problem_lines": problem_lines, "host_problems": host_problems, "membership_problems": membership_problems,
        }  # fmt: skip
