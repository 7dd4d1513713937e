"""``doctor``: the facts that settings are judged by, however projects write them, and no secret among them."""

from __future__ import annotations

import json

import pytest
from cloche_agent import places, process_facts

JOBS = """
from celery import Celery
app = Celery("jobs")
{configuration}
@app.task(name="shop.sell")
def sell(): ...
"""
SECRET = "Zq7!kW2vXe9rTb4m"


def doctor(project, *arguments, **environment):
    """Return the facts; the verb has to end well."""
    ran = project.agent("doctor", *arguments, **environment)
    assert ran.status == 0, ran.result
    return ran.result


@pytest.fixture
def celery(project):
    """Return a function from lines of configuration to the facts about Celery."""

    def facts(configuration: str, **environment: str):
        project.write("jobs.py", JOBS.format(configuration=configuration))
        return doctor(project, "--celery", "jobs", **environment)["celery"]

    return facts


def test_an_application_has_facts_about_what_it_consists_of(project):
    facts = doctor(project, "--manage", "manage.py")
    assert (facts["celery"], facts["web"]) == (None, None)
    assert facts["django"]["settings_module"] == "site_settings"
    assert set(facts["versions"]) >= {"celery", "kombu", "django", "gunicorn"}


def test_settings_of_celery_and_which_of_them_are_set(celery):
    facts = celery("app.conf.task_acks_late = True\napp.conf.result_expires = None")
    assert (facts["settings"]["task_acks_late"], facts["settings"]["result_expires"]) == (True, None)
    assert facts["settings"]["broker_heartbeat"] == 120
    assert {"task_acks_late", "result_expires"} <= set(facts["set"])
    assert "broker_heartbeat" not in facts["set"]


@pytest.mark.parametrize(
    ("configuration", "style"),
    [
        ("", {"namespace": "", "source": "", "old_names": {}}),
        ("app.config_from_object('jobs_settings')", {"namespace": "", "source": "jobs_settings", "old_names": {}}),
        ("import jobs_settings; app.config_from_object(jobs_settings)", {"source": "jobs_settings"}),
        ("app.config_from_object('django.conf:settings', namespace='CELERY')", {"namespace": "CELERY"}),
    ],
)
def test_how_the_settings_are_written(project, celery, configuration, style):
    project.write("jobs_settings.py", "task_acks_late = True\n")
    facts = celery(configuration, DJANGO_SETTINGS_MODULE="site_settings")
    assert {key: facts[key] for key in style} == style


def test_the_old_names_where_they_are_in_use(project, celery):
    project.write("jobs_settings.py", "CELERY_ACKS_LATE = True\n")
    facts = celery("app.config_from_object('jobs_settings')")
    assert facts["old_names"]["task_acks_late"] == "CELERY_ACKS_LATE"
    assert facts["settings"]["task_acks_late"] is True


def test_queues_with_what_keeps_them(celery):
    facts = celery(
        "from kombu import Exchange, Queue\n"
        "topic, direct = Exchange('t', type='topic'), Exchange('d', durable=False)\n"
        "app.conf.task_queues = [Queue('a', topic, queue_arguments={'x-queue-type': 'quorum'}), Queue('b', direct)]\n"
        "app.conf.task_default_queue = 'a'"
    )
    assert facts["queues"] == {
        "a": {"type": "quorum", "durable": True, "transient": False, "exchange_type": "topic"},
        "b": {"type": "classic", "durable": False, "transient": False, "exchange_type": "direct"},
    }
    assert facts["tasks"]["shop.sell"]["queue"] == "a"


def test_tasks_with_what_they_say_themselves(project, celery):
    facts = celery(
        "@app.task(name='shop.slow', acks_late=True, time_limit=900, soft_time_limit=870, ignore_result=True,\n"
        "          queue='slow', default_retry_delay=0.5, retry_backoff=True, retry_backoff_max=7200)\n"
        "def slow(): ...\n"
    )
    assert facts["tasks"]["shop.slow"] == {
        "acks_late": True, "survives": False, "time_limit": 900, "soft_time_limit": 870, "ignore_result": True,
        "retry_delay": 0.5, "longest_delay": 7200, "queue": "slow", "own_publish": False, "on_commit": False,
    }  # fmt: skip
    assert "celery.chord" not in facts["tasks"]
    # Looking makes no queue.
    assert list(facts["queues"]) == ["celery"]


def test_a_router_that_wants_arguments_tells_nothing(celery):
    facts = celery("app.conf.task_routes = [lambda name, args, kwargs, options, task=None, **_: {'queue': args[0]}]")
    assert facts["tasks"]["shop.sell"]["queue"] is None


def test_the_schedule_in_seconds(celery):
    facts = celery(
        "from datetime import timedelta\nfrom celery.schedules import crontab\n"
        "app.conf.beat_schedule = {'a': {'task': 'x', 'schedule': 2.5, 'options': {'expires': 2, 'queue': 'q'}},\n"
        " 'b': {'task': 'y', 'schedule': timedelta(minutes=1)}, 'c': {'task': 'z', 'schedule': crontab()}}"
    )
    assert facts["schedule"]["a"] == {"task": "x", "seconds": 2.5, "expires": True, "queue": "q"}
    assert [facts["schedule"][name]["seconds"] for name in "bc"] == [60, None]


def test_what_the_environment_outranks_stands_beside_it(celery):
    facts = celery("app.conf.broker_url = 'redis://:old@elsewhere/1'", CELERY_BROKER_URL="amqp://u:p@mq:5673/v")
    assert facts["written"]["CELERY_BROKER_URL"] == {"kind": "redis", "host": "elsewhere", "port": 6379, "path": "/1"}
    assert facts["broker"] == {"kind": "amqp", "host": "mq", "port": 5673}


