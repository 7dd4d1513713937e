"""Django's SMTP backend, which also tells a mail that never left from one that may have been accepted."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend


class NotHandedOver(smtplib.SMTPException):
    """The connection broke or hung before any of the message was sent: the server can't have accepted it."""


def may_have_arrived(error: OSError) -> bool:
    """Whether the server may have accepted the message although sending it raised this error.

    Every answer of the server is a refusal. A connection that broke is doubtful, unless it broke before the message.
    """
    return isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)


@contextmanager
def _before_the_message() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if may_have_arrived(error):
            raise NotHandedOver(str(error)) from error
        raise


class _PhasedSMTP(smtplib.SMTP):
    def ehlo_or_helo_if_needed(self) -> None:
        with _before_the_message():
            super().ehlo_or_helo_if_needed()

    def mail(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        with _before_the_message():
            return super().mail(*args, **options)

    def rcpt(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        with _before_the_message():
            return super().rcpt(*args, **options)


class _PhasedSMTPS(_PhasedSMTP, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """For EMAIL_BACKEND: the stock backend raises one error for both."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The client, over TLS from the start or not."""
        return _PhasedSMTPS if self.use_ssl else _PhasedSMTP
