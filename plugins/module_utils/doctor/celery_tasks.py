"""Tasks: what becomes of one that is being run, and of what it may be sent as."""

from __future__ import annotations

from .case import Case, listed
from .rule import ADVISES, CELERY, LOSES, RISKS, rule

_SETTINGS = f"{CELERY}configuration.html#"
#: Names of the serializer that runs code when it reads.
_RUNS_CODE = {"pickle", "application/x-python-serialize"}


@rule(
    "task_acks_late",
    LOSES,
    lost="the tasks that a worker is at: to the broker they were done when they began",
    when="the worker is killed: out of memory, a crash, a power cut",
    instead="True, and tasks that may run twice without harm",
    source=f"{_SETTINGS}task-acks-late",
)
def acks_late(case: Case) -> tuple[str, str] | None:
    if case.conf["task_acks_late"] or (case.tasks and all(task["acks_late"] for task in case.tasks.values())):
        return None
    snippet = case.celery_snippet(task_acks_late="True", task_reject_on_worker_lost="True")
    return case.now("task_acks_late"), snippet


@rule(
    "Task.acks_late",
    RISKS,
    lost="these tasks, which say for themselves that they are not to be repeated",
    when="the worker that is at one is killed",
    instead="nothing in the decorator, or True; False only for what must rather be lost than done twice",
    source=f"{CELERY}tasks.html#Task.acks_late",
)
def own_acks_late(case: Case) -> tuple[str, str] | None:
    early = [name for name, task in case.tasks.items() if not task["acks_late"]]
    if not case.conf["task_acks_late"] or not early:
        return None
    return f"False for {listed(early)}", f"# {early[0]}\n@shared_task(acks_late=True)"


@rule(
    "task_reject_on_worker_lost",
    LOSES,
    lost="the task that a worker's child process was running: it counts as failed and is not repeated",
    when="the child alone dies: killed for its memory, a crash in a C library",
    instead="True",
    source=f"{_SETTINGS}task-reject-on-worker-lost",
)
def reject_on_worker_lost(case: Case) -> tuple[str, str] | None:
    lost = [name for name, task in case.tasks.items() if task["acks_late"] and not task["survives"]]
    if not lost:
        return None
    return f"{case.now('task_reject_on_worker_lost')}, for {listed(lost)}", case.celery_snippet(
        task_reject_on_worker_lost="True"
    )


@rule(
    "worker_cancel_long_running_tasks_on_connection_loss",
    RISKS,
    lost="nothing, but a task runs twice at the same time",
    when="a worker's connection to the broker breaks: its task is given to another worker and goes on here as well",
    instead="True",
    source=f"{_SETTINGS}worker-cancel-long-running-tasks-on-connection-loss",
)
def cancel_on_connection_loss(case: Case) -> tuple[str, str] | None:
    name = "worker_cancel_long_running_tasks_on_connection_loss"
    late = any(task["acks_late"] for task in case.tasks.values())
    if not late or case.conf.get(name, True):
        return None
    return case.now(name), case.celery_snippet(**{name: "True"})


@rule(
    "task_always_eager",
    LOSES,
    lost="each task that runs when its web process ends; and requests wait for their tasks",
    when="a release, a restart, a request that takes too long",
    instead="False outside of tests",
    source=f"{_SETTINGS}task-always-eager",
)
def always_eager(case: Case) -> tuple[str, str] | None:
    if not case.conf["task_always_eager"]:
        return None
    return case.now("task_always_eager"), case.celery_snippet(task_always_eager="False")