def test_results_in_a_file_of_the_release(project, celery):
    inside = celery("app.conf.result_backend = 'db+sqlite:///results.sqlite3'")["results"]
    outside = celery("app.conf.result_backend = 'db+sqlite:////srv/shop/shared/results.sqlite3'")["results"]
    assert (inside["in_release"], outside["in_release"]) == (True, False)


def test_settings_of_django(project):
    project.append(
        "site_settings.py",
        "DATABASES['other'] = {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop', 'CONN_MAX_AGE': 60,\n"
        "                      'OPTIONS': {'connect_timeout': 3}}\n"
        "MEDIA_ROOT = BASE / 'media'\nEMAIL_HOST = 'mail.test'\n"
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.redis.RedisCache',\n"
        "          'LOCATION': 'redis://:pw@localhost:6380/0', 'OPTIONS': {'socket_timeout': 2}}}\n"
        "LOGGING = {'version': 1, 'handlers': {'mail': {'class': 'django.utils.log.AdminEmailHandler',\n"
        "           'include_html': True}}}\n",
    )
    facts = doctor(project, "--manage", "manage.py")["django"]
    assert facts["databases"]["default"]["in_release"] is True
    assert facts["databases"]["other"] == {
        "engine": "django.db.backends.postgresql", "is_file": False, "in_release": False, "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": None, "ATOMIC_REQUESTS": None, "options": ["connect_timeout"],
    }  # fmt: skip
    assert facts["caches"]["default"]["service"] == {"kind": "redis", "host": "127.0.0.1", "port": 6380, "path": "/0"}
    assert facts["caches"]["default"]["options"] == ["socket_timeout"]
    assert (facts["media_in_release"], facts["sends_mail"], facts["smtp"]) == (True, True, True)
    assert (facts["html_reports"], facts["hashed_names"]) == (["mail"], False)
    assert facts["secret_key"] == {"length": 68, "distinct": 9, "generated": False}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (f"SECRET_KEY = {SECRET!r} * 4", []),
        (f"SECRET_KEY = {SECRET + SECRET!r}", ["SECRET_KEY"]),
        (f"PAYMENT_TOKEN = {SECRET!r}", ["PAYMENT_TOKEN"]),
        ("CSRF_TOKEN = 'the-name-of-a-header'", []),
        (f"STRIPE_PUBLIC_KEY = {SECRET!r}", []),
        ("PAYMENT_TOKEN = os.environ['PAYMENT_TOKEN']", []),
        ("DATABASES['default']['PASSWORD'] = 'pw'", ['DATABASES["default"]["PASSWORD"]']),
    ],
)  # fmt: skip
def test_secrets_that_stand_in_the_source(project, line, names):
    project.append("site_settings.py", "SECRET_KEY = os.environ['DJANGO_KEY']\n" + line + "\n")
    found = doctor(project, "--manage", "manage.py", DJANGO_KEY="k" * 50, PAYMENT_TOKEN=SECRET)["written_secrets"]
    assert [entry["name"] for entry in found] == names
    assert {entry["file"] for entry in found} <= {"site_settings.py"}


def test_what_is_open_once_the_application_is_loaded(project):
    project.write(
        "site_wsgi.py",
        "import threading\nfrom django.db import connection\nconnection.ensure_connection()\n"
        "threading.Thread(target=threading.Event().wait, name='metrics', daemon=True).start()\n"
        "def application(environ, start_response): return []\n",
    )
    facts = doctor(project, "--manage", "manage.py", "--app", "site_wsgi:application")
    assert facts["web"] == {"threads": ["metrics"], "connections": ["default"]}


def test_options_of_gunicorn_by_name_and_files_that_it_is_not_told_of(project):
    project.write("gunicorn.conf.py", "")
    project.write("shop/gunicorn.py", "")
    facts = doctor(project, GUNICORN_CMD_ARGS="--timeout=9 --preload -w 4", STATIC_ROOT="/srv/shop/static")
    assert facts["environment"]["gunicorn"] == ["--timeout", "--preload", "-w"]
    assert facts["environment"]["gunicorn_files"] == ["gunicorn.conf.py", "shop/gunicorn.py"]
    assert facts["environment"]["static_root"] == "/srv/shop/static"


def test_no_secret_is_among_the_facts(project):
    project.append("site_settings.py", "SECRET_KEY = os.environ['DJANGO_KEY'] + 'x' * 40\nEMAIL_HOST = SECRET_KEY\n")
    project.write("jobs.py", JOBS.format(configuration=""))
    facts = doctor(
        project, "--manage", "manage.py", "--celery", "jobs",
        DJANGO_KEY=SECRET, CELERY_BROKER_URL="amqp://shop:s%23cret%2Fword@mq//",
        CELERY_RESULT_BACKEND="redis://:another-secret@cache:6379/0",
    )  # fmt: skip
    text = json.dumps(facts)
    assert not any(secret in text for secret in (SECRET, "s%23cret", "s#cret", "another-secret"))


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("redis://h", ("redis", "h", 6379)),
        ("rediss://:p@h:7/0", ("redis", "h", 7)),
        ("pyamqp://localhost//", ("amqp", "127.0.0.1", 5672)),
        (["amqp://a", "amqp://b"], ("amqp", "a", 5672)),
        ("amqp://a:1;amqp://b", ("amqp", "a", 1)),
        ("django-db", ("django-db", None, None)),
        ("redis://h:port", ("redis", None, None)),
        (None, ("", None, None)),
    ],
)
def test_a_service_without_its_password(url, found):
    place = places.service(url)
    assert (place["kind"], place["host"], place["port"]) == found


def test_arguments_that_no_shell_would_take(monkeypatch):
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--name 'x --preload")
    assert process_facts.environment()["gunicorn"] == ["--name", "--preload"]
