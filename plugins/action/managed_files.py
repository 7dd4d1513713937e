"""Render or read, on the controller, what the module of this name writes on a host."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template

SOURCES = ("content", "template", "src")


class ActionModule(ActionBase):
    """Give each file of the task its content: as told, from a role's templates/, or from its files/.

    ``lookup('template')`` does the same, but copies all variables for each file, which takes longer than the writing.
    """

    supports_raw_params = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; raises AnsibleActionFail for a file with no source, two, or a missing one."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments["files"] = [self._with_content(entry, task_vars or {}) for entry in arguments.get("files") or []]
        return self._execute_module(module_name="managed_files", module_args=arguments, task_vars=task_vars)

    def _with_content(self, entry: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        given = [source for source in SOURCES if source in entry]
        if len(given) != 1:
            raise AnsibleActionFail(f"{entry.get('path')}: give one of {', '.join(SOURCES)}, not {given or 'none'}")
        rest = {key: value for key, value in entry.items() if key not in SOURCES}
        return rest | {"content": getattr(self, f"_{given[0]}")(entry[given[0]], task_vars)}

    def _content(self, content: str, _: dict[str, Any]) -> str:
        return content

    def _src(self, name: str, _: dict[str, Any]) -> str:
        return self._loader.get_text_file_contents(self._find_needle("files", name))

    def _template(self, name: str, task_vars: dict[str, Any]) -> str:
        source = self._find_needle("templates", name)
        text = trust_as_template(self._loader.get_text_file_contents(source))
        templar = self._templar.copy_with_new_env(searchpath=[os.path.dirname(source)], available_variables=task_vars)
        # As the template action: a block alone on its line leaves no line.
        return templar.template(text, escape_backslashes=False, overrides={"trim_blocks": True, "lstrip_blocks": False})
