#!/usr/bin/python
"""Bring database and broker to what a release needs, once, before any of its processes starts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_migrate
short_description: Bring database and broker to what a release needs
description:
  - Applies migrations, each with a limit on how long it may wait for a lock, and declares the Celery application's
    exchanges, queues and bindings, in one process of the release's own environment.
  - Does nothing where M(release_check) found no migration pending, and a live release that needs the same of the broker.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  manage: {description: "C(manage.py) of the source; omit where there is none.", type: str}
  celery_app: {description: "C(celery -A).", type: str}
  lock_timeout: {description: Seconds that a migration waits for a lock., type: int, default: 5}
  timeout: {description: Seconds for the whole., type: int, default: 3600}
author: Cloche
"""

RETURN = r"""
applied: {description: Migrations that were applied., type: list, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.agent import AgentError, ask, options
from ansible.module_utils.release.layout import Layout


def migrate(layout: Layout, params: dict) -> list[str]:
    """Return the migrations that were applied; raises AgentError. Where all is settled nothing is loaded to see it."""
    if layout.settled(params["id"]).is_file():
        return []
    given = [*options(params, manage="manage", celery="celery_app"), "--lock-timeout", str(params["lock_timeout"])]
    return ask(layout, params["id"], "migrate", *given, timeout=params["timeout"])["applied"]


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "manage": {"type": "str"},
            "celery_app": {"type": "str"},
            "lock_timeout": {"type": "int", "default": 5},
            "timeout": {"type": "int", "default": 3600},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=False, applied=[])
    try:
        applied = migrate(Layout(params["app"]), params)
    except AgentError as error:
        module.fail_json(msg=str(error), applied=error.answer.get("applied", []))
    module.exit_json(changed=bool(applied), applied=applied)


if __name__ == "__main__":
    main()
