#!/usr/bin/python
"""Send parked messages of an application to where they were to go."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_requeue
short_description: Send parked messages of an application to where they were to go
description:
  - The live release's environment takes each message out of the queue, publishes it again, and acknowledges it once the
    broker has confirmed the new one. Tasks that the release does not know stay.
options:
  app: {description: The application., type: str, required: true}
  agent: {description: The agent's files by their paths., type: dict, required: true}
  celery_app: {description: "C(celery -A).", type: str, required: true}
  queue: {description: Where they lie., type: str, choices: [dead-letter, unrouted], required: true}
  task: {description: Move no other task than this one., type: str}
  limit: {description: Messages to look at., type: int, default: 10000}
  timeout: {description: Seconds for the whole., type: int, default: 600}
author: Cloche
"""

RETURN = r"""
requeued: {description: "Messages that were sent, by task.", type: dict, returned: always}
left: {description: How many stay., type: int, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.agent import AgentError, ask, laid_out, options
from ansible.module_utils.release.layout import Layout


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "agent": {"type": "dict", "required": True},
            "celery_app": {"type": "str", "required": True},
            "queue": {"type": "str", "choices": ["dead-letter", "unrouted"], "required": True},
            "task": {"type": "str"},
            "limit": {"type": "int", "default": 10_000},
            "timeout": {"type": "int", "default": 600},
        },
    )
    params = module.params
    layout = Layout(params["app"])
    if not (release := layout.current_id()):
        module.fail_json(msg=f"{params['app']} has no live release here")
    queue, limit = params["queue"], str(params["limit"])
    given = [*options(params, celery="celery_app", task="task"), f"--{queue}", queue, "--limit", limit]
    with laid_out(params["agent"]) as agent:
        try:
            found = ask(layout, release, "requeue", *given, timeout=params["timeout"], agent=agent)
        except AgentError as error:
            module.fail_json(msg=str(error), requeued=error.answer.get("requeued", {}))
    module.exit_json(changed=bool(found["requeued"]), requeued=found["requeued"], left=found["left"])


if __name__ == "__main__":
    main()