@rule(
    "task_soft_time_limit",
    ADVISES,
    lost="the chance to tidy up: a task over its time is cut off anywhere, and not repeated",
    when="a task takes longer than app_workers.time_limit",
    instead="some seconds less than the limit; the task then gets SoftTimeLimitExceeded",
    source=f"{_SETTINGS}task-soft-time-limit",
)
def soft_time_limit(case: Case) -> tuple[str, str] | None:
    limits = [worker["time_limit"] for worker in case.app["workers"] if worker["pool"] in ("prefork", "gevent")]
    hard = [name for name, task in case.tasks.items() if not task["soft_time_limit"]]
    if not limits or not hard:
        return None
    soft = max(1, min(limits) - 30) if min(limits) > 30 else max(1, min(limits) // 2)
    return f"none for {listed(hard)}", case.celery_snippet(task_soft_time_limit=str(soft))


@rule(
    "Task.time_limit",
    RISKS,
    lost="the work that such a task has done so far; it begins again elsewhere",
    when="a release or a stop of its worker: after app_workers.time_limit and 30 s it is killed",
    instead="a limit of the worker that is not below those of its tasks",
    source=f"{CELERY}workers.html#time-limits",
)
def task_time_limit(case: Case) -> tuple[str, str] | None:
    for worker in case.app["workers"]:
        own = {n: t["time_limit"] for n, t in case.tasks.items() if t["queue"] in worker["queues"] and t["time_limit"]}
        longer = {name: limit for name, limit in own.items() if limit > worker["time_limit"]}
        if longer:
            longest, name = max(longer.values()), worker["name"]
            value = f"up to {longest:g} s ({listed(longer)}), worker {name}: {worker['time_limit']} s"
            entry = f"  - {{name: {name}, …, time_limit: {longest:g}}}"
            return value, case.definition_snippet(f"app_workers:\n{entry}")
    return None


@rule(
    "app_workers.pool",
    RISKS,
    lost="the place of a task that hangs: its worker does less and less, until it does nothing",
    when="a task waits for something that never comes: Celery ends none in the pools threads and solo",
    instead="prefork (or gevent), and timeouts on whatever a task waits for",
    source=f"{CELERY}workers.html#time-limits",
)
def pool(case: Case) -> tuple[str, str] | None:
    endless = {w["name"]: w["pool"] for w in case.app["workers"] if w["pool"] in ("threads", "solo")}
    if not endless:
        return None
    lines = [f"  - {{name: {name}, …, pool: prefork}}" for name in endless]
    value = listed(f"{name}: {kind}" for name, kind in endless.items())
    return value, case.definition_snippet("\n".join(["app_workers:", *lines]))


@rule(
    "Task.default_retry_delay",
    LOSES,
    lost="the task itself",
    when="it is retried: RabbitMQ's delays are whole seconds, and one below a second raises ValueError",
    instead="1 or more",
    source=f"{CELERY}tasks.html#Task.default_retry_delay",
)
def retry_delay(case: Case) -> tuple[str, str] | None:
    short = [n for n, t in case.tasks.items() if 0 < (t["retry_delay"] or 0) < 1 and not t["own_publish"]]
    if not case.delays_natively or not short:
        return None
    return f"below one second for {listed(short)}", f"# {short[0]}\n@shared_task(default_retry_delay=1)"


@rule(
    "task_cls",
    ADVISES,
    lost="a task that is retried or sent with a delay between 0 and 1 second",
    when="its publisher computes the delay: RabbitMQ's are whole seconds, anything between raises ValueError",
    instead="a base class that rounds delays up; nothing to do where no delay is ever below a second",
    source=f"{CELERY}calling.html#eta-and-countdown",
)
def short_delays(case: Case) -> tuple[str, str] | None:
    plain = [name for name, task in case.tasks.items() if not task["own_publish"]]
    if not case.delays_natively or not plain:
        return None
    in_django = case.django and case.version("celery") >= (5, 4)
    module, name = ("celery.contrib.django.task", "DjangoTask") if in_django else ("celery", "Task")
    snippet = (
        f"import math\nfrom {module} import {name}\n\nclass WholeSeconds({name}):\n    abstract = True\n\n"
        "    def apply_async(self, *args, **options):\n"
        '        if options.get("countdown"):\n'
        '            options["countdown"] = math.ceil(options["countdown"])\n'
        "        return super().apply_async(*args, **options)\n\n"
        f'app = Celery("{case.celery["main"]}", task_cls=WholeSeconds)'
    )
    return f"Celery's own for {listed(plain)}", snippet


@rule(
    "Task.apply_async_on_commit",
    ADVISES,
    lost="what a task was to do: it finds no row, or one of a change that was taken back",
    when="it is published inside a transaction and a worker is faster than the commit",
    instead="a task class with delay_on_commit (Celery 5.4 has one for Django), and its use inside transactions",
    source="https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html",
)
def on_commit(case: Case) -> tuple[str, str] | None:
    lacking = [name for name, task in case.tasks.items() if not task["on_commit"]]
    if not case.django.get("databases") or not lacking:
        return None
    return f"not there for {listed(lacking)}", "from django.db import transaction\n\ntransaction.on_commit(task.delay)"


@rule(
    "accept_content",
    RISKS,
    lost="every secret of the workers: such a message runs code where it is read",
    when="somebody can write to the broker or the result store",
    instead="JSON alone",
    source=f"{CELERY}security.html#serializers",
)
def accept_content(case: Case) -> tuple[str, str] | None:
    names = ("accept_content", "result_accept_content", "task_serializer", "result_serializer")
    values = {name: case.conf.get(name) or [] for name in names}
    unsafe = [n for n, v in values.items() if _RUNS_CODE & ({v} if isinstance(v, str) else set(v))]
    if not unsafe:
        return None
    given = ", ".join(f"{name} = {case.conf[name]!r}" for name in unsafe)
    return given, case.celery_snippet(accept_content='["json"]', task_serializer='"json"', result_serializer='"json"')


RULES = (
    acks_late, own_acks_late, reject_on_worker_lost, cancel_on_connection_loss, always_eager, soft_time_limit,
    task_time_limit, pool, retry_delay, short_delays, on_commit, accept_content,
)  # fmt: skip
