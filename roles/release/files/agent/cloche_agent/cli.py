"""The command line: a verb, its options, its result."""

import argparse
import importlib
from typing import Any, NoReturn

from cloche_agent.output import Failure, claim_stdout, describe, publish


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are results like any other."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise Failure("arguments", f"{self.prog}: {message}")


def parser() -> Parser:
    """Return the parser; each verb is a module of that name with a function ``run(options) -> dict``."""
    top = Parser(prog="agent", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)

    check = verbs.add_parser("check", help="load the code, judge its settings and pending migrations")
    check.add_argument("--manage", help="manage.py, to set Django up as that file does, or django-admin")
    check.add_argument("--app", metavar="MODULE:OBJECT", help="the WSGI or ASGI application")
    check.add_argument("--celery", metavar="APP", help="as in `celery -A APP`")
    check.add_argument("--static", action="store_true", help="collect the static files")
    check.add_argument("--offline", action="store_true", help="leave the database alone: it may not be there yet")
    check.add_argument("--later", action="store_true", help="the same only where it cannot be reached")
    known = "an error that only a check for deployment finds, and that the live release has as well"
    check.add_argument("--known", action="append", default=[], metavar="ID", help=known)
    check.add_argument("--settings", action="store_true", help="report the settings that a deployment depends on")

    doctor = verbs.add_parser("doctor", help="tell the settings that a task, a request or a secret depends on")
    doctor.add_argument("--manage")
    doctor.add_argument("--app", metavar="MODULE:OBJECT")
    doctor.add_argument("--celery", metavar="APP")

    migrate = verbs.add_parser("migrate", help="apply migrations, declare the broker's topology")
    migrate.add_argument("--manage")
    migrate.add_argument("--celery", metavar="APP")
    migrate.add_argument("--lock-timeout", type=float, default=5, metavar="SECONDS", help="for each lock")
    migrate.add_argument("--wait", type=float, default=30, metavar="SECONDS", help="for another migrate to end")

    probe = _with_celery(verbs, "probe", "run a task on each queue, end to end")
    probe.add_argument("--task", default="celery.accumulate")
    probe.add_argument("--timeout", type=float, default=20, metavar="SECONDS")
    probe.add_argument("queues", nargs="+", metavar="QUEUE")

    workers = _with_celery(verbs, "workers", "wait for new workers, take the queues from old ones")
    workers.add_argument("--await", dest="awaited", action="append", default=[], metavar="NODE")
    workers.add_argument("--retire", dest="retired", action="append", default=[], metavar="NODE")
    workers.add_argument("--start-timeout", type=float, default=60, metavar="SECONDS")
    workers.add_argument("--drain-timeout", type=float, default=120, metavar="SECONDS")

    empty = _with_celery(verbs, "empty", "wait until nothing waits in queues")
    empty.add_argument("--timeout", type=float, default=30, metavar="SECONDS")
    empty.add_argument("queues", nargs="+", metavar="QUEUE")

    consume = _with_celery(verbs, "consume", "let workers stop or start consuming")
    consume.add_argument("--nodes", nargs="+", required=True, metavar="NODE")
    what = consume.add_mutually_exclusive_group(required=True)
    what.add_argument("--stop", action="store_true")
    what.add_argument("--start", nargs="+", metavar="QUEUE")
    consume.add_argument("--timeout", type=float, default=10, metavar="SECONDS")

    inflight = _with_celery(verbs, "inflight", "list what workers hold")
    inflight.add_argument("--nodes", nargs="+", required=True, metavar="NODE")
    inflight.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="until they hold nothing")
    inflight.add_argument("--timeout", type=float, default=5, metavar="SECONDS")

    requeue = _with_celery(verbs, "requeue", "send parked messages whose task is known to where they were to go")
    parked = requeue.add_mutually_exclusive_group(required=True)
    parked.add_argument("--dead-letter", metavar="QUEUE", help="holds what the broker took out of other queues")
    parked.add_argument("--unrouted", metavar="QUEUE", help="holds what no queue took")
    requeue.add_argument("--rejected", action="store_true", help="only what a worker has rejected")
    requeue.add_argument("--task", action="append", default=[], metavar="NAME", help="move no other tasks than these")
    requeue.add_argument("--names-from", metavar="FILE", help="JSON: the same")
    requeue.add_argument("--limit", type=int, default=10_000, help="messages to look at")
    return top


def _with_celery(verbs: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=purpose)
    verb.add_argument("--celery", metavar="APP", required=True)
    return verb


def main(argv: list[str]) -> int:
    """Run a verb, print its result, and return the exit status.

    A result that holds ``error`` is a failure: of a step, or what the verb found (a queue that is not served).
    """
    stream = None if {"-h", "--help"} & set(argv) else claim_stdout()
    try:
        options = parser().parse_args(argv)
        run = importlib.import_module(f"cloche_agent.{options.verb}").run
        result = run(options)
    except Failure as failure:
        result = failure.result()
    except SystemExit as leaving:
        if stream is None:
            return int(leaving.code or 0)
        result = Failure("agent", describe(leaving)).result()
    except Exception as error:
        result = Failure("agent", describe(error)).result()
    publish(stream, result)
    return 1 if "error" in result else 0
