#!/usr/bin/python
"""Hand one kind of programs over from the release that runs to the one that shall."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_programs
short_description: Hand one kind of programs over to a release
description:
  - V(worker) starts the new workers, waits until each answers a ping, takes the queues from the old ones and lets them end.
  - V(web) starts the new web process, waits until it is healthy on its own socket, and points nginx to it.
  - V(single), which is beat, Flower and further processes, must not run twice, so the old program ends before the new one
    starts.
  - On a drained host V(worker) starts nothing; what is live there starts when the host comes back.
  - Where new programs don't come up they are withdrawn, the old ones stay, and the error shows the end of their logs.
  - Safe to repeat, and to interrupt; a release that is on its way back (O(back)) is handed over to in the same way.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  kind: {description: Which programs., type: str, choices: [worker, web, single], required: true}
  celery_app: {description: "C(celery -A), for workers.", type: str}
  early:
    description: Kinds to start as well without handing over to them yet, so that they are ready sooner.
    type: list
    elements: str
    default: []
  health: {description: "C({path, host, workers, warm_up}): what must answer 200, how many processes answer, and what each of them is asked before it serves, for web.", type: dict}
  start_timeout:
    description: Seconds for the new programs to serve; 0 for twelve times what loading the code took here, and 60 at least.
    type: int
    default: 0
  back:
    description: >-
      Whether this is the way back. What does not come up in time stays then, for nothing else would serve, and O(start_timeout)
      is never less than what fits.
    type: bool
    default: false
  drain_timeout: {description: Seconds for the old programs to finish what is reserved., type: int, default: 120}
  empty_first: {description: "Seconds for the old workers to empty O(queues) before new ones start, on the way back.", type: int, default: 0}
  queues: {description: "The application's queues, for O(empty_first).", type: list, elements: str, default: []}
author: Cloche
"""

RETURN = r"""
started: {description: Programs that were started., type: list, returned: always}
retired: {description: Programs that were told to end., type: list, returned: always}
drained: {description: "Whether this is V(worker) on a host that was taken out of service.", type: bool, returned: when programs were handed over}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.handover import Handover, HandoverError
from ansible.module_utils.release.supervisor import Supervisor

SINGLE = ("beat", "flower", "process")


def hand_over_workers(handover: Handover, params: dict) -> tuple[list[str], list[str]]:
    """Return the workers started and retired; there is no moment without a consumer. A drained host starts none."""
    if handover.layout.drained.exists():
        for kind in params["early"]:
            handover.start(kind)
        return [], []
    retired = handover.others("worker")
    if retired and params["empty_first"]:
        try:
            handover.await_empty(params["celery_app"], params["queues"], params["empty_first"])
        except HandoverError:
            # On the way back those that run are withdrawn in any case.
            if not params["back"]:
                raise
    started = handover.start("worker")
    for kind in params["early"]:
        handover.start(kind)
    # All of them, not only those started now: an attempt before this one may have died on the way.
    if handover.programs("worker") or retired:
        handover.exchange_workers(params["celery_app"], retired, params["start_timeout"], params["drain_timeout"])
    return started, retired


def hand_over_web(handover: Handover, params: dict) -> tuple[list[str], list[str]]:
    """Return the web programs started and retired; nginx follows a link, so nothing is reloaded."""
    started = handover.start("web")
    path, host = params["health"]["path"], params["health"]["host"]
    new = bool(started) or handover.layout.current_id() != handover.release
    if new and not started:
        # The step of the workers has started it, and the end of that step the time for which it yields.
        handover.begin_boot("web")
    handover.await_health(path, host, params["start_timeout"])
    if new:
        handover.warm_up(params["health"]["warm_up"], host, int(params["health"]["workers"]))
    handover.end_boot("web")
    handover.switch_web()
    retired = handover.others("web")
    if retired:
        handover.await_backlog(retired, params["drain_timeout"])
        handover.end_web(retired)
    return started, retired


def replace(handover: Handover, params: dict) -> tuple[list[str], list[str]]:
    """Return the programs started and retired, the latter ended before the former began."""
    started, retired = [], []
    for kind in SINGLE:
        others = handover.others(kind)
        handover.supervisor.remove(others, params["drain_timeout"])
        retired += others
        # An attempt that was cut off may have told them.
        for program in handover.draining(kind):
            handover.supervisor.await_end(program, params["drain_timeout"])
        started += handover.start(kind)
    return started, retired


STRATEGIES = {"worker": hand_over_workers, "web": hand_over_web, "single": replace}


def hand_over(handover: Handover, params: dict) -> tuple[list[str], list[str]]:
    """Return the programs started and retired. Raises HandoverError with the end of the logs of what did not come up."""
    try:
        return STRATEGIES[params["kind"]](handover, params)
    except Exception as error:  # Whatever it is, nothing that was begun here stays, but on the way back.
        logs = handover.logs(params["kind"]) if params["back"] else handover.withdraw(params["kind"])
        raise HandoverError(f"{error}\n{logs}") from error


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "kind": {"type": "str", "choices": list(STRATEGIES), "required": True},
            "celery_app": {"type": "str"},
            "early": {"type": "list", "elements": "str", "default": []},
            "health": {"type": "dict"},
            "start_timeout": {"type": "int", "default": 0},
            "back": {"type": "bool", "default": False},
            "drain_timeout": {"type": "int", "default": 120},
            "empty_first": {"type": "int", "default": 0},
            "queues": {"type": "list", "elements": "str", "default": []},
        },
        required_if=[("kind", "worker", ["celery_app"]), ("kind", "web", ["health"])],
        supports_check_mode=True,
    )
    if module.check_mode:
        module.exit_json(changed=True, started=[], retired=[])
    params = module.params
    handover = Handover(params["app"], params["id"], Supervisor())
    params["start_timeout"] = handover.patience(params["start_timeout"], params["back"])
    try:
        started, retired = hand_over(handover, params)
    except HandoverError as error:
        module.fail_json(msg=f"{params['app']} {params['kind']}: {error}")
    drained = params["kind"] == "worker" and handover.layout.drained.exists()
    module.exit_json(changed=bool(started or retired), started=started, retired=retired, drained=drained)


if __name__ == "__main__":
    main()
