"""Logging to stderr, one line per record, with the request's or task's id where there is one."""

import logging
from contextvars import ContextVar
from typing import Any

from celery import current_task

#: Set by RequestIdMiddleware for the duration of a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class ContextFilter(logging.Filter):
    """Add ``record.context``: `` request=…`` in a request, `` task=…`` in a task, else nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Annotate the record; never drop it."""
        task_id = getattr(getattr(current_task, "request", None), "id", None)
        ids = {"request": request_id.get(), "task": task_id}
        record.context = "".join(f" {name}={value}" for name, value in ids.items() if value)
        return True


class OneLineFormatter(logging.Formatter):
    """Escape line breaks, so that a traceback or a hostile value can't look like another record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record, traceback included, as one line."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")


def logging_config(level: str) -> dict[str, Any]:
    """Return the dictConfig with everything at ``level`` (DEBUG … CRITICAL) or above on stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": ContextFilter}},
        "formatters": {
            "line": {
                "()": OneLineFormatter,
                "format": "%(asctime)s %(levelname)s %(process)d %(name)s%(context)s %(message)s",
            },
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["context"],
                "formatter": "line",
            }
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        # Django's own handlers would write the same records a second time, or mail them.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
