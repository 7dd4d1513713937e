"""How bad is it? Each judgement adds ``level`` and ``note`` to what was found; nothing here talks to anybody.

Levels: ``red`` wants somebody now, ``yellow`` a look today, ``ok`` nothing; ``neutral`` is neither good nor bad, as a
program of the former release that ends what it holds.
"""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]
Limits = dict[str, Any]
Verdict = tuple[str, str]

RANKS = {"neutral": 0, "ok": 0, "yellow": 1, "red": 2}
DAY = 86400
#: Of its life, what is left when a certificate should have been renewed by itself, be it one of a few days.
_OVERDUE = {"yellow": 1 / 4, "red": 1 / 8}

#: Tried as often as they may be; never tried at all, though whoever sent them was told that they will be.
_PARKED = {
    "dead-letter": ("yellow", "somebody has to look at them"),
    "unrouted": ("red", "accepted, and no queue takes them"),
}


def worst(levels: list[str]) -> str:
    """Return the worst of the levels; ``ok`` for none."""
    return max(["ok", *levels], key=RANKS.__getitem__)


def below(value: float, limits: dict[str, float], note: str) -> Verdict:
    """Judge a value that should be large."""
    return next(((level, note) for level in ("red", "yellow") if value < limits[level]), ("ok", ""))


def above(value: float, limits: dict[str, float], note: str) -> Verdict:
    """Judge a value that should be small."""
    return next(((level, note) for level in ("red", "yellow") if value > limits[level]), ("ok", ""))


def _restarted(entry: Entry, limits: Limits) -> Verdict:
    recent = entry["seconds"] is not None and entry["seconds"] < limits["recent_minutes"] * 60
    return ("yellow", "restarted lately") if entry["restarts"] and recent else ("ok", "")


def service(entry: Entry, limits: Limits) -> Verdict:
    """A unit must be active; one that was restarted within ``recent_minutes`` is worth a look."""
    if entry["state"] == "active":
        return _restarted(entry, limits)
    if entry["state"] in ("activating", "reloading", "deactivating", "refreshing"):
        return "yellow", ""
    return "red", "no such unit is loaded" if entry["state"] == "missing" else "does not run"


def member(entry: Entry, limits: Limits) -> Verdict:
    """A member serves or follows, and sees all others: without one of them the next loss may be the end."""
    if entry["why"]:
        return "red", entry["why"]
    return ("yellow", f"without {', '.join(entry['missing'])}") if entry["missing"] else ("ok", "")


def program(entry: Entry, limits: Limits) -> Verdict:
    """A program of a live release must run; one of a former release may end, but not run on."""
    state = entry["state"]
    if state in ("FATAL", "BACKOFF", "UNKNOWN"):
        return "red", entry["reason"] or "does not start"
    if not entry["wanted"]:
        if entry["release"] and state in ("RUNNING", "STARTING"):
            return "yellow", "its release is not the live one"
        return ("neutral", "ends what it holds") if state == "STOPPING" else ("neutral", "")
    if state == "RUNNING":
        return _restarted(entry, limits)
    if state == "STARTING":
        return "yellow", ""
    return "red", "the live release lacks it"


def release(entry: Entry, limits: Limits) -> Verdict:
    """An application has a live release."""
    return ("ok", "") if entry["release"] else ("red", "no release is live")


def queue(entry: Entry, limits: Limits) -> Verdict:
    """A queue is there, somebody takes from it and it is not long; parked messages want a look, untried ones soon."""
    if entry["missing"]:
        return "red", "is not on the broker"
    if entry["ready"] is None:
        return "yellow", "the broker has no figures yet"
    if entry["role"] == "delayed":
        return "neutral", "wait for their time"
    if entry["role"] == "parked":
        held = entry["ready"] + (entry["unacknowledged"] or 0)
        return _PARKED[entry["name"]] if held else ("ok", "")
    if not entry["consumers"]:
        return "red", "nobody takes from it"
    return above(entry["ready"], limits["queue_ready"], "grows faster than it is worked off")


def backup(entry: Entry, limits: Limits) -> Verdict:
    """A backup was made lately, a restore proven lately, and the archive follows; what is new on a host has time."""
    if entry["outcome"] == "failed":
        return "red", entry["why"] or "failed"
    if entry["job"] == "archive":
        return above(entry["seconds"] / 60, limits["archive_minutes"], "the archive does not follow")
    due = limits["drill_days"] if entry["job"] == "drill" else {k: v / 24 for k, v in limits["backup_hours"].items()}
    if entry["seconds"] is None:
        level, _ = above(entry["waiting"] / DAY, due, "")
        return (level, "there was none yet") if level != "ok" else ("neutral", "the first is yet to come")
    late = above(entry["seconds"] / DAY, due, "no restore was proven since" if entry["job"] == "drill" else "is late")
    if late[0] == "ok" and entry["follows"]:
        return "neutral", "another host leads the database, and does it"
    if late[0] == "ok" and entry["missing"]:
        return "yellow", f"nothing is there of {', '.join(entry['missing'])}"
    return late


