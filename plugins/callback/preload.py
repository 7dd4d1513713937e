"""Load what every task needs once, before the first."""

from __future__ import annotations

import gc

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader, lookup_loader, test_loader

DOCUMENTATION = """
name: preload
type: aggregate
short_description: Loads filters, tests and lookups before the first task
description:
  - Ansible runs each task in a fork of itself. What the parent has not loaded by then, each fork loads anew, all
    filters and the libraries behind them at the first template, 15 ms a task.
  - Python's garbage collector writes into every object that it looks at, so each fork would copy the memory that it
    shares with its parent. What is loaded by now is kept out of its sight, and it looks more rarely.
"""


class CallbackModule(CallbackBase):
    """Touch one of each kind; the loaders then load them all."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "preload"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: object) -> None:
        filter_loader.get("to_json")
        test_loader.get("defined")
        for name in ("file", "template", "password"):
            lookup_loader.get(f"ansible.builtin.{name}")
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000)
