#!/usr/bin/python
"""Load a release's code before anything that runs is touched, and judge what it would do to what runs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_check
short_description: Load a release's code and judge what it would do to the release that runs
description:
  - In the release's own environment, in one process, the code is loaded, Django's checks run, static files are collected and
    pending migrations are listed. Nothing that runs is touched.
  - Refuses a migration that the running code would not survive, the removal of a task whose messages may still be queued,
    and a database that is ahead of the code, unless told otherwise.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  manage: {description: "C(manage.py) of the source; omit where there is none.", type: str}
  entry: {description: "WSGI or ASGI object, as C(module:name).", type: str}
  celery_app: {description: "C(celery -A).", type: str}
  static: {description: Collect the static files., type: bool, default: false}
  database_later: {description: "Go on where the database cannot be reached: it is set up in this run.", type: bool, default: false}
  allow: {description: What not to refuse., type: list, elements: str, choices: [unsafe_migrations, removed_tasks, schema_ahead], default: []}
  timeout: {description: Seconds for the whole., type: int, default: 300}
author: Cloche
"""

RETURN = r"""
migrations: {description: "Pending ones: name, unsafe.", type: list, returned: always}
ahead: {description: Migrations that are applied and that the code does not know., type: list, returned: always}
removed_tasks: {description: Tasks of the live release that this one lacks., type: list, returned: always}
"""

import json

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.agent import AgentError, ask, options
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.verdict import is_settled, new_tasks, refusals, removed_tasks


def tolerated(layout: Layout, live: str | None) -> list[str]:
    """Return the ids of errors with which the live release serves: the next one makes nothing worse by them."""
    file = layout.tolerated(live) if live else None
    return json.loads(file.read_text()) if file and file.is_file() else []


def check(layout: Layout, params: dict) -> dict:
    """Return what the agent found, with the tasks that the live release has and this one lacks; remember what it needs."""
    live = layout.current_id()
    # Before the first release the database may not be there yet, and nothing runs that a migration could break.
    given = options(params, manage="manage", app="entry", celery="celery_app")
    given += ["--static"] if params["static"] else []
    given += (["--later"] if params["database_later"] else []) if live else ["--offline"]
    given += [part for name in tolerated(layout, live) for part in ("--known", name)]
    found = ask(layout, params["id"], "check", *given, timeout=params["timeout"])
    layout.tolerated(params["id"]).write_text(json.dumps(found.get("tolerated", [])))
    layout.loading(params["id"]).write_text(str(found.get("loading", 0)))
    layout.tasks(params["id"]).write_text(json.dumps(found["tasks"]))
    found["removed_tasks"] = removed_tasks(layout, live, found["tasks"]) if live else []
    layout.new_tasks(params["id"]).write_text(json.dumps(new_tasks(layout, live, found["tasks"]) if live else []))
    layout.settled(params["id"]).unlink(missing_ok=True)
    # Which migrations are pending is not known where the database was not there.
    if live and not found.get("unreachable") and is_settled(layout, live, found):
        layout.settled(params["id"]).touch()
    layout.topology(params["id"]).write_text(json.dumps(found.get("topology")))
    found["refused"] = refusals(found, params["allow"]) if live else []
    return found


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "manage": {"type": "str"},
            "entry": {"type": "str"},
            "celery_app": {"type": "str"},
            "static": {"type": "bool", "default": False},
            "database_later": {"type": "bool", "default": False},
            "allow": {
                "type": "list",
                "elements": "str",
                "choices": ["unsafe_migrations", "removed_tasks", "schema_ahead"],
                "default": [],
            },
            "timeout": {"type": "int", "default": 300},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    if not (layout.release(params["id"]) / "run").is_file():
        # In check mode nothing is staged.
        module.exit_json(changed=False, migrations=[], ahead=[], removed_tasks=[])
    try:
        found = check(layout, params)
    except AgentError as error:
        module.fail_json(msg=str(error))
    if found["refused"]:
        module.fail_json(msg="; ".join(found["refused"]))
    module.exit_json(changed=False, **{key: found[key] for key in ("migrations", "ahead", "removed_tasks")})


if __name__ == "__main__":
    main()
