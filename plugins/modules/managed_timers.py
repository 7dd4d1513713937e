#!/usr/bin/python
"""Keep a role's timers, all in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: managed_timers
short_description: Run the timers that a role describes and remove those that it does not describe any more
description:
  - What ansible.builtin.find, ansible.builtin.systemd_service and ansible.builtin.file do for one timer each. On a
    converged host it asks systemd once, for all of them.
  - Timers whose files have been written are restarted. Supports check mode, in which one may be lacking that is still to
    be written.
options:
  timers: {description: "Names of the timers that shall run, as C(backup-files.timer).", type: list, elements: str, required: true}
  owned:
    description: Patterns, as of a shell, of the names that are the role's; those that match and shall not run are removed.
    type: list
    elements: str
    required: true
  written: {description: Paths that have just been written., type: list, elements: str, default: []}
  stop_services: {description: "Also end what a removed timer has started, and remove its service.", type: bool, default: false}
author: Cloche
"""

RETURN = r"""
removed: {description: Names of the timers that were removed., type: list, elements: str, returned: always}
started: {description: Names of the timers that were started or restarted., type: list, elements: str, returned: always}
"""

from fnmatch import fnmatch
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

UNITS = Path("/etc/systemd/system")
STAMPS = Path("/var/lib/systemd/timers")


def stale_timers(units: Path, timers: list[str], owned: list[str]) -> list[str]:
    """Return the names of the timers in a directory that are the role's and shall not run."""
    here = [path.name for path in units.glob("*.timer")]
    return sorted(name for name in here if name not in timers and any(fnmatch(name, pattern) for pattern in owned))


def unready(shown: str) -> list[str]:
    """Return which timers are not both active and enabled, of what ``systemctl show`` says of them in blocks."""
    blocks = [dict(line.split("=", 1) for line in block.splitlines()) for block in shown.strip().split("\n\n") if block]
    return [b["Id"] for b in blocks if (b["ActiveState"], b["UnitFileState"]) != ("active", "enabled")]


def systemctl(module: AnsibleModule, *arguments: str) -> str:
    """Return what systemctl prints; fail with its words."""
    code, out, err = module.run_command(["systemctl", *arguments])
    if code:
        module.fail_json(msg=f"systemctl {' '.join(arguments)}: {(err or out).strip()}")
    return out


def remove(module: AnsibleModule, stale: list[str]) -> None:
    """Stop timers, and their services where asked, and remove what there is of them, stamps of the last run included."""
    systemctl(module, "disable", "--now", *stale)
    services = [name.removesuffix("timer") + "service" for name in stale] if module.params["stop_services"] else []
    if services:
        systemctl(module, "stop", *services)
    # The timers themselves last, so that a removal that breaks off is completed by the next run.
    for path in [STAMPS / f"stamp-{name}" for name in stale] + [UNITS / name for name in [*services, *stale]]:
        path.unlink(missing_ok=True)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "timers": {"type": "list", "elements": "str", "required": True},
            "owned": {"type": "list", "elements": "str", "required": True},
            "written": {"type": "list", "elements": "str", "default": []},
            "stop_services": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    timers, written = module.params["timers"], module.params["written"]
    stale = stale_timers(UNITS, timers, module.params["owned"])
    again = {name for name in timers if str(UNITS / name) in written}
    if not module.check_mode:
        if stale:
            remove(module, stale)
        if stale or any(Path(path).parent == UNITS for path in written):
            systemctl(module, "daemon-reload")
    known = [name for name in timers if not module.check_mode or (UNITS / name).exists()]
    shown = systemctl(module, "show", "--property=Id,ActiveState,UnitFileState", *known) if known else ""
    start = sorted(again.union(unready(shown)))
    if start and not module.check_mode:
        systemctl(module, "enable", *start)
        systemctl(module, "restart", *start)
    module.exit_json(changed=bool(stale or start), removed=stale, started=start)


if __name__ == "__main__":
    main()
