"""Actions as a task calls them, and what they would have a module do on a host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar


def call(
    plugin: ModuleType,
    module: Callable[[dict[str, Any]], dict[str, Any]],
    arguments: dict[str, Any],
    variables: dict[str, Any] | None = None,
    role: Path | None = None,
) -> dict[str, Any]:
    """Return the result of an action with these arguments; ``module`` gets those of the module and answers for it.

    ``role`` is where relative names of files and templates are looked up.
    """
    loader, task = DataLoader(), Task()
    task.args, task.action = arguments, "test"
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    action = plugin.ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader), None)
    if role:
        task.get_search_path = lambda: [str(role)]

    def execute(module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        return module(module_args)

    action._execute_module = execute
    return action.run(task_vars=variables or {})
