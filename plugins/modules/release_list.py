#!/usr/bin/python
"""List the releases of applications on this host, and those that failed here."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_list
short_description: List the releases of applications on this host
description:
  - Of each release that is here, and of each failed one that C(deploys.log) tells of, what it is, since when, by whom, in
    which state and how large. Changes nothing.
options:
  apps: {description: The applications., type: list, elements: str, required: true}
author: Cloche
"""

RETURN = r"""
releases:
  description: >-
    By application a list, newest first, of C({release, revision, at, who, verb, state, bytes}); a state is current, previous,
    kept, draining or failed; several are joined by commas. bytes does not count an environment that releases share.
  type: dict
  returned: always
"""

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release import history
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import STAGED, staged_at
from ansible.module_utils.release.supervisor import Supervisor, SupervisorError


def size(directory: Path) -> int:
    """Return the bytes that the files below a directory take."""
    return sum(path.lstat().st_size for path in directory.rglob("*") if not path.is_symlink())


def state(layout: Layout, identifier: str, stopping: list[str]) -> str:
    """Return what a release that is here is at the moment."""
    states = {
        "current": layout.current_id() == identifier,
        "previous": layout.previous_id() == identifier,
        "draining": any(identifier in program for program in stopping),
    }
    return ", ".join(name for name, true in states.items() if true) or "kept"


def releases(layout: Layout, stopping: list[str]) -> list[dict]:
    """Return what RETURN says of one application."""
    # What else was done to a release, as to drain its host, does not say how it came.
    told = {entry["release"]: entry for entry in history.entries(layout) if entry["verb"] != "drain"}
    directory = layout.home / "releases"
    here = [path.name for path in directory.iterdir()] if directory.is_dir() else []
    here.sort(key=lambda name: staged_at(layout, name), reverse=True)
    found = []
    for name in here:
        manifest = directory / name / STAGED
        entry = told.get(name, {})
        found.append(
            {
                "release": name,
                "revision": json.loads(manifest.read_text())["revision"] if manifest.is_file() else "",
                **{key: entry.get(key, "") for key in ("at", "who", "verb")},
                "state": state(layout, name, stopping) if manifest.is_file() else "incomplete",
                "bytes": size(directory / name),
            }
        )
    failed = [entry for name, entry in told.items() if name not in here and entry["outcome"] == "failed"]
    return found + [
        {"release": entry["release"], "revision": entry["release"].split("-")[1], "state": "failed", "bytes": 0}
        | {key: entry[key] for key in ("at", "who", "verb")}
        for entry in reversed(failed)
    ]


def main() -> None:
    module = AnsibleModule(
        argument_spec={"apps": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True
    )
    try:
        stopping = [name for name, state in Supervisor().states().items() if state == "STOPPING"]
    except (ImportError, SupervisorError):
        stopping = []
    module.exit_json(changed=False, releases={app: releases(Layout(app), stopping) for app in module.params["apps"]})


if __name__ == "__main__":
    main()
