"""The chain of timeouts: each inner limit must end before the outer one strikes. All figures are seconds."""

from __future__ import annotations

from typing import Any

from .problems import Problem, problem

#: A worker's program may take this much longer to stop than its longest task: results are still written.
WORKER_STOP_MARGIN = 30
#: The same for a web process above gunicorn's graceful timeout.
WEB_STOP_MARGIN = 10
#: Beat and Flower hold no work.
SINGLETON_STOP = 30

Step = list[Any]


def longest_hold(worker: dict[str, Any]) -> int:
    """Return the seconds that a message may stay unacknowledged in one worker.

    Celery asks RabbitMQ for prefetch x concurrency messages per queue (quorum queues count per consumer, and each
    queue is a consumer), acknowledges late, and works `concurrency` of them at a time: the last one of
    `queues x prefetch` rounds is acknowledged after so many times the limit. Concurrency cancels out.
    """
    return len(worker["queues"]) * worker["prefetch"] * worker["time_limit"]


def stop_seconds(app: dict[str, Any]) -> dict[str, int]:
    """Return stopwaitsecs of each of an application's programs."""
    programs = {f"worker {w['name']}": w["time_limit"] + WORKER_STOP_MARGIN for w in app["workers"]}
    if app["wsgi"] or app["asgi"]:
        programs["web"] = app["web"]["graceful_timeout"] + WEB_STOP_MARGIN
    programs |= {name: SINGLETON_STOP for name in ("beat", "flower") if app[name] is not None}
    return programs | {f"process {p['name']}": p["stop_timeout"] for p in app["processes"]}


def ladder(app: dict[str, Any], facts: dict[str, Any]) -> list[Step]:
    """Return [what, seconds] pairs in rising order, one chain after the other, for a complete definition."""
    steps: list[Step] = []
    holder, limit = _holder(app, facts)
    graceful = app["web"]["graceful_timeout"]
    for worker in app["workers"]:
        name = f"worker {worker['name']}"
        steps += [
            [f"{name}: task limit", worker["time_limit"]],
            [f"{name}: supervisor waits for it to stop", worker["time_limit"] + WORKER_STOP_MARGIN],
            [f"messages of {name}: held unacknowledged ({_product(worker)})", longest_hold(worker)],
            [f"messages of {name}: {holder}", limit],
        ]
    if app["wsgi"] or app["asgi"]:
        steps += [
            ["web: gunicorn's graceful_timeout", graceful],
            ["web: supervisor waits for it to stop", graceful + WEB_STOP_MARGIN],
            ["requests: gunicorn's graceful_timeout", graceful],
            ["requests: gunicorn's timeout", app["web"]["timeout"]],
            ["requests: nginx's read timeout", app["web"]["timeout"] + facts["nginx_timeout_margin"]],
        ]
        for location in (entry for entry in app["locations"] if entry["timeout"] is not None):
            steps += [
                [f"requests to {location['path']}: gunicorn's timeout", app["web"]["timeout"]],
                [f"requests to {location['path']}: nginx's read timeout", location["timeout"]],
            ]
    steps.append(["all programs, stopped one after the other", sum(stop_seconds(app).values())])
    return [*steps, ["supervisor's unit: stop timeout", facts["stop_timeout"]]]


def timeout_problems(where: str, app: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    """Return the contradictions in one application's chain."""
    found = []
    holder, limit = _holder(app, facts)
    for worker in app["workers"]:
        at = f"{where}app_workers[{worker['name']}]"
        if worker["time_limit"] >= limit:
            remedy = f"lower it below {holder} ({limit} s) or raise that: the message would be delivered a second time"
            found.append(problem(f"{at}.time_limit", worker["time_limit"], remedy))
        elif (hold := longest_hold(worker)) >= limit:
            remedy = f"a message may wait {_product(worker)} = {hold} s; lower it or raise {holder} ({limit} s)"
            found.append(problem(f"{at}.prefetch", worker["prefetch"], remedy))
    web = app["web"]
    if web["graceful_timeout"] >= web["timeout"]:
        remedy = f"lower it below app_web.timeout ({web['timeout']} s)"
        found.append(problem(f"{where}app_web.graceful_timeout", web["graceful_timeout"], remedy))
    for program, seconds in stop_seconds(app).items():
        if seconds >= facts["stop_timeout"]:
            remedy = f"{program} may take {seconds} s to stop; raise supervisor_stop_timeout above it"
            found.append(problem("supervisor_stop_timeout", facts["stop_timeout"], remedy))
    return found


def environment_timeout_problems(apps: dict[str, dict[str, Any]], facts: dict[str, Any]) -> list[Problem]:
    """Return the contradictions in what all applications share."""
    found = []
    if facts["nginx_timeout_margin"] <= 0:
        remedy = "must be above 0: nginx waits longer than gunicorn, else it answers 504 for a request that succeeds"
        found.append(problem("nginx_timeout_margin", facts["nginx_timeout_margin"], remedy))
    longest = {where: stop_seconds(app) for where, app in apps.items()}
    total = sum(sum(programs.values()) for programs in longest.values())
    single = max((s for programs in longest.values() for s in programs.values()), default=0)
    # supervisord stops its programs one after the other; systemd kills what is left, and its tasks run twice.
    if single < facts["stop_timeout"] <= total:
        remedy = f"all programs, stopped one after the other, may take {total} s; raise it above that"
        found.append(problem("supervisor_stop_timeout", facts["stop_timeout"], remedy))
    return found


def _holder(app: dict[str, Any], facts: dict[str, Any]) -> tuple[str, int]:
    if app["broker"] == "redis":
        return "visibility_timeout of Redis as the broker", facts["visibility_timeout"]
    return "rabbitmq_consumer_timeout", facts["consumer_timeout"]


def _product(worker: dict[str, Any]) -> str:
    return f"{len(worker['queues'])} queues x prefetch {worker['prefetch']} x {worker['time_limit']} s"
