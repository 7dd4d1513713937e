"""What a release did, in words and for deploys.log."""

from __future__ import annotations

import time
from typing import Any


def deploy_entry(lock: dict[str, Any], previous: str | None) -> dict[str, Any]:
    """Return what deploys.log says of a release beside its id and outcome; ``lock`` is the result of release_lock."""
    owner = lock["owner"]
    return {
        "at": owner["at"],
        "who": owner["who"],
        "verb": owner["verb"],
        "previous": previous,
        "seconds": round(time.time() - owner["epoch"], 1),
    }


def interrupted(road: dict[str, Any], found: str) -> str:
    """Return what a deploy that did not end has left, host by host."""
    lines = [f"{road['app']['name']}: {found}."]
    for host, live in road["live"].items():
        beside = road["beside"][host]
        lines.append(f"  {host}: {live or 'nothing'} is live" + (f"; beside it {', '.join(beside)}" if beside else ""))
    return "\n".join(lines)


def built_lines(builds: list[dict[str, Any]]) -> str:
    """Return a line for each bundle: built now, or there before."""
    return "\n".join(
        f"{build['source']['name']}: {build['bundle']} ({'built' if build['changed'] else 'as before'})"
        for build in builds
        if build.get("bundle")
    )


def failure_words(result: dict[str, Any]) -> str:
    """Return what a failed task said: of a loop, the item that failed, with its host."""
    for item in result.get("results") or []:
        if item.get("failed") or item.get("unreachable"):
            host = item.get("host") or item.get("run", {}).get("host") or item.get("item")
            return f"on {host}: {_said(item)}" if isinstance(host, str) else _said(item)
    return _said(result)


def _said(result: dict[str, Any]) -> str:
    words = str(result.get("msg", "no reason given"))
    return words + "".join(f"\n{result[key]}" for key in ("stdout", "stderr") if result.get(key))


def unstaged(road: dict[str, Any], hostvars: dict[str, Any]) -> list[str]:
    """Return why a release cannot go its road: hosts could not stage it, or none is left to work.

    ``hostvars`` are those of its hosts, by name.
    """
    name = road["app"]["name"]
    workers = road["hosts"]["worker"] if road["app"]["celery"] else []
    drained = [
        host for host in workers if name in hostvars.get(host, {}).get("__release_status", {}).get("drained", [])
    ]
    if drained and drained == workers:
        return [
            f"every worker host is drained, so nothing would run its tasks: {', '.join(drained)}; make drain STATE=in"
        ]
    found = {host: values.get("__release_unstaged_here", {}).get(name) for host, values in hostvars.items()}
    return [f"on {host}: {why}" for host, why in found.items() if why]


def failed_release(road: dict[str, Any], failure: dict[str, str]) -> str:
    """Return which step of a release failed, why, and what serves now."""
    serves = sorted({live for live in road["live"].values() if live})
    now = f"{', '.join(serves)} serves as before" if serves else "nothing was live before, and nothing is"
    return f"{road['release']['id']} of {road['app']['name']} failed at: {failure['step']}\n{failure['why']}\n{now}"


def drain_report(results: list[dict[str, Any]], host: str) -> str:
    """Return what became of each application on a drained host; ``results`` are those of release_drain in a loop."""
    lines = [f"{host}:"]
    for result in results:
        name = result["road"]["app"]["name"]
        if not result.get("release"):
            lines.append(f"  {name}: no release is live here")
            continue
        lines.append(f"  {name}, {result['release']}: {_drained(result)}")
        lines += [f"    {_worker(worker)}" for worker in result.get("workers", [])]
        lines += [f"    {program}: started, and answers" for program in result.get("started", [])]
        if result.get("requests"):
            lines.append(f"    {result['requests']} requests are under way: does a balancer look at the health path?")
        lines += [f"    {program}: runs on, and exists nowhere else" for program in result["singles"]]
    return "\n".join(lines)


def _drained(result: dict[str, Any]) -> str:
    if "requests" not in result:
        return "in service"
    return "not drained yet" if result["busy"] else "out of service"


def _worker(report: dict[str, Any]) -> str:
    words = {
        "ended": "has ended",
        "ends": "ends with the tasks it runs",
        "holds": "consumes nothing, and has tasks to begin: it is left running",
        "silent": "gave no answer, and is left running",
    }
    parts = [f"{report['program']}: {words[report['state']]}"]
    parts += [
        f"{label} {', '.join(report[key])}"
        for key, label in (("finished", "finished"), ("left", "holds"))
        if report[key]
    ]
    return "; ".join(parts)


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {
            "deploy_entry": deploy_entry,
            "interrupted": interrupted,
            "drain_report": drain_report,
            "built_lines": built_lines,
            "failure_words": failure_words,
            "unstaged": unstaged,
            "failed_release": failed_release,
        }
