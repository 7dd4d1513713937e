#!/usr/bin/python
"""Ask a release for the facts that its settings are judged by."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_doctor
short_description: Ask a release for the facts that its settings are judged by
description:
  - In the release's own environment, in one process, the code is loaded and tells its settings, without secrets. Nothing is
    connected to, nothing is changed, not even the agent that an older kit has left on the host.
options:
  app: {description: The application., type: str, required: true}
  id: {description: "The release; without it the live one, or where none is live the one that was staged last.", type: str}
  agent: {description: The agent's files by their paths., type: dict, required: true}
  manage: {description: "C(manage.py) of the source; omit where there is none.", type: str}
  entry: {description: "WSGI or ASGI object, as C(module:name).", type: str}
  celery_app: {description: "C(celery -A).", type: str}
  timeout: {description: Seconds for the whole., type: int, default: 120}
author: Cloche
"""

RETURN = r"""
release: {description: The release that was asked; empty where there is none., type: str, returned: always}
state: {description: "C(live), C(staged), or empty.", type: str, returned: always}
facts: {description: What the agent said; empty where it could not., type: dict, returned: always}
error: {description: Why it could not; empty where it could., type: str, returned: always}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.agent import AgentError, ask, laid_out, options
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import staged_at


def chosen(layout: Layout, wanted: str | None) -> str:
    """Return the release to ask, "" where there is none."""
    if wanted or (wanted := layout.current_id()):
        return wanted if staged_at(layout, wanted) else ""
    names = [path.parent.name for path in (layout.home / "releases").glob("*/run")]
    return max(names, key=lambda name: staged_at(layout, name), default="")


def doctor(layout: Layout, params: dict) -> dict:
    """Return release, state, facts and error."""
    release = chosen(layout, params["id"])
    if not release:
        return {"release": "", "state": "", "facts": {}, "error": ""}
    found = {"release": release, "state": "live" if release == layout.current_id() else "staged"}
    given = options(params, manage="manage", app="entry", celery="celery_app")
    with laid_out(params["agent"]) as agent:
        try:
            facts = ask(layout, release, "doctor", *given, timeout=params["timeout"], agent=agent)
        except AgentError as error:
            return found | {"facts": {}, "error": str(error)}
    return found | {"facts": facts, "error": ""}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str"},
            "agent": {"type": "dict", "required": True},
            "manage": {"type": "str"},
            "entry": {"type": "str"},
            "celery_app": {"type": "str"},
            "timeout": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    module.exit_json(changed=False, **doctor(Layout(module.params["app"]), module.params))


if __name__ == "__main__":
    main()
