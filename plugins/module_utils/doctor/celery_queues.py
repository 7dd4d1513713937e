"""Queues: whether a task that is published arrives, waits safely and is served."""

from __future__ import annotations

from .case import Case, listed
from .rule import ADVISES, CELERY, LOSES, RISKS, rule

_SETTINGS = f"{CELERY}configuration.html#"
_QUORUM = "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html#using-quorum-queues"
#: Seconds between runs, up to which what piles up without workers is worth a word.
_OFTEN = 60


def _declared(case: Case) -> str:
    """Return a snippet that declares the definition's queues, so that nothing published to them is lost."""
    app = case.app
    names = app["queues"] or [case.conf["task_default_queue"]]
    exchange = app["exchange"] or app["name"]
    if not case.on_rabbitmq:
        return case.celery_snippet(task_default_queue=f'"{names[0]}"')
    queues = "".join(f'\n    Queue("{name}", _tasks, routing_key="{name}", queue_arguments=_quorum),' for name in names)
    arguments = '_quorum = {"x-queue-type": "quorum"}'
    return case.celery_snippet(
        imports=f'from kombu import Exchange, Queue\n_tasks = Exchange("{exchange}", type="topic")\n{arguments}',
        task_queues=f"[{queues}\n]",
        task_default_queue=f'"{names[0]}"',
        task_default_exchange=f'"{exchange}"',
        task_default_exchange_type='"topic"',
        task_default_routing_key=f'"{names[0]}"',
        task_create_missing_queues="False",
    )


@rule(
    "task_routes",
    LOSES,
    lost="each such task: it waits in a queue that no worker serves",
    when="always; nothing fails, nothing is logged",
    instead="queues of app_workers in task_default_queue, task_routes and the decorators, or a worker for the others",
    source=f"{CELERY}routing.html",
)
def routes(case: Case) -> tuple[str, str] | None:
    astray = {name: task["queue"] for name, task in case.tasks.items()}
    astray = {name: queue for name, queue in astray.items() if queue and queue not in case.app["queues"]}
    if not astray:
        return None
    return f"{listed(astray)} to {listed(set(astray.values()))}", _declared(case)


@rule(
    "task_queues.x-queue-type",
    RISKS,
    lost="a task that kills its workers comes back without end, one that is rejected or too many is thrown away",
    when="a queue is of the classic type: limits and the queue dead-letter are for quorum queues",
    instead="quorum; a queue that is there keeps its type: name the new one differently, or delete the empty old one",
    source=_QUORUM,
)
def classic_queues(case: Case) -> tuple[str, str] | None:
    classic = [name for name, queue in case.queues.items() if queue["type"] != "quorum"]
    return (f"classic for {listed(classic)}", _declared(case)) if case.on_rabbitmq and classic else None


@rule(
    "task_queues.durable",
    LOSES,
    lost="the queue with all tasks that wait in it",
    when="RabbitMQ restarts",
    instead="durable=True for queue and exchange, which is Celery's default",
    source=f"{CELERY}routing.html#manual-routing",
)
def durable(case: Case) -> tuple[str, str] | None:
    fleeting = [name for name, queue in case.queues.items() if not queue["durable"]]
    return (f"False for {listed(fleeting)}", _declared(case)) if case.on_rabbitmq and fleeting else None


@rule(
    "task_default_delivery_mode",
    LOSES,
    lost="the tasks that wait: they are kept in memory only",
    when="RabbitMQ restarts (a quorum queue keeps them all the same)",
    instead="persistent, which is Celery's default",
    source=f"{_SETTINGS}task-default-delivery-mode",
)
def delivery_mode(case: Case) -> tuple[str, str] | None:
    kept_in_memory = case.conf.get("task_default_delivery_mode") in (1, "transient")
    weak = [n for n, q in case.queues.items() if q["type"] != "quorum" and (q["transient"] or kept_in_memory)]
    if not case.on_rabbitmq or not weak:
        return None
    return f"transient for {listed(weak)}", case.celery_snippet(task_default_delivery_mode='"persistent"')


@rule(
    "task_default_exchange_type",
    RISKS,
    lost="the workers' attention: each keeps tasks with a delay to itself until it takes no others",
    when="more tasks are delayed (countdown, eta, retry) than it may hold; beyond consumer_timeout they run twice",
    instead="a topic exchange: with quorum queues the broker itself then keeps what is delayed",
    source=_QUORUM,
)
def direct_exchange(case: Case) -> tuple[str, str] | None:
    direct = [n for n, q in case.queues.items() if q["type"] == "quorum" and q["exchange_type"] == "direct"]
    return (f"direct for {listed(direct)}", _declared(case)) if case.on_rabbitmq and direct else None


