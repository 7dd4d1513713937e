"""`make logs`: what was asked for, and what is said where a view cannot be whole."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import Any

from .environment import Environment, chosen
from .log_sources import program_pattern, since, sources
from .log_stream import COMMAND, Stream
from .log_view import View, shown, tasks
from .reach import reaching

#: How far back it looks where nothing is said: around now, or for a request that somebody has reported.
RECENT, REPORTED = "10m", "1d"
HOW = "docs/operations.md#logs"


def complain(words: str) -> None:
    """Say something beside the view."""
    print(f"logs: {words}", file=sys.stderr, flush=True)


def view(environment: Environment, asked: argparse.Namespace) -> View:
    """Return the view of an environment that was asked for; ``asked`` has app, host, program, request and since."""
    applications = environment.applications()
    app = chosen("APP", asked.app, list(applications)) if asked.app else ""
    hosts = [chosen("HOST", asked.host, environment.hosts)] if asked.host else environment.hosts
    start = since(asked.since or (REPORTED if asked.request else RECENT), time.time())
    wanted: dict[str, dict[str, Any]] = {}
    for host in hosts:
        groups = [name for name in ("postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower", "balancer")
                  if host in environment.group(name)]  # fmt: skip
        wanted[host] = {"sources": sources(groups, applications, app), "programs": program_pattern(asked.program),
                        "since": start, "needles": [], "follow": False}  # fmt: skip

    def connect(host: str, what: dict[str, Any]) -> Stream:
        return Stream(host, reaching(host, environment.variables(host), COMMAND), what)

    return View(hosts, wanted, connect, complain)


def degraded(found: list, identifier: str, named: int) -> str:
    """Return what is missing of a request's story, and why; "" where nothing is."""
    programs = {program for _, _, program, line in found if identifier in line}
    if not named:
        return f"no line has {identifier}: is it the request's id, and is SINCE far enough back?"
    if all(program.startswith(("nginx", "balancer")) for program in programs):
        return (
            f"only nginx names {identifier}: it answered by itself, or the application's process writes no such line "
            f"({HOW})"
        )
    if not any(tasks(line) for *_, line in found):
        return f"no task names {identifier}: it started none, or the application does not hand its id on ({HOW})"
    return ""


def logs(environment: Environment, asked: argparse.Namespace) -> int:
    """Print the view; return 0, or 1 where a host did not answer or a request was not found."""
    whole = view(environment, asked)
    try:
        if asked.request:
            found, named = whole.request(asked.request)
            for entry in found:
                print(shown(entry, len(whole.hosts), asked.format))
            if words := degraded(found, asked.request, named):
                complain(words)
            return 1 if whole.silent or not named else 0
        follow = asked.follow != "0"
        for entry in whole.history([], follow):
            print(shown(entry, len(whole.hosts), asked.format))
        sys.stdout.flush()
        for entry in whole.fresh() if follow else ():
            print(shown(entry, len(whole.hosts), asked.format), flush=True)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        # As of `make logs | head`; what Python still has to say goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        whole.close()
    return 1 if whole.silent else 0
