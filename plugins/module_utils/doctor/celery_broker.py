"""RabbitMQ, or any broker: how tasks get into it, and what happens to connections that break or hang."""

from __future__ import annotations

from .case import Case
from .rule import ADVISES, CELERY, LOSES, RISKS, rule

_SETTINGS = f"{CELERY}configuration.html#"
_TRANSPORT = f"{_SETTINGS}broker-transport-options"
_HEARTBEAT = 60


def _options(case: Case) -> str:
    """Return the snippet of all transport options: a dictionary is copied whole or not at all."""
    lines = ('"confirm_publish": True,', '"read_timeout": 8,', '"write_timeout": 8,')
    body = "".join(f"\n    {line}" for line in (*lines, '"socket_settings": {socket.TCP_USER_TIMEOUT: 10_000},'))
    return case.celery_snippet(imports="import socket", broker_transport_options=f"{{{body}\n}}")


@rule(
    "broker_transport_options.confirm_publish",
    LOSES,
    lost="a task that was just published: the publisher goes on before the broker has it",
    when="the broker restarts or the connection breaks at that moment; also when a full queue refuses it",
    instead="True",
    source=_TRANSPORT,
)
def confirm_publish(case: Case) -> tuple[str, str] | None:
    if not case.on_rabbitmq or case.celery["transport_options"].get("confirm_publish"):
        return None
    return "not set (False)", _options(case)


@rule(
    "broker_transport_options.read_timeout",
    RISKS,
    lost="the request that publishes: it hangs until gunicorn kills its process; beat hangs for ever",
    when="RabbitMQ is short of memory or disk and takes nothing, or does not answer",
    instead="some seconds for read_timeout and write_timeout",
    source=_TRANSPORT,
)
def amqp_timeouts(case: Case) -> tuple[str, str] | None:
    missing = [n for n in ("read_timeout", "write_timeout") if not case.celery["transport_options"].get(n)]
    return (f"no {' and no '.join(missing)}", _options(case)) if case.on_rabbitmq and missing else None


@rule(
    "broker_transport_options.socket_settings",
    ADVISES,
    lost="nothing, but workers begin what they were at again",
    when="the network stalls for a second: the client's default then drops the connection",
    instead="ten seconds",
    source=_TRANSPORT,
)
def user_timeout(case: Case) -> tuple[str, str] | None:
    if not case.on_rabbitmq or case.celery["transport_options"]["user_timeout"]:
        return None
    return "no TCP_USER_TIMEOUT (1 s)", _options(case)


@rule(
    "broker_connection_retry",
    RISKS,
    lost="the workers: they end, with what they were at, and their supervisor gives up after some tries",
    when="the broker is away, or starts later than they do",
    instead="True for both, broker_connection_retry and broker_connection_retry_on_startup",
    source=f"{_SETTINGS}broker-connection-retry",
)
def connection_retry(case: Case) -> tuple[str, str] | None:
    names = ("broker_connection_retry", "broker_connection_retry_on_startup")
    off = [name for name in names if case.conf.get(name) is False]
    if not off:
        return None
    return ", ".join(f"{name} = False" for name in off), case.celery_snippet(**dict.fromkeys(names, "True"))


@rule(
    "broker_connection_max_retries",
    ADVISES,
    lost="time: the worker gives up and is started anew, with what it was at",
    when="the broker is away for long: 100 tries by default",
    instead="None: it tries for as long as it takes",
    source=f"{_SETTINGS}broker-connection-max-retries",
)
def connection_max_retries(case: Case) -> tuple[str, str] | None:
    if not case.conf["broker_connection_max_retries"]:
        return None
    return case.now("broker_connection_max_retries"), case.celery_snippet(broker_connection_max_retries="None")


@rule(
    "broker_heartbeat",
    ADVISES,
    lost="time: tasks wait for a worker that believes it is connected",
    when="the broker or the way to it vanishes without a word: noticed after two beats, without them after minutes",
    instead="20 seconds",
    source=f"{_SETTINGS}broker-heartbeat",
)
def heartbeat(case: Case) -> tuple[str, str] | None:
    if not case.on_rabbitmq or 0 < (case.conf["broker_heartbeat"] or 0) <= _HEARTBEAT:
        return None
    return case.now("broker_heartbeat"), case.celery_snippet(broker_heartbeat="20")


@rule(
    "broker_channel_error_retry",
    ADVISES,
    lost="what the worker was at: it ends, is started anew, and its tasks begin again",
    when="the broker closes its channel: a task held too long, a queue made anew, a node that goes",
    instead="True",
    source=f"{_SETTINGS}broker-channel-error-retry",
)
def channel_error_retry(case: Case) -> tuple[str, str] | None:
    if not case.on_rabbitmq or case.conf.get("broker_channel_error_retry", True):
        return None
    return case.now("broker_channel_error_retry"), case.celery_snippet(broker_channel_error_retry="True")


@rule(
    "broker_pool_acquire_timeout",
    ADVISES,
    lost="the request that publishes: it waits for ever",
    when="all connections of its process are in use, as when others hang",
    instead="some seconds",
    source=f"{_SETTINGS}broker-pool-acquire-timeout",
)
def pool_acquire_timeout(case: Case) -> tuple[str, str] | None:
    if not case.serves or case.conf.get("broker_pool_acquire_timeout", 1):
        return None
    return case.now("broker_pool_acquire_timeout"), case.celery_snippet(broker_pool_acquire_timeout="10")


@rule(
    "control_queue_durable",
    RISKS,
    lost="the handover of a release: workers cannot be asked to let go of their queues",
    when="RabbitMQ denies shared queues that are not durable (rabbitmq_permit_transient_queues: false)",
    instead="True beside control_queue_exclusive = False",
    source=f"{_SETTINGS}control-queue-durable",
)
def control_queue(case: Case) -> tuple[str, str] | None:
    shared = case.conf.get("control_queue_exclusive") is False and not case.conf.get("control_queue_durable")
    if not case.on_rabbitmq or not shared:
        return None
    return case.now("control_queue_durable"), case.celery_snippet(control_queue_durable="True")


@rule(
    "CELERY_BROKER_URL",
    ADVISES,
    lost="nothing, but tasks go elsewhere than the settings say, with options that were meant for another broker",
    when="always: Celery prefers this variable of the environment, which the kit sets, to its settings",
    instead="the same variable in the settings, or app_broker as the settings mean it",
    source=f"{_SETTINGS}broker-url",
)
def outranked_broker(case: Case) -> tuple[str, str] | None:
    return outranked(case, "CELERY_BROKER_URL", "broker_url")


def outranked(case: Case, variable: str, setting: str) -> tuple[str, str] | None:
    """Return a verdict where the environment and the settings lead to different services."""
    given, written = case.environment["celery"].get(variable), case.celery["written"][variable]
    if not given or not written["kind"] or all(given[key] == written[key] for key in ("kind", "host", "port")):
        return None
    shown = [f"{one['kind']} {one['host'] or ''}:{one['port'] or ''}".rstrip(" :") for one in (given, written)]
    snippet = case.celery_snippet(imports="import os", **{setting: f'os.environ["{variable}"]'})
    return f"{shown[0]}, in the settings {shown[1]}", snippet


RULES = (
    confirm_publish, amqp_timeouts, user_timeout, connection_retry, connection_max_retries, heartbeat,
    channel_error_retry, pool_acquire_timeout, control_queue, outranked_broker,
)  # fmt: skip
