"""What `make doctor` says of Celery's settings: for each rule a case that it names, and one that passes."""

from __future__ import annotations

import pytest
from ansible.module_utils import doctor
from doctor_samples import FACTS, ON_REDIS, findings
from samples import DELETE

CONF, TASK, OPTIONS = "celery/settings", "celery/tasks/shop.sell", "celery/transport_options"
WORKER = {"name": "all", "queues": ["default", "slow", "mail"], "time_limit": 900}
OLD = FACTS["versions"] | {"kombu": "5.5.4", "celery": "5.5.3"}
ENTRY = {"task": "shop.sell", "seconds": 30, "expires": False, "queue": None}
QUEUE = {"type": "quorum", "durable": True, "transient": False, "exchange_type": "topic"}
#: The one place that Redis is asked at, with the instance that makes room.
CACHE = {"kind": "redis", "host": "127.0.0.1", "port": 6380, "path": "/0"}
STATE = CACHE | {"port": 6381}


def queues(**changes):
    return dict.fromkeys(("default", "slow", "mail"), QUEUE | changes)


#: By setting: what makes it a finding, and what does not.
CASES = {
    "task_acks_late": (
        {f"{CONF}/task_acks_late": False, f"{TASK}/acks_late": False},
        # Each task says so itself.
        {f"{CONF}/task_acks_late": False},
    ),
    "Task.acks_late": (
        {f"{TASK}/acks_late": False}, {f"{TASK}/acks_late": False, f"{CONF}/task_acks_late": False}
    ),
    "task_reject_on_worker_lost": (
        {f"{TASK}/survives": False}, {f"{TASK}/survives": False, f"{TASK}/acks_late": False}
    ),
    "worker_cancel_long_running_tasks_on_connection_loss": (
        {f"{CONF}/worker_cancel_long_running_tasks_on_connection_loss": False},
        {f"{CONF}/worker_cancel_long_running_tasks_on_connection_loss": False, "celery/tasks": {}},
    ),
    "task_always_eager": ({f"{CONF}/task_always_eager": True}, {}),
    "task_soft_time_limit": (
        {f"{TASK}/soft_time_limit": None},
        {f"{TASK}/soft_time_limit": None, "app_workers": [WORKER | {"pool": "solo"}]},
    ),
    "Task.time_limit": ({f"{TASK}/time_limit": 301}, {f"{TASK}/time_limit": 301, f"{TASK}/queue": "slow"}),
    "app_workers.pool": (
        {"app_workers": [WORKER | {"pool": "threads"}]}, {"app_workers": [WORKER | {"pool": "gevent"}]}
    ),
    "Task.default_retry_delay": (
        {f"{TASK}/retry_delay": 0.5, f"{TASK}/own_publish": False}, {f"{TASK}/retry_delay": 0.5}
    ),
    "task_cls": (
        {f"{TASK}/own_publish": False}, {f"{TASK}/own_publish": False, "celery/queues": queues(type="classic")}
    ),
    "Task.apply_async_on_commit": (
        {f"{TASK}/on_commit": False}, {f"{TASK}/on_commit": False, "django/databases": {}}
    ),
    "accept_content": ({f"{CONF}/accept_content": ["json", "pickle"]}, {f"{CONF}/accept_content": ["json", "yaml"]}),
    "task_routes": ({f"{TASK}/queue": "celery"}, {f"{TASK}/queue": None}),
    "task_queues.x-queue-type": (
        {"celery/queues": queues(type="classic")}, {"celery/queues": queues(type="classic"), **ON_REDIS}
    ),
    "task_queues.durable": ({"celery/queues": queues(durable=False)}, {}),
    "task_default_delivery_mode": (
        {f"{CONF}/task_default_delivery_mode": "transient", "celery/queues": queues(type="classic")},
        # A quorum queue writes everything down.
        {f"{CONF}/task_default_delivery_mode": "transient"},
    ),
    "task_default_exchange_type": (
        {"celery/queues": queues(exchange_type="direct")},
        {"celery/queues": queues(exchange_type="direct", type="classic")},
    ),
    "task_create_missing_queues": ({f"{CONF}/task_create_missing_queues": True}, {}),
    "kombu": ({"versions": OLD}, {"versions": OLD, "celery/queues": queues(exchange_type="direct")}),
    "celery": (
        {"versions": OLD | {"celery": "5.4.0"}},
        {"versions": OLD | {"celery": "5.4.0"}, "celery/queues": queues(type="classic")},
    ),
    "beat_schedule": (
        {"celery/schedule": {"x": ENTRY | {"task": "shop.sel"}}},
        {"celery/schedule": {"x": ENTRY | {"task": "celery.backend_cleanup"}}},
    ),
    "beat_schedule.expires": (
        {"celery/schedule": {"x": ENTRY}}, {"celery/schedule": {"x": ENTRY | {"seconds": 3600}}}
    ),
    "app_beat": ({"app_beat": DELETE}, {"app_beat": DELETE, "celery/schedule": {}}),
    "broker_transport_options.confirm_publish": ({f"{OPTIONS}/confirm_publish": False}, ON_REDIS),
    "broker_transport_options.read_timeout": ({f"{OPTIONS}/write_timeout": None}, ON_REDIS),
    "broker_transport_options.socket_settings": ({f"{OPTIONS}/user_timeout": False}, ON_REDIS),
    "broker_connection_retry": (
        {f"{CONF}/broker_connection_retry_on_startup": False}, {f"{CONF}/broker_connection_retry_on_startup": None}
    ),
    "broker_connection_max_retries": (
        {f"{CONF}/broker_connection_max_retries": 100}, {f"{CONF}/broker_connection_max_retries": 0}
    ),
    "broker_heartbeat": ({f"{CONF}/broker_heartbeat": 0}, {f"{CONF}/broker_heartbeat": 0, **ON_REDIS}),
    "broker_channel_error_retry": (
        {f"{CONF}/broker_channel_error_retry": False}, {f"{CONF}/broker_channel_error_retry": False, **ON_REDIS}
    ),
    "broker_pool_acquire_timeout": (
        {f"{CONF}/broker_pool_acquire_timeout": None}, {f"{CONF}/broker_pool_acquire_timeout": None, "app_wsgi": DELETE}
    ),
    "control_queue_durable": (
        {f"{CONF}/control_queue_durable": False},
        {f"{CONF}/control_queue_durable": False, f"{CONF}/control_queue_exclusive": True},
    ),
    "broker_transport_options.visibility_timeout": (
        {**ON_REDIS, f"{OPTIONS}/visibility_timeout": 4800}, {**ON_REDIS, f"{OPTIONS}/visibility_timeout": 4801}
    ),
    "broker_transport_options.socket_timeout": ({**ON_REDIS, f"{OPTIONS}/socket_timeout": None}, ON_REDIS),
    "broker_url": ({**ON_REDIS, "celery/broker": CACHE}, ON_REDIS),
    "app_broker": (ON_REDIS, {}),
    "CELERY_BROKER_URL": (
        {"celery/written/CELERY_BROKER_URL": STATE},
        # Its own spelling of the same place.
        {"celery/written/CELERY_BROKER_URL": {"kind": "amqp", "host": "127.0.0.1", "port": 5672, "path": "/other"}},
    ),
    "result_backend": ({"celery/results/kind": "rpc"}, {"celery/results": STATE | {"in_release": False}}),
    "result_expires": (
        {f"{CONF}/result_expires": None}, {f"{CONF}/result_expires": None, "celery/results/kind": "disabled"}
    ),
    "celery.backend_cleanup": ({"app_beat": DELETE, f"{TASK}/ignore_result": False}, {"app_beat": DELETE}),
    "task_ignore_result": (
        {"celery/results/kind": "redis", f"{CONF}/task_ignore_result": False, f"{TASK}/ignore_result": False},
        {f"{CONF}/task_ignore_result": False, f"{TASK}/ignore_result": False},
    ),
    "result_backend_always_retry": (
        {f"{CONF}/result_backend_always_retry": False},
        {f"{CONF}/result_backend_always_retry": False, "celery/results/kind": "redis"},
    ),
    "CELERY_RESULT_BACKEND": (
        {"celery/written/CELERY_RESULT_BACKEND": STATE},
        {"celery/written/CELERY_RESULT_BACKEND": STATE, "environment/celery": {}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("setting", CASES)
def test_a_setting_is_named_where_it_loses_something(setting):
    finding = findings(CASES[setting][0])[setting]
    assert finding["value"] and finding["snippet"]


@pytest.mark.parametrize("setting", CASES)
def test_it_is_let_pass_where_it_does_not(setting):
    assert setting not in findings(CASES[setting][1])


def test_each_rule_has_its_cases():
    assert set(CASES) == {rule.setting for rule in doctor.GROUPS["celery"]}


def test_nothing_is_said_of_settings_that_are_right():
    assert findings() == {}


def test_an_application_without_celery_is_not_judged_by_it():
    assert findings({"celery": None}) == {}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({}, "# in shop.settings\nCELERY_TASK_ALWAYS_EAGER = False"),
        ({"celery/namespace": "", "celery/old_names": {"task_always_eager": "CELERY_ALWAYS_EAGER"}},
         "# in shop.settings\nCELERY_ALWAYS_EAGER = False"),
        ({"celery/namespace": "", "celery/source": "shop.conf"}, "# in shop.conf\ntask_always_eager = False"),
        ({"celery/namespace": "", "celery/source": ""},
         "# in the module of `celery -A config`\napp.conf.task_always_eager = False"),
    ],
    ids=["with a prefix", "by old names", "in a module", "on the object"],
)  # fmt: skip
def test_what_to_write_instead_is_written_as_the_application_writes(change, line):
    assert findings({f"{CONF}/task_always_eager": True, **change})["task_always_eager"]["snippet"] == line


def test_the_queues_to_declare_are_those_of_the_definition_and_the_lines_are_python():
    snippet = findings({"celery/queues": queues(type="classic")})["task_queues.x-queue-type"]["snippet"]
    defined = {}
    exec(compile(snippet.replace("from kombu import Exchange, Queue", ""), "snippet", "exec"), STAND_INS, defined)
    assert defined["CELERY_TASK_QUEUES"] == ["default", "slow", "mail"]
    assert defined["CELERY_TASK_DEFAULT_EXCHANGE_TYPE"] == "topic"


STAND_INS = {"Exchange": lambda name, type: name, "Queue": lambda name, exchange, **options: name}
