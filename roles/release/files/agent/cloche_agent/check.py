"""``check``: the code loads, its settings pass, its migrations are judged, before anything that runs is touched."""

import importlib
import io
import time
from argparse import Namespace
from typing import Any

from cloche_agent import celery_app, django_app, migrations, topology
from cloche_agent.output import Failure, redact, step

_ANY = "*"


def run(options: Namespace) -> dict[str, Any]:
    """Return warnings, task names, the broker's topology, pending and foreign migrations, static files, settings.

    ``tolerated`` are the ids of errors that were let pass, as `system_checks` says; ``loading`` are the seconds that
    the code itself took.
    """
    offline, began = options.offline, time.monotonic()
    result: dict[str, Any] = {"warnings": [], "tolerated": [], "tasks": [], "migrations": [], "ahead": [], "static": 0}
    if options.manage:
        django_app.set_up(options.manage)
        loaded = time.monotonic() - began
        result["unreachable"] = options.later and not django_app.reachable()
        offline = offline or result["unreachable"]
        # Checks of a project's own may ask another server that is set up later.
        result["warnings"], result["tolerated"] = system_checks(options.known, offline=offline or options.later)
        began = time.monotonic() - loaded
    if options.app:
        import_object(options.app)
    app = celery_app.load(options.celery, tasks=True) if options.celery else None
    result["loading"] = round(time.monotonic() - began, 2)
    if app:
        result["tasks"] = sorted(app.tasks)
        result["topology"] = topology.describe(app)
    if options.manage:
        if connection := not offline and django_app.database():
            with step("migrations"):
                result["migrations"], result["ahead"] = migrations.pending(connection)
                connection.close()
        if options.static:
            with step("static"):
                result["static"] = collect_static()
    if options.settings:
        with step("settings"):
            result["settings"] = settings(bool(options.manage), app)
    return result


def system_checks(known: list[str], offline: bool = False) -> tuple[list[str], list[str]]:
    """Return the warnings of Django's system checks, those for deployment included; raise Failure on errors.

    An error that only a check for deployment finds is a warning where its id is ``known``, as of the release that
    serves, or nothing serves yet; the ids of such come second. They are ``*`` where nobody could tell.
    """
    with step("checks"):
        from django.core import checks
        from django.db.utils import ProgrammingError

        databases = ["default"] if not offline and django_app.database() else []
        try:
            found = checks.run_checks(include_deployment_checks=True, databases=databases)
        except Exception as error:
            # Checks of one's own may ask for a table which a migration of this release makes, or for a server which
            # before the first release is not there yet.
            if not (isinstance(error, ProgrammingError) or (offline and _is_unreachable(error))):
                raise
            words = (str(error) or repr(error)).splitlines()[0]
            return [redact(f"the system checks could not be run to their end: {words}")], [_ANY]
    issues = [issue for issue in found if not issue.is_silenced()]
    fatal = [issue for issue in issues if issue.level >= checks.ERROR]
    tolerated = []
    if (offline or known) and fatal:
        # Those for deployment may ask whether workers answer, before there are any.
        always = checks.run_checks()
        tolerated = [issue for issue in fatal if issue not in always and (offline or {issue.id, _ANY} & {*known})]
        fatal = [issue for issue in fatal if issue not in tolerated]
    warnings = [_line(issue) for issue in issues if issue.level >= checks.WARNING and issue not in fatal]
    if errors := [_line(issue) for issue in fatal]:
        raise Failure("checks", "; ".join(errors), errors=errors, warnings=warnings)
    return warnings, sorted({str(issue.id) for issue in tolerated})


def _is_unreachable(error: BaseException) -> bool:
    """Tell whether an exception comes from a connection that could not be made, whatever a client made of it."""
    from django.db.utils import OperationalError

    return any(isinstance(each, (OSError, OperationalError)) for each in _origins(error))


def _origins(error: BaseException) -> list[BaseException]:
    """Return an exception and all that it comes from; where a client tries again these may be a circle."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in found:
            found.append(each)
            waiting += [each.__cause__, each.__context__]
    return found


def _line(issue: Any) -> str:
    where = f"{issue.obj}: " if issue.obj is not None else ""
    return redact(" ".join(f"{where}({issue.id}) {issue.msg}".split()))


def import_object(name: str) -> Any:
    """Return the WSGI or ASGI application ``module:object``; raise Failure where it can't be called."""
    with step("app"):
        module, _, attribute = name.partition(":")
        found: Any = importlib.import_module(module)
        for part in (attribute or "application").split("."):
            found = getattr(found, part)
        if not callable(found):
            raise Failure("app", f"{name} is a {type(found).__name__}, which no server can call")
    return found


def collect_static() -> int:
    """Collect the static files into STATIC_ROOT; return how many it holds of this release."""
    from django.core.management import call_command, get_commands, load_command_class

    command = load_command_class(get_commands()["collectstatic"], "collectstatic")
    call_command(command, interactive=False, verbosity=0, stdout=io.StringIO())
    return sum(len(getattr(command, part, ())) for part in ("copied_files", "unmodified_files", "symlinked_files"))


def settings(django: bool, app: Any) -> dict[str, Any]:
    """Return what a deployment depends on; nothing of it is secret."""
    result: dict[str, Any] = {}
    if django:
        from django.conf import settings as configured

        for name in ("SETTINGS_MODULE", "DEBUG", "STATIC_ROOT", "MEDIA_ROOT"):
            result[name] = getattr(configured, name, None)
    if app:
        for name in ("task_acks_late", "task_reject_on_worker_lost", "task_time_limit", "worker_prefetch_multiplier"):
            result[name] = app.conf[name]
        result["broker"] = app.connection_for_write().transport.driver_type
        result["result_backend"] = str(app.conf.result_backend or "disabled").partition(":")[0]
        result["queues"] = {name: _queue(queue) for name, queue in app.amqp.queues.items()}
    return result


def _queue(queue: Any) -> dict[str, Any]:
    exchange = queue.exchange
    return {
        "exchange": exchange.name if exchange else "",
        "exchange_type": exchange.type if exchange else "",
        "routing_key": queue.routing_key,
        "type": (queue.queue_arguments or {}).get("x-queue-type", "classic"),
    }
