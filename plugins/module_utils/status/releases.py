"""What a host has of applications: live releases, the programs that belong to them, whether it is out of service.

``applications`` are ``{name, kinds}``, ``now`` is in epoch seconds.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.release.layout import Layout


def live(applications: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    """Return ``{application, release, seconds}`` of each, with None for both before the first release."""
    found = []
    for application in applications:
        layout = Layout(application["name"])
        release = layout.current_id()
        # The link itself is as old as the switch.
        seconds = int(now - layout.current.lstat().st_mtime) if release else None
        found.append({"application": application["name"], "release": release, "seconds": seconds})
    return found


def programs(applications: list[dict[str, Any]]) -> dict[str, str]:
    """Return the programs that live releases have here, each with its release; one for a kind that has none at all."""
    wanted = {}
    for application in applications:
        layout = Layout(application["name"])
        release = layout.current_id()
        if release is None:
            continue
        names = [path.stem for path in layout.programs(release).glob("*.conf")]
        for kind in application["kinds"]:
            if kind == "worker" and layout.drained.exists():
                continue
            own = [name for name in names if name.split("-")[1] == kind]
            wanted |= dict.fromkeys(own or [f"{application['name']}-{kind}-{release}"], release)
    return wanted


def drained(applications: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    """Return ``{application, seconds}`` of those that this host was taken out of the service of."""
    layouts = [Layout(application["name"]) for application in applications]
    since = {layout.app: layout.drained.stat().st_mtime for layout in layouts if layout.drained.exists()}
    return [{"application": app, "seconds": int(now - began)} for app, began in since.items()]
