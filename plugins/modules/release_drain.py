#!/usr/bin/python
"""Take this host out of the service of an application, or bring it back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_drain
short_description: Take this host out of the service of an application, or bring it back
description:
  - V(out) leaves the mark C(/srv/<app>/drained), which deploys and reboots respect; workers consume no more, end what they
    hold, and end themselves; then requests that are under way are waited for. The web process goes on.
  - V(in) starts the live release's workers, waits until they answer and the web process is healthy, and takes the mark away.
  - Safe to repeat. C(deploys.log) gets a line where something was changed.
options:
  app: {description: The application., type: str, required: true}
  state: {description: Where the host shall be., type: str, choices: [out, in], required: true}
  celery_app: {description: "C(celery -A); without it the host has no workers of the application.", type: str}
  health: {description: "C({path, host}): what must answer 200; without it the host serves no requests.", type: dict}
  start_timeout: {description: "As for M(release_programs).", type: int, default: 0}
  drain_timeout: {description: Seconds for tasks and requests to end., type: int, default: 120}
  quiet: {description: Seconds on end without a request., type: int, default: 5}
  entry: {description: "What C(deploys.log) says beside release and outcome: at, who, verb, previous, seconds.", type: dict, required: true}
author: Cloche
"""

RETURN = r"""
release: {description: "The live release; none where nothing was ever released here.", type: str, returned: always}
workers: {description: "C({program, finished, left, state}) for each, see module_utils/release/drain.py.", type: list, returned: on the way out}
started: {description: Workers that were started., type: list, returned: on the way in}
requests: {description: How many requests are still under way., type: int, returned: on the way out}
singles: {description: Programs that exist once and stay where they are., type: list, returned: always}
busy: {description: Whether something is still under way., type: bool, returned: always}
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release import history
from ansible.module_utils.release.drain import Drain
from ansible.module_utils.release.handover import Handover
from ansible.module_utils.release.supervisor import Supervisor


def go_out(drain: Drain, params: dict) -> dict:
    """Return what the module returns, with ``changed``."""
    new = not drain.layout.drained.exists() or bool(params["celery_app"] and drain.up("worker"))
    # First: whatever happens from here on, a reboot or a deploy starts nothing again.
    if not drain.layout.drained.exists():
        drain.layout.drained.touch()
    workers = drain.workers_out(params["drain_timeout"]) if params["celery_app"] else []
    requests = drain.await_quiet(params["quiet"], params["drain_timeout"]) if params["health"] else 0
    busy = bool(requests) or any(worker["state"] != "ended" for worker in workers)
    return {"changed": new, "workers": workers, "requests": requests, "busy": busy}


def come_in(drain: Drain, params: dict) -> dict:
    """Return what the module returns, with ``changed``; on failure the mark stays."""
    marked = drain.layout.drained.exists()
    started = drain.workers_in(params["start_timeout"], params["drain_timeout"]) if params["celery_app"] else []
    if params["health"]:
        drain.handover.await_health(params["health"]["path"], params["health"]["host"], params["start_timeout"])
    drain.layout.drained.unlink(missing_ok=True)
    return {"changed": marked or bool(started), "started": started, "busy": False}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["out", "in"], "required": True},
            "celery_app": {"type": "str"},
            "health": {"type": "dict"},
            "start_timeout": {"type": "int", "default": 0},
            "drain_timeout": {"type": "int", "default": 120},
            "quiet": {"type": "int", "default": 5},
            "entry": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    handover = Handover(params["app"], "", Supervisor())
    layout, live = handover.layout, handover.layout.current_id()
    if live is None or module.check_mode:
        wrong = live is not None and layout.drained.exists() is (params["state"] == "in")
        module.exit_json(changed=wrong, release=live, singles=[], busy=False)
    handover.release = live
    params["start_timeout"] = handover.patience(params["start_timeout"])
    drain = Drain(handover, params["celery_app"])
    told, began = {"release": live, **params["entry"]}, time.monotonic()
    try:
        done = (go_out if params["state"] == "out" else come_in)(drain, params)
    except Exception as error:  # Whatever it is, workers that don't serve must not stay.
        logs = handover.withdraw("worker") if params["state"] == "in" else ""
        history.append(layout, {**told, "outcome": "failed", "why": str(error)})
        module.fail_json(msg=f"{params['app']}: {error}\n{logs}")
    if done["changed"]:
        outcome = {"out": "unfinished" if done["busy"] else "drained", "in": "back"}[params["state"]]
        # The entry's own ended when this module began.
        told["seconds"] = round(told["seconds"] + time.monotonic() - began, 1)
        history.append(layout, {**told, "outcome": outcome})
    module.exit_json(release=live, singles=drain.singles(), **done)


if __name__ == "__main__":
    main()
