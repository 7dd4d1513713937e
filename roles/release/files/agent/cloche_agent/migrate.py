"""``migrate``: the database's schema and the broker's topology, once, before any new process."""

import io
import time
from argparse import Namespace
from contextlib import nullcontext
from typing import Any

from cloche_agent import celery_app, django_app, topology
from cloche_agent.output import Failure, describe
from cloche_agent.postgres import Session, is_lock_timeout


def run(options: Namespace) -> dict[str, Any]:
    """Return the migrations applied, the queues declared, and the seconds of both."""
    result: dict[str, Any] = {"applied": [], "declared": [], "seconds": {"migrate": 0.0, "declare": 0.0}}
    if options.manage:
        django_app.set_up(options.manage)
        started = time.monotonic()
        if connection := django_app.database():
            _migrate(connection, options, result["applied"])
        result["seconds"]["migrate"] = round(time.monotonic() - started, 3)
    if options.celery:
        app = celery_app.load(options.celery)
        started = time.monotonic()
        try:
            result["declared"] = topology.declare(app)
        except Failure as failure:
            failure.facts["applied"] = result["applied"]
            raise
        result["seconds"]["declare"] = round(time.monotonic() - started, 3)
    return result


def _migrate(connection: Any, options: Namespace, applied: list[str]) -> None:
    from django.core.management import call_command, get_commands, load_command_class

    command = load_command_class(get_commands()["migrate"], "migrate")
    current: list[str] = []

    def progress(action: str, migration: Any = None, fake: bool = False) -> None:
        name = f"{migration.app_label}.{migration.name}" if migration else ""
        if action == "apply_start":
            current[:] = [name]
        elif action == "apply_success":
            applied.append(name)
            current.clear()

    command.migration_progress_callback = progress
    guard = Session(connection, options.lock_timeout, options.wait) if connection.vendor == "postgresql" else None
    try:
        with guard or nullcontext():
            call_command(command, interactive=False, verbosity=0, stdout=io.StringIO())
    except Failure:
        raise
    except (Exception, SystemExit) as error:
        message = guard.explain() if guard and is_lock_timeout(error) else describe(error)
        facts = {"migration": current[0] if current else None, "applied": applied}
        raise Failure("migrate", f"{current[0]}: {message}" if current else message, **facts) from error