def certificate(entry: Entry, limits: Limits) -> Verdict:
    """A certificate lives long enough to be renewed, and was when that was tried."""
    if entry["renewal"] == "never":
        return "red", "only stands in: " + (entry["reason"] or "none was issued yet")
    if entry["renewal"] == "failed":
        return "red", f"renewal failed: {entry['reason']}"
    days = limits["certificate_days"]
    if entry["renewal"]:
        days = {level: min(days[level], entry["lifetime"] / DAY * part) for level, part in _OVERDUE.items()}
    return below(entry["seconds"] / DAY, days, "renew it")


def address(entry: Entry, limits: Limits) -> Verdict:
    """Of the balancers one has it; whether exactly one does, the environment tells."""
    return ("ok", "") if entry["here"] else ("neutral", "")


def web_host(entry: Entry, limits: Limits) -> Verdict:
    """A balancer can send requests to each web host."""
    if entry["state"] == "ready":
        return "ok", ""
    if entry["state"] == "not ready":
        return "yellow", f"answers {entry['reason']} and gets nothing new"
    return "red", f"does not answer: {entry['reason']}"


def maintenance(entry: Entry, limits: Limits) -> Verdict:
    """Maintenance is meant, and must not be forgotten."""
    return "yellow", "visitors get 503"


def drained(entry: Entry, limits: Limits) -> Verdict:
    """So is a host that was taken out of service."""
    return "yellow", "out of service; make drain STATE=in ends it"


def disk(entry: Entry, limits: Limits) -> Verdict:
    """There is room."""
    return below(entry["free_mb"], limits["disk_free_mb"], "free some space")


def memory(entry: Entry, limits: Limits) -> Verdict:
    """Processes can still grow."""
    percent = 100 * entry["available_mb"] / max(1, entry["total_mb"])
    return below(percent, limits["memory_available_percent"], "little is left")


def error(entry: Entry, limits: Limits) -> Verdict:
    """What cannot be looked at is not known to be well."""
    return "red", entry["reason"]


#: What the module returns, in the order in which it is shown.
JUDGES = {
    "errors": error,
    "maintenance": maintenance,
    "drained": drained,
    "services": service,
    "members": member,
    "releases": release,
    "programs": program,
    "queues": queue,
    "backups": backup,
    "certificates": certificate,
    "addresses": address,
    "web_hosts": web_host,
    "disk": disk,
    "memory": memory,
}


def _unseen(found: dict[str, Any]) -> Entry:
    """Return the error that a host without a result is; of what was said, the last line holds the reason."""
    said = str(found.get("module_stderr") or found.get("msg") or "it gave no answer").strip().splitlines()[-1:]
    what = "the module failed" if found.get("failed") and not found.get("unreachable") else "cannot be reached"
    return {"part": "host", "reason": ": ".join([what, *said]).replace(": Task failed: ", ": ")}


def host(found: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Return what the module host_status found on a host with ``level`` and ``note`` on each entry, and the worst one.

    A host that could not be reached, or on which the module failed, has no such result: it is one error.
    """
    if "services" not in found:
        found = {"errors": [_unseen(found)]}
    judged: dict[str, Any] = {}
    for kind, verdict in JUDGES.items():
        entries = found.get(kind) or []
        judged[kind] = [
            {**entry, **dict(zip(("level", "note"), verdict(entry, limits), strict=True))}
            for entry in ([entries] if isinstance(entries, dict) else entries)
        ]
    return {"level": worst([entry["level"] for entries in judged.values() for entry in entries]), **judged}


def environment(name: str, hosts: dict[str, dict[str, Any]], limits: Limits) -> dict[str, Any]:
    """Return ``{environment, level, hosts}`` of all hosts' results.

    A release that differs between hosts is yellow, an address of balancers that none or several have is red.
    """
    judged = {host_name: host(found, limits) for host_name, found in hosts.items()}
    releases = [entry for found in judged.values() for entry in found["releases"]]
    for entry in releases:
        live = {other["release"] for other in releases if other["application"] == entry["application"]}
        if len(live) > 1 and entry["level"] == "ok":
            entry.update(level="yellow", note="another host has another one")
    addresses = [entry for found in judged.values() for entry in found["addresses"]]
    if addresses and sum(entry["here"] for entry in addresses) != 1:
        for entry in addresses:
            entry.update(level="red", note="several balancers have it" if entry["here"] else "none of these has it")
    for found in judged.values():
        further = [entry["level"] for kind in ("releases", "addresses") for entry in found[kind]]
        found["level"] = worst([found["level"], *further])
    return {"environment": name, "level": worst([found["level"] for found in judged.values()]), "hosts": judged}