@rule(
    "task_create_missing_queues",
    RISKS,
    lost="each task that is sent to a queue whose name is misspelt: the queue is made, and nobody serves it",
    when="a name in a route, a decorator or a schedule is wrong",
    instead="False, with all queues declared: a wrong name is an error then",
    source=f"{_SETTINGS}task-create-missing-queues",
)
def create_missing_queues(case: Case) -> tuple[str, str] | None:
    if not case.conf["task_create_missing_queues"]:
        return None
    if case.on_rabbitmq:
        return case.now("task_create_missing_queues"), _declared(case)
    queues = "".join(f'\n    Queue("{name}"),' for name in case.app["queues"])
    snippet = case.celery_snippet(
        imports="from kombu import Queue",
        task_queues=f"[{queues}\n]",
        task_default_queue=f'"{(case.app["queues"] or ["celery"])[0]}"',
        task_create_missing_queues="False",
    )
    return case.now("task_create_missing_queues"), snippet


@rule(
    "kombu",
    LOSES,
    lost="a task that is retried with a delay for the fifth time or so",
    when="its address at the broker has grown too long: before 5.7 each delay adds to it on quorum queues",
    instead="kombu 5.7 or newer",
    source="https://docs.celeryq.dev/projects/kombu/en/stable/changelog.html",
)
def old_kombu(case: Case) -> tuple[str, str] | None:
    if not case.delays_natively or case.version("kombu") >= (5, 7) or case.version("celery") < (5, 5):
        return None
    return case.versions["kombu"], f"# in {case.app['requirements']}\nkombu>=5.7"


@rule(
    "celery",
    LOSES,
    lost="every task: no worker serves a quorum queue",
    when="always; before 5.5 Celery asks RabbitMQ for a way to count that these queues do not have",
    instead="Celery 5.5 or newer",
    source=_QUORUM,
)
def old_celery(case: Case) -> tuple[str, str] | None:
    if not case.has_quorum or case.version("celery") >= (5, 5):
        return None
    return case.versions["celery"], f"# in {case.app['requirements']}\ncelery>=5.7\nkombu>=5.7"


@rule(
    "beat_schedule",
    LOSES,
    lost="each run of that entry",
    when="always: no worker knows the task, or none serves the queue",
    instead="the name that the task is registered by, and a queue of app_queues",
    source=f"{CELERY}periodic-tasks.html",
)
def schedule(case: Case) -> tuple[str, str] | None:
    for name, entry in case.celery["schedule"].items():
        task, queue = entry["task"], entry["queue"]
        if task not in case.tasks and not str(task).startswith("celery."):
            return f"{name}: no task {task}", f'"task": "…",  # one of {listed(case.tasks)}'
        if queue and queue not in case.app["queues"]:
            served = case.app["queues"] or ["…"]
            return f"{name}: no worker serves {queue}", f'"options": {{"queue": "{served[0]}"}},'
    return None


@rule(
    "beat_schedule.expires",
    ADVISES,
    lost="nothing, but all runs that were missed are made up for at once, and other tasks wait behind them",
    when="workers were away for a while; at app_limits.max_length the queue refuses other tasks as well",
    instead="an expiry, where a missed run need not be made up for (on RabbitMQ it then goes to dead-letter)",
    source=f"{CELERY}periodic-tasks.html#available-fields",
)
def expires(case: Case) -> tuple[str, str] | None:
    entries = {n: e["seconds"] for n, e in case.celery["schedule"].items() if e["seconds"] and not e["expires"]}
    often = {name: seconds for name, seconds in entries.items() if seconds <= _OFTEN}
    if not often:
        return None
    name = min(often, key=often.__getitem__)
    return f"none for {listed(often)}", f'# of "{name}"\n"options": {{"expires": {often[name]:g}}},'


@rule(
    "app_beat",
    LOSES,
    lost="each run of the schedule",
    when="always: there is a schedule and nobody who sends it",
    instead="a beat",
    source=f"{CELERY}periodic-tasks.html#starting-the-scheduler",
)
def beat(case: Case) -> tuple[str, str] | None:
    entries = case.celery["schedule"]
    if not entries or case.app["beat"] is not None:
        return None
    return f"none, for {listed(entries)}", case.definition_snippet("app_beat: {}")


RULES = (
    routes, classic_queues, durable, delivery_mode, direct_exchange, create_missing_queues, old_kombu, old_celery,
    schedule, expires, beat,
)  # fmt: skip
