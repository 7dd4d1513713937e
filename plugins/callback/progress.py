"""Show that a run lives: what is being done, which of how many, how long so far; and at the end, where time went."""

from __future__ import annotations

import json
import os
import sys
import threading
import time

from ansible import context
from ansible.plugins.callback.default import CallbackModule as DefaultCallback

DOCUMENTATION = """
name: progress
type: stdout
short_description: One line a play while it runs, changes and failures as they come, seconds at the end
description:
  - With C(-v), C(--check) and C(--diff) it prints all that the default callback prints; messages of C(debug) come last.
extends_documentation_fragment: [default_callback, result_format_callback]
"""

WIDTH = 52
DEBUG = ("debug", "ansible.builtin.debug")
#: What waits for a key: whoever is asked must not lose sight of the question.
QUESTIONS = ("pause", "ansible.builtin.pause")
#: Seconds of one task after which it is named, where there is no terminal that shows it all the time.
LONG = 30


class CallbackModule(DefaultCallback):
    """A play is a line; a terminal sees the running task on it.

    CLOCHE_PARTS in the environment, as `name=seconds,...`, tells what earlier parts took. CLOCHE_MARKS names a file
    that gets a line of JSON, {"at": epoch, "event", "name"}, when a play or a task begins, when a task ends on a host
    (`host`) and when the playbook does.
    """

    CALLBACK_NAME = "progress"
    CALLBACK_TYPE = "stdout"

    def __init__(self) -> None:
        super().__init__()
        self._plays = self._number = self._changed = 0
        self._parts = [part.rpartition("=")[::2] for part in os.environ.get("CLOCHE_PARTS", "").split(",") if part]
        self._parts = [(name, float(seconds)) for name, seconds in self._parts]
        self._began = self._play_began = time.monotonic()
        self._play_name = ""
        self._open = False
        self._verbose = False
        self._messages: list[str] = []
        self._marks = os.environ.get("CLOCHE_MARKS", "")
        self._task, self._task_began, self._told = "", time.monotonic(), 0
        self._over = threading.Event()

    def _mark(self, event: str, name: str, **more: str) -> None:
        if self._marks:
            with open(self._marks, "a", encoding="utf-8") as file:
                file.write(json.dumps({"at": time.time(), "event": event, "name": name, **more}) + "\n")

    def _mark_end(self, result) -> None:
        self._mark("end", result.task.get_name(), host=result.host.get_name())

    # --- the line of the running play ---------------------------------------------------------------------------

    def _line(self, task: str = "") -> str:
        head = f"[{self._number}/{self._plays}] {self._play_name}"
        return f"{head[:WIDTH]:{WIDTH}} {time.monotonic() - self._play_began:5.1f} s  {task[:60]:60}"

    def _refresh(self, task: str) -> None:
        if self._open and sys.stdout.isatty():
            sys.stdout.write("\r" + self._line(task))
            sys.stdout.flush()

    def pulse(self, now: float, terminal: bool) -> str:
        """Return what shows at the time ``now`` (of the monotonic clock) that the running task lives; mostly "".

        A terminal sees the seconds pass; elsewhere a task is named every half a minute.
        """
        if not (self._open and self._task) or self._verbose:
            return ""
        if terminal:
            return "\r" + self._line(self._task)
        passed = int((now - self._task_began) // LONG)
        if passed <= self._told:
            return ""
        self._told = passed
        return f"      {self._task}, for {passed * LONG} s so far\n"

    def _live(self) -> None:
        while not self._over.wait(1):
            # Not by sys.stdout: a process that is forked meanwhile would inherit its lock, taken.
            os.write(1, self.pulse(time.monotonic(), os.isatty(1)).encode())

    def _close(self) -> None:
        self._task = ""
        if self._open:
            sys.stdout.write(("\r" if sys.stdout.isatty() else "") + self._line().rstrip() + "\n")
            sys.stdout.flush()
            self._parts.append((self._play_name, time.monotonic() - self._play_began))
            self._open = False

    def _say(self, text: str, colour: str | None = None) -> None:
        if self._open and sys.stdout.isatty():
            sys.stdout.write("\r" + " " * (WIDTH + 72) + "\r")
        self._display.display(f"      {text}", color=colour)

    # --- events -------------------------------------------------------------------------------------------------

    def v2_playbook_on_start(self, playbook) -> None:
        self._plays = len(playbook.get_plays())
        chosen = context.CLIARGS
        self._verbose = self._display.verbosity > 0 or bool(chosen.get("check") or chosen.get("diff"))
        threading.Thread(target=self._live, daemon=True).start()
        super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play) -> None:
        self._close()
        self._number += 1
        self._play_name, self._play_began, self._open = play.get_name().strip(), time.monotonic(), True
        self._mark("play", self._play_name)
        if self._verbose:
            super().v2_playbook_on_play_start(play)
        elif not sys.stdout.isatty():
            self._display.display(f"[{self._number}/{self._plays}] {self._play_name} ...")

    def v2_playbook_on_task_start(self, task, is_conditional) -> None:
        self._mark("task", task.get_name())
        if self._verbose:
            super().v2_playbook_on_task_start(task, is_conditional)
        self._task, self._task_began, self._told = task.get_name(), time.monotonic(), 0
        if task.action in QUESTIONS:
            self._task = ""
        self._refresh(task.get_name())

    def v2_playbook_on_handler_task_start(self, task) -> None:
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result) -> None:
        self._mark_end(result)
        if self._verbose:
            super().v2_runner_on_ok(result)
        elif result.task.loop:
            return
        elif result.task.action in DEBUG:
            self._messages.append(str(result.result.get("msg", "")))
        elif result.is_changed():
            self._report_change(result)

    def v2_runner_item_on_ok(self, result) -> None:
        if self._verbose:
            super().v2_runner_item_on_ok(result)
        elif result.task.action in DEBUG:
            self._messages.append(str(result.result.get("msg", "")))
        elif result.is_changed():
            self._report_change(result)

    def _report_change(self, result) -> None:
        self._changed += 1
        self._say(f"{result.host.get_name()}: {result.task.get_name().rpartition(' : ')[2]}", "yellow")

    def v2_runner_retry(self, result) -> None:
        if self._verbose:
            super().v2_runner_retry(result)
        self._refresh(result.task.get_name())

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:
        self._mark_end(result)
        super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_unreachable(self, result) -> None:
        self._mark_end(result)
        super().v2_runner_on_unreachable(result)

    def v2_runner_on_skipped(self, result) -> None:
        self._mark_end(result)
        if self._verbose:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result) -> None:
        if self._verbose:
            super().v2_runner_item_on_skipped(result)

    def v2_playbook_on_include(self, included_file) -> None:
        if self._verbose:
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_stats(self, stats) -> None:
        self._mark("end", "")
        self._close()
        self._over.set()
        if self._verbose:
            super().v2_playbook_on_stats(stats)
        failed = sum(stats.failures.values()) + sum(stats.dark.values())
        self._display.display(f"{'':4}{'seconds':>9}")
        for name, seconds in self._parts:
            self._display.display(f"{seconds:13.1f}  {name}")
        total = sum(seconds for _, seconds in self._parts)
        outcome = f"{failed} failed, " if failed else ""
        self._display.display(f"{total:13.1f}  in all; {outcome}{self._changed} changed")
        for message in self._messages:
            self._display.display(f"\n{message}")
