"""Results: whether whoever waits for one, or looks for it later, finds it."""

from __future__ import annotations

from .case import Case, listed
from .celery_broker import outranked
from .rule import ADVISES, CELERY, RISKS, rule

_SETTINGS = f"{CELERY}configuration.html#"


def _kind(case: Case) -> str:
    """Return the result store's kind: redis, django-db, database, rpc, disabled and so on."""
    kind = case.celery["results"]["kind"]
    return "database" if kind.startswith("db+") else kind


@rule(
    "result_backend",
    RISKS,
    lost="results, and with them groups and chords that wait for them",
    when="rpc: whoever asked ends or reconnects; a cache: memory runs short; a file in a release: the next release",
    instead="a store that keeps them (app_result_backend), or none where nobody reads them",
    source=f"{_SETTINGS}result-backend",
)
def result_backend(case: Case) -> tuple[str, str] | None:
    results, cache = case.celery["results"], case.app["redis"]["cache"]["port"]
    snippet = case.definition_snippet(f"app_result_backend: {'django-db' if case.django else 'redis'}")
    if _kind(case) in ("rpc", "amqp"):
        return _kind(case), snippet
    if _kind(case) == "redis" and results["port"] == cache:
        value = f"{results['host']}:{results['port']} (app_redis.cache)"
        return value, case.definition_snippet("app_result_backend: redis")
    if results["in_release"]:
        path = f"/srv/{case.app['name']}/shared/results.sqlite3"
        return "a file in the release", case.definition_snippet(f"app_result_backend: db+sqlite:///{path}")
    return None


@rule(
    "result_expires",
    RISKS,
    lost="in Redis every further result, and every task where it is the broker; in a database its disk",
    when="memory or disk is full: results are kept for ever",
    instead="a day, in seconds",
    source=f"{_SETTINGS}result-expires",
)
def result_expires(case: Case) -> tuple[str, str] | None:
    if _kind(case) not in ("redis", "database", "django-db") or case.conf["result_expires"]:
        return None
    return case.now("result_expires"), case.celery_snippet(result_expires="24 * 3600")


@rule(
    "celery.backend_cleanup",
    ADVISES,
    lost="the database's disk, in the end: results that have expired stay",
    when="nobody sends this task, which beat does every morning",
    instead="a beat, or a timer of your own that runs the task",
    source=f"{_SETTINGS}result-expires",
)
def cleanup(case: Case) -> tuple[str, str] | None:
    if _kind(case) not in ("database", "django-db") or case.app["beat"] is not None:
        return None
    if case.tasks and all(task["ignore_result"] for task in case.tasks.values()):
        return None
    return "never sent", case.definition_snippet("app_beat: {}")


@rule(
    "task_ignore_result",
    ADVISES,
    lost="memory of the Redis that never throws anything away: full, it refuses results, and tasks if it is the broker",
    when="many tasks run within result_expires, each leaving a result that nobody reads",
    instead="True, and ignore_result=False for the tasks whose result somebody reads",
    source=f"{_SETTINGS}task-ignore-result",
)
def ignore_result(case: Case) -> tuple[str, str] | None:
    keeping = [name for name, task in case.tasks.items() if not task["ignore_result"]]
    if _kind(case) != "redis" or case.conf["task_ignore_result"] or not keeping:
        return None
    return f"{case.now('task_ignore_result')}, for {listed(keeping)}", case.celery_snippet(task_ignore_result="True")


@rule(
    "result_backend_always_retry",
    ADVISES,
    lost="the result of a task that is done: it counts as failed",
    when="PostgreSQL restarts at that moment",
    instead="True, with a number of tries that ends",
    source=f"{_SETTINGS}result-backend-always-retry",
)
def always_retry(case: Case) -> tuple[str, str] | None:
    if _kind(case) != "django-db" or case.conf.get("result_backend_always_retry", True):
        return None
    snippet = case.celery_snippet(result_backend_always_retry="True", result_backend_max_retries="10")
    return case.now("result_backend_always_retry"), snippet


@rule(
    "CELERY_RESULT_BACKEND",
    ADVISES,
    lost="results, for whoever looks where the settings say",
    when="always: Celery prefers this variable of the environment, which the kit sets, to its settings",
    instead="the same variable in the settings, or app_result_backend as the settings mean it",
    source=f"{_SETTINGS}result-backend",
)
def outranked_backend(case: Case) -> tuple[str, str] | None:
    return outranked(case, "CELERY_RESULT_BACKEND", "result_backend")


RULES = (result_backend, result_expires, cleanup, ignore_result, always_retry, outranked_backend)
