"""Show what a verb answers, and nothing else."""

from __future__ import annotations

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: answer
type: stdout
short_description: Messages of debug alone on standard output, failures on standard error
description:
  - For verbs that answer a question, so that the answer can be piped to another program. C(bin/play) chooses it.
"""

DEBUG = ("debug", "ansible.builtin.debug")


class CallbackModule(CallbackBase):
    """Whoever wants to see the tasks sets ANSIBLE_STDOUT_CALLBACK=default."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "answer"

    def v2_runner_on_ok(self, result) -> None:
        if result.task.action in DEBUG:
            self._display.display(str(result.result.get("msg", "")))

    def v2_runner_on_failed(self, result, ignore_errors: bool = False) -> None:
        self._complain(result, "failed")

    def v2_runner_on_unreachable(self, result) -> None:
        self._complain(result, "unreachable")

    def _complain(self, result, what: str) -> None:
        # A task without log has none of its own words; the answer tells what it has to.
        reason = what if "censored" in result.result else result.result.get("msg", what)
        self._display.display(f"{result.host.get_name()}: {result.task.get_name()}: {reason}", stderr=True)
