"""Logging to stderr and, where wanted, to a file: a line for each record, with the ids of its request and task."""

import logging
from contextvars import ContextVar
from typing import Any

from celery import current_task
from pythonjsonlogger.core import RESERVED_ATTRS

#: Set by RequestIdMiddleware for the duration of a request, by core.correlation for that of a task.
request_id: ContextVar[str] = ContextVar("request_id", default="")

FORMATS = ("json", "line")
#: What Celery and Django attach for handlers: arguments of tasks and whole requests, which no log should keep.
_LEFT_OUT = ("context", "data", "request", "server_time", "color_message")


class ContextFilter(logging.Filter):
    """Add the ids that there are: ``request_id``, ``task_id``, and both as ``context``: `` request=… task=…``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Annotate the record; never drop it."""
        task_id = getattr(getattr(current_task, "request", None), "id", None)
        ids = {name: value for name, value in (("request", request_id.get()), ("task", task_id)) if value}
        record.context = "".join(f" {name}={value}" for name, value in ids.items())
        record.__dict__.update({f"{name}_id": value for name, value in ids.items()})
        return True


class OneLineFormatter(logging.Formatter):
    """Escape line breaks, so that a traceback or a hostile value can't look like another record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, traceback included, as one line."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")


def logging_config(level: str, log_format: str, file: str = "") -> dict[str, Any]:
    """Return the dictConfig with everything at ``level`` (DEBUG … CRITICAL) or above on stderr and in ``file``.

    ``log_format`` is json or line. Exceptions that nobody caught are mailed to ADMINS as well.
    """
    written = {"filters": ["context"], "formatter": log_format}
    handlers: dict[str, Any] = {"stderr": {"class": "logging.StreamHandler", **written}}
    if file:
        handlers["file"] = {"class": "core.log_file.SharedRotatingFileHandler", "filename": file, **written}
    outputs = list(handlers)
    handlers["mail_admins"] = {
        "class": "core.error_mail.ErrorMailHandler",
        "level": "ERROR",
        "filters": ["context"],
        "formatter": "line",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {
            "line": {
                "()": OneLineFormatter,
                "format": "%(asctime)s %(levelname)s %(process)d %(name)s%(context)s %(message)s",
            },
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": ["levelname", "name", "process", "message"],
                "rename_fields": {"levelname": "level", "name": "logger", "exc_info": "exception"},
                "timestamp": "time",
                "reserved_attrs": [*RESERVED_ATTRS, *_LEFT_OUT],
            },
        },
        "handlers": handlers,
        "root": {"handlers": [*outputs, "mail_admins"], "level": level.upper()},
        "loggers": {
            # Their own handlers would write the same records a second time, in their own way.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True},
            # Anybody can cause it with a forged Host header: not worth a mail.
            "django.security.DisallowedHost": {"handlers": outputs, "propagate": False},
        },
    }
