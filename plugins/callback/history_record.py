"""End the lines that the action history_record has begun, when the run is over, however it ended."""

from __future__ import annotations

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar

_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.operating.environment import OperatingError  # noqa: E402
from ansible.module_utils.operating.reach import reaching  # noqa: E402

DOCUMENTATION = """
name: history_record
type: aggregate
short_description: Each host that a verb has changed keeps a line of how that ended
description:
  - Writes to C(/var/log/cloche/deploys.log) over a connection of its own, since no task can run any more. Does nothing
    in runs without the action C(history_record).
"""

SECONDS = 20
#: Characters of a failure's reason that are kept.
WORDS = 300
_ADD = """
import pathlib, sys
log = pathlib.Path("/var/log/cloche/deploys.log")
log.parent.mkdir(parents=True, exist_ok=True)
with log.open("a") as file:
    file.write(sys.stdin.read())
"""


class CallbackModule(CallbackBase):
    """Remembers which hosts have a line that has begun, and what failed last."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "history_record"

    def __init__(self) -> None:
        super().__init__()
        self._begun: dict[str, list[tuple[dict[str, Any], float]]] = {}
        self._failure: dict[str, str] = {}
        self._play: Any = None

    def v2_playbook_on_play_start(self, play) -> None:
        self._play = play

    def v2_runner_on_ok(self, result) -> None:
        entry = result.result.get("entry") if result.task.action == "history_record" else None
        if entry:
            self._begun.setdefault(result.host.get_name(), []).append((dict(entry), time.monotonic()))

    def v2_runner_on_failed(self, result, ignore_errors: bool = False) -> None:
        said = "" if "censored" in result.result else str(result.result.get("msg", ""))
        task = result.task.get_name().rpartition(" : ")[2]
        self._failure = {"step": f"{task} ({result.host.get_name()})", "why": said[:WORDS]}

    def v2_runner_on_unreachable(self, result) -> None:
        self.v2_runner_on_failed(result)

    def v2_playbook_on_stats(self, stats) -> None:
        failed = bool(stats.failures or stats.dark)
        with ThreadPoolExecutor(10) as pool:
            for host, words in pool.map(lambda host: (host, self._end(host, stats, failed)), self._begun):
                if words:
                    self._display.warning(f"{host} keeps no line of how this ended: {words}")

    def _end(self, host: str, stats: Any, failed: bool) -> str:
        """Write the lines of a host; return why that did not work, or ""."""
        lines = ""
        for entry, began in self._begun[host]:
            ended = entry | {"seconds": round(time.monotonic() - began, 1), "changed": stats.changed.get(host, 0)}
            ended |= {"outcome": "failed", **self._failure} if failed else {"outcome": "done"}
            lines += json.dumps(ended) + "\n"
        try:
            command = reaching(host, self._reach(host), ["python3", "-c", _ADD])
            done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OperatingError, subprocess.TimeoutExpired, OSError) as error:
            return str(error)
        return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""

    def _reach(self, host: str) -> dict[str, Any]:
        manager = self._play.get_variable_manager()
        known = manager._inventory.get_host(host)
        found = manager.get_vars(host=known, include_hostvars=False)
        templar = Templar(loader=self._play.get_loader(), variables=found)
        return {key: templar.template(value) for key, value in found.items() if key.startswith("ansible_")}
