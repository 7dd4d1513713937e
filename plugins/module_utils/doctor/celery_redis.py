"""Redis as the broker."""

from __future__ import annotations

from ..applications.timeouts import longest_hold
from .case import Case
from .rule import ADVISES, LOSES, RISKS, rule

_REDIS = "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html"
#: Seconds: kombu's own.
_VISIBILITY = 3600


def _options(case: Case) -> str:
    """Return the snippet of all transport options: a dictionary is copied whole or not at all."""
    lines = [f'"visibility_timeout": {max(_VISIBILITY, 2 * _longest(case))},', '"socket_timeout": 8,']
    lines += ['"socket_connect_timeout": 4,', '"health_check_interval": 30,']
    body = "".join(f"\n    {line}" for line in lines)
    return case.celery_snippet(broker_transport_options=f"{{{body}\n}}")


def _longest(case: Case) -> int:
    """Return the seconds that a message may be in one worker's hands, as far as settings tell."""
    held = [longest_hold(worker) for worker in case.app["workers"]]
    known = [max(task["time_limit"] or 0, task["longest_delay"]) for task in case.tasks.values()]
    return int(max([*held, *known], default=0))


@rule(
    "broker_transport_options.visibility_timeout",
    RISKS,
    lost="nothing, but tasks run twice or more",
    when="one is not done so many seconds after it was fetched: a long task, one behind others, a countdown",
    instead="more than the longest of them, and than any countdown or eta in the code",
    source=f"{_REDIS}#visibility-timeout",
)
def visibility_timeout(case: Case) -> tuple[str, str] | None:
    limit = case.celery["transport_options"].get("visibility_timeout", _VISIBILITY)
    if not case.on_redis or limit > _longest(case):
        return None
    return f"{limit} s, while a task may take {_longest(case)} s", _options(case)


@rule(
    "broker_transport_options.socket_timeout",
    RISKS,
    lost="the request that publishes, and a worker's attention: they hang",
    when="Redis does not answer, or the way to it is cut",
    instead="some seconds",
    source=f"{_REDIS}#configuration",
)
def redis_timeout(case: Case) -> tuple[str, str] | None:
    if not case.on_redis or case.celery["transport_options"].get("socket_timeout"):
        return None
    return "none", _options(case)


@rule(
    "broker_url",
    LOSES,
    lost="tasks that wait: this Redis makes room by throwing away, and keeps nothing over a restart",
    when="memory runs short, Redis restarts",
    instead="the application's other Redis, which CELERY_BROKER_URL names (app_redis.state)",
    source=f"{_REDIS}#key-eviction",
)
def broker_url(case: Case) -> tuple[str, str] | None:
    cache, broker = case.app["redis"]["cache"]["port"], case.celery["broker"]
    if not case.on_redis or broker["port"] != cache:
        return None
    snippet = case.celery_snippet(imports="import os", broker_url='os.environ["CELERY_BROKER_URL"]')
    return f"{broker['host']}:{broker['port']} (app_redis.cache)", snippet


@rule(
    "app_broker",
    ADVISES,
    lost="a task that is just being fetched, and what was published in the last second",
    when="a worker is killed in that instant; the host of Redis loses its power",
    instead="rabbitmq, where none may get lost; a Redis of your own needs appendonly yes, maxmemory-policy noeviction",
    source=f"{_REDIS}#caveats",
)
def redis_as_broker(case: Case) -> tuple[str, str] | None:
    return ("redis", case.definition_snippet("app_broker: rabbitmq")) if case.on_redis else None


RULES = (visibility_timeout, redis_timeout, broker_url, redis_as_broker)
