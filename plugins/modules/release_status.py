#!/usr/bin/python
"""Tell which releases this host does not run as it should."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_status
short_description: Tell which releases this host does not run as it should
description:
  - Compares, for each application, the live release and the programs of this host with what is wanted. Changes nothing.
options:
  releases:
    description: "One entry an application: C({app, id, kinds}); kinds are the kinds of programs this host shall run."
    type: list
    elements: dict
    required: true
author: Cloche
"""

RETURN = r"""
pending: {description: Names of the applications to deploy here., type: list, returned: always}
wrong: {description: "Why, in words, by application.", type: dict, returned: always}
live: {description: Id of the live release by application., type: dict, returned: always}
bundles: {description: "What the live release was made of, C({id, venvs}), by application.", type: dict, returned: always}
previous: {description: Id of the release before it by application., type: dict, returned: always}
releases: {description: Ids of the releases that are staged here by application., type: dict, returned: always}
drained: {description: Names of the applications whose service this host was taken out of., type: list, returned: always}
draining: {description: "Programs that were told to end and have not, by application.", type: dict, returned: always}
beside: {description: "Programs that run and do not belong to the live release, by application.", type: dict, returned: always}
"""

import json

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import STAGED, is_staged
from ansible.module_utils.release.supervisor import Supervisor, SupervisorError, up


def faults(release: dict, states: dict[str, str]) -> list[str]:
    """Return in words why the wanted release is not the live one with every program of this host's kinds up."""
    layout = Layout(release["app"])
    if layout.current_id() != release["id"]:
        return [f"{release['id']} should be live, and {layout.current_id() or 'nothing'} is"]
    wanted = [path.stem for path in layout.programs(release["id"]).glob("*.conf")]
    kinds = set(release["kinds"]) - ({"worker"} if layout.drained.exists() else set())
    wanted = [name for name in wanted if name.split("-")[1] in kinds]
    running = {name.partition(".")[0] for name in up(states)}
    led_to = layout.web_link.readlink() if layout.web_link.is_symlink() else None
    serves = layout.socket(release["id"]) == led_to or not any(name.split("-")[1] == "web" for name in wanted)
    found = [f"{name} should run" for name in sorted(wanted) if name not in running]
    return found + ([] if serves else [f"{layout.web_link} should lead to {layout.socket(release['id'])}"])


def beside(layout: Layout, states: dict[str, str]) -> list[str]:
    """Return the programs that run and belong to another release than the live one, as after an interrupted deploy."""
    live = layout.current_id()
    return [name for name in up(states, f"{layout.app}-") if not (live and live in name)]


def draining(layout: Layout, states: dict[str, str]) -> list[str]:
    """Return the programs that were told to end and still finish what they hold."""
    return sorted(name for name, state in states.items() if state == "STOPPING" and name.startswith(f"{layout.app}-"))


def staged(layout: Layout) -> list[str]:
    """Return the ids of the complete releases of an application."""
    if not (layout.home / "releases").is_dir():
        return []
    return sorted(path.name for path in (layout.home / "releases").iterdir() if is_staged(layout, path.name))


def bundle(layout: Layout) -> dict | None:
    """Return the id of the live release's bundle and its environments' names; None where nothing is live."""
    live = layout.current_id()
    if not (live and is_staged(layout, live)):
        return None
    manifest = json.loads((layout.release(live) / STAGED).read_text())
    return {"id": manifest["id"], "venvs": manifest["venvs"]}


def main() -> None:
    module = AnsibleModule(
        argument_spec={"releases": {"type": "list", "elements": "dict", "required": True}},
        supports_check_mode=True,
    )
    releases = module.params["releases"]
    try:
        states = Supervisor().states()
    except (ImportError, SupervisorError):
        # On a fresh host supervisor comes later; nothing runs yet.
        states = {}
    layouts = [Layout(release["app"]) for release in releases]
    wrong = {release["app"]: faults(release, states) for release in releases}
    module.exit_json(
        changed=False,
        pending=[app for app, found in wrong.items() if found],
        wrong={app: found for app, found in wrong.items() if found},
        live={layout.app: layout.current_id() for layout in layouts},
        bundles={layout.app: bundle(layout) for layout in layouts},
        previous={layout.app: layout.previous_id() for layout in layouts},
        releases={layout.app: staged(layout) for layout in layouts},
        drained=[layout.app for layout in layouts if layout.drained.exists()],
        draining={layout.app: draining(layout, states) for layout in layouts},
        beside={layout.app: beside(layout, states) for layout in layouts},
    )


if __name__ == "__main__":
    main()
