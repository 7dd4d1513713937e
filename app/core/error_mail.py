"""Exception reports by mail: of requests and of tasks alike."""

import logging
import re
import time
from typing import Any

from django.utils.log import AdminEmailHandler
from django.views.debug import SafeExceptionReporterFilter

#: Seconds in which a process mails a kind of error once: ten thousand tasks that fail alike are one mail.
INTERVAL = 300
_SUBJECT_LENGTH = 150
_CREDENTIALS = re.compile(r"://[^/\s@]+@")


class ErrorMailHandler(AdminEmailHandler):
    """Mail exceptions that were logged as errors to ADMINS; a mail server that is away delays, and fails nothing.

    A record without an exception is no report: a 503 that a view answers on purpose is in the log only.
    """

    def __init__(self) -> None:
        super().__init__()
        self._mailed: dict[object, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Send the report, unless the like of it has just been sent."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or not self._is_due(_kind(error)):
            return
        try:
            super().emit(record)
        except Exception:
            # It is called where an error is being dealt with already.
            self.handleError(record)

    def format_subject(self, subject: str) -> str:
        """Return the subject as one line of bearable length."""
        return super().format_subject(subject)[:_SUBJECT_LENGTH]

    def _is_due(self, kind: object) -> bool:
        # Handlers are called one record at a time.
        now = time.monotonic()
        self._mailed = {k: moment for k, moment in self._mailed.items() if now - moment < INTERVAL}
        return self._mailed.setdefault(kind, now) == now


class ReportFilter(SafeExceptionReporterFilter):
    """Django's, which hides settings by name; this one also hides URLs that carry a password."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """Return the setting as a report may show it."""
        cleansed = super().cleanse_setting(key, value)
        if isinstance(cleansed, str) and _CREDENTIALS.search(cleansed):
            return self.cleansed_substitute
        return cleansed


def _kind(error: BaseException) -> object:
    """Return what two reports of one fault have in common: its type, and the line that raised it."""
    step = error.__traceback__
    while step and step.tb_next:
        step = step.tb_next
    return type(error), step and (step.tb_frame.f_code.co_filename, step.tb_lineno)
