"""What is sent, where, how often."""

from __future__ import annotations

import argparse
import uuid
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any


def _option(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


def new_prefix() -> str:
    """Return a prefix of ledger keys that nobody has used."""
    return f"load.{uuid.uuid4().hex}."


@dataclass(frozen=True)
class Plan:
    """A load; rates are requests a second, times are seconds. Each field is an option of the command line."""

    base_urls: tuple[str, ...] = _option(("https://localhost:8443",), "address of the stack; several take turns")
    connect_to: tuple[str, ...] = _option((), "address that stands for every name; several take turns")
    ca: str = _option("", "file with the CA that signed the certificate (default: the system's)")
    paths: tuple[str, ...] = _option(("/", "/livez"), "path to GET; several take turns")
    get_rate: float = _option(50.0, "GET requests a second")
    post_rate: float = _option(10.0, "ledger entries posted a second")
    summary_rate: float = _option(1.0, "samples a second of the ledger's summary")
    ledger_path: str = _option("/ledger/", "path that entries are posted to; their summary is below it")
    queue: str = _option("default", "queue of the entries' tasks")
    task_seconds: float = _option(0.0, "how long each task works")
    prefix: str = field(default_factory=new_prefix, metadata={"help": "prefix of the ledger keys (default: a new one)"})
    seconds: float = _option(600.0, "when to stop at the latest")
    timeout: float = _option(30.0, "after how long an unanswered request counts as failed")
    browsers: int = _option(24, "clients that take turns, each with its own keep-alive connections")
    stop_file: str = _option("", "stop when this file appears")

    @property
    def summary_path(self) -> str:
        """The path of the ledger's summary."""
        return f"{self.ledger_path}summary/"

    def options(self) -> list[str]:
        """Return the command line's options that give this plan."""
        found = []
        for option in fields(self):
            value = getattr(self, option.name)
            for part in value if isinstance(value, tuple) else [value]:
                found.append(f"{_flag(option)}={part}")
        return found


def _flag(option: Field) -> str:
    name = option.name.removesuffix("s") if isinstance(option.default, tuple) else option.name
    return "--" + name.replace("_", "-")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add an option for each field of a plan; one that takes several values may be repeated."""
    for option in fields(Plan):
        many = isinstance(option.default, tuple)
        kind = str if many or option.default is MISSING else type(option.default)
        # Without a default: an option that is repeated would add to it.
        parser.add_argument(
            _flag(option), dest=option.name, type=kind, action="append" if many else "store",
            metavar=kind.__name__.upper(), help=_help(option),
        )  # fmt: skip


def from_options(chosen: argparse.Namespace) -> Plan:
    """Return the plan that the options describe. Raises SystemExit for a file that is not there."""
    values = {option.name: getattr(chosen, option.name) for option in fields(Plan)}
    given = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if v is not None}
    plan = Plan(**given)
    if plan.ca and not Path(plan.ca).is_file():
        raise SystemExit(f"load: no file {plan.ca} with the CA")
    return plan


def _help(option: Field) -> str:
    default = option.default
    shown = " ".join(default) if isinstance(default, tuple) else default
    return option.metadata["help"] + ("" if default is MISSING or shown == "" else f" (default {shown})")
