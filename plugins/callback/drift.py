"""Show where hosts differ from the inventory, and nothing else: what `make drift` prints."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar

_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.operating.differences import difference_lines, masked  # noqa: E402

DOCUMENTATION = """
name: drift
type: stdout
short_description: What a run in check mode would change, by host, in short; failures on standard error
description:
  - Silent where nothing differs. No value of a variable C(vault_*) is shown, wherever it stands.
"""

#: Arguments that name what a task is about; none can be a secret.
_NAMES = ("path", "dest", "name", "db")


#: Steps that would put right what has been told already.
_STEPS = "release_"


class CallbackModule(CallbackBase):
    """C(bin/play) chooses it, and makes an exit code of whether it has said anything."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "drift"

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, list[str]] = {}
        self._secrets: set[str] = set()
        self._play: Any = None

    def v2_playbook_on_play_start(self, play) -> None:
        self._play = play

    def v2_runner_on_ok(self, result) -> None:
        # A loop's items have spoken for themselves.
        if result.is_changed() and not result.task.loop:
            self._note(result)

    def v2_runner_item_on_ok(self, result) -> None:
        if result.is_changed():
            self._note(result)

    def v2_runner_on_failed(self, result, ignore_errors: bool = False) -> None:
        reason = "failed" if "censored" in result.result else result.result.get("msg", "failed")
        where = f"{result.host.get_name()}: {result.task.get_name()}"
        self._display.display(masked(f"{where}: {reason}", self._secrets), stderr=True)

    def v2_runner_on_unreachable(self, result) -> None:
        self.v2_runner_on_failed(result)

    def v2_playbook_on_stats(self, stats) -> None:
        for host, lines in self._found.items():
            count = sum(not line.startswith(" ") for line in lines)
            told = "\n".join(f"  {line}" for line in lines)
            words = f"{host}: {count} difference{'s' if count > 1 else ''} from the inventory\n{told}"
            print(masked(words, self._secrets))
        sys.stdout.flush()

    def _note(self, result) -> None:
        # The controller itself has no inventory to differ from. A handler follows from what has been told.
        host, task = result.host.get_name(), result.task
        if host == "localhost" or task.action.startswith(_STEPS) or isinstance(task, Handler):
            return
        variables = self._variables(host, task)
        lines = self._found.setdefault(host, [])
        lines.append(task.get_name().replace(" : ", ": "))
        lines += [f"    {line}" for line in difference_lines(result.result, self._named(task, variables))]

    def _variables(self, host: str, task: Any) -> Templar:
        manager = self._play.get_variable_manager()
        found = manager.get_vars(play=self._play, host=manager._inventory.get_host(host), task=task)
        templar = Templar(loader=self._play.get_loader(), variables=found)
        if not self._secrets:
            self._secrets = {_rendered(templar, found[name]) for name in found if name.startswith("vault_")} - {""}
        return templar

    def _named(self, task: Any, templar: Templar) -> list[str]:
        arguments = task.args if isinstance(task.args, dict) else {}
        return [text for name in _NAMES if name in arguments and (text := _rendered(templar, arguments[name]))]


def _rendered(templar: Templar, value: Any) -> str:
    """Return a value as text; "" where it cannot be rendered, as of a loop that is over."""
    try:
        found = templar.template(value)
    except Exception:  # Whatever it is, the difference has to be told without it.
        return ""
    return found if isinstance(found, str) else ""
