"""Facts about a release whose settings are all right, and ways to spoil them."""

from __future__ import annotations

import copy
from typing import Any

from ansible.module_utils import doctor
from samples import filters, garden

_TASK = {
    "acks_late": True, "survives": True, "time_limit": 300, "soft_time_limit": 270, "ignore_result": True,
    "retry_delay": 180, "longest_delay": 180, "queue": "default", "own_publish": True, "on_commit": True,
}  # fmt: skip
_QUEUE = {"type": "quorum", "durable": True, "transient": False, "exchange_type": "topic"}
_BROKER = {"kind": "amqp", "host": "127.0.0.1", "port": 5672, "path": "/garden"}
_RESULTS = {"kind": "django-db", "host": None, "port": None, "path": ""}
FACTS: dict[str, Any] = {
    "versions": {"celery": "5.7.0", "kombu": "5.7.0", "django": "5.2.19", "gunicorn": "27.0.1"},
    "environment": {
        "gunicorn": [],
        "gunicorn_files": [],
        "celery": {"CELERY_BROKER_URL": _BROKER, "CELERY_RESULT_BACKEND": _RESULTS},
        "static_root": "/srv/garden/releases/1/static",
    },
    "written_secrets": [],
    "web": {"threads": [], "connections": []},
    "celery": {
        "namespace": "CELERY",
        "old_names": {},
        "source": "django.conf:settings",
        "main": "garden",
        "settings": {
            "accept_content": ["json"], "result_accept_content": None, "task_serializer": "json",
            "result_serializer": "json", "broker_channel_error_retry": True, "broker_connection_max_retries": None,
            "broker_connection_retry": True, "broker_connection_retry_on_startup": True, "broker_heartbeat": 20,
            "broker_pool_acquire_timeout": 10, "control_queue_durable": True, "control_queue_exclusive": False,
            "result_backend_always_retry": True, "result_expires": 86400, "task_acks_late": True,
            "task_always_eager": False, "task_create_missing_queues": False, "task_default_delivery_mode": 2,
            "task_default_queue": "default", "task_ignore_result": True, "task_reject_on_worker_lost": True,
            "task_soft_time_limit": 270, "task_time_limit": 300,
            "worker_cancel_long_running_tasks_on_connection_loss": True,
        },
        "set": ["task_acks_late"],
        "broker": _BROKER,
        "written": {"CELERY_BROKER_URL": _BROKER, "CELERY_RESULT_BACKEND": _RESULTS},
        "results": _RESULTS | {"in_release": False},
        "transport_options": {"confirm_publish": True, "read_timeout": 8, "write_timeout": 8, "user_timeout": True},
        "queues": dict.fromkeys(("default", "slow", "mail"), _QUEUE),
        "tasks": {"shop.sell": _TASK, "shop.report": _TASK | {"queue": "slow", "time_limit": 900}},
        "schedule": {"nightly": {"task": "shop.report", "seconds": None, "expires": False, "queue": "slow"}},
    },
    "django": {
        "settings_module": "shop.settings",
        "settings": {
            "DEBUG": False, "ALLOWED_HOSTS": ["garden.test"], "STATIC_URL": "/static/",
            "MIDDLEWARE": [
                "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware"
            ],
            "INSTALLED_APPS": ["django.contrib.staticfiles"], "STATIC_ROOT": "/srv/garden/releases/1/static",
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
            "SESSION_ENGINE": "django.contrib.sessions.backends.db", "SESSION_CACHE_ALIAS": "default",
            "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer",
            "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_HTTPONLY": True, "CSRF_COOKIE_SECURE": True,
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "mail.test",
            "EMAIL_TIMEOUT": 10, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False,
            "FILE_UPLOAD_MAX_MEMORY_SIZE": 2621440, "CORS_ALLOW_ALL_ORIGINS": None, "CORS_ALLOW_CREDENTIALS": None,
        },
        "set": ["DEBUG"],
        "secret_key": {"length": 64, "distinct": 30, "generated": False},
        "databases": {
            "default": {
                "engine": "django.db.backends.postgresql", "is_file": False, "in_release": False, "CONN_MAX_AGE": 300,
                "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False, "options": ["connect_timeout"],
            }
        },
        "caches": {
            "default": {
                "backend": "django.core.cache.backends.redis.RedisCache", "options": ["socket_timeout"],
                "service": {"kind": "redis", "host": "127.0.0.1", "port": 6380, "path": "/0"},
            }
        },
        "hashed_names": True, "media_in_release": False, "sends_mail": True, "mail_user": True, "smtp": True,
        "html_reports": [],
    },
}  # fmt: skip
ON_REDIS = {
    "celery/broker": {"kind": "redis", "host": "127.0.0.1", "port": 6381},
    "celery/written/CELERY_BROKER_URL": {"kind": "", "host": None, "port": None, "path": ""},
    "celery/transport_options": {"visibility_timeout": 7200, "socket_timeout": 8, "user_timeout": False},
}


def facts(**changes: Any) -> dict[str, Any]:
    """Return FACTS with values replaced, each by its path: ``{"celery/settings/task_acks_late": False}``."""
    found = copy.deepcopy(FACTS)
    for path, value in changes.items():
        *parents, key = path.split("/")
        holder = found
        for parent in parents:
            holder = holder[parent]
        holder[key] = copy.deepcopy(value)
    return found


def definition(**changes: Any) -> dict[str, Any]:
    """Return the complete sample definition; changes as in ``samples.garden``."""
    return filters.complete_applications({"garden": garden(**changes)})[0]


def findings(changes: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """Return the findings by setting; keys of ``changes`` that begin with app_ change the definition."""
    given = changes or {}
    app = {path: value for path, value in given.items() if path.startswith("app_")}
    rest = {path: value for path, value in given.items() if not path.startswith("app_")}
    return {finding["setting"]: finding for finding in doctor.diagnose(facts(**rest), definition(**app))}
