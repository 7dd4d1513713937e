"""Exceptions that nobody caught reach the admins, once, and without a password."""

import logging
import socket
import time

import pytest
from aiosmtpd.controller import Controller
from celery import current_app
from django.urls import path
from django.views.debug import ExceptionReporter

from core.error_mail import ErrorMailHandler, ReportFilter
from core.http import error


def fail(request):
    raise LookupError("not in the garden")


urlpatterns = [
    path("fail/", fail),
    path("busy/", lambda request: error(503, "the broker did not confirm the task")),
]


@pytest.fixture
def mails(settings, mailoutbox):
    """The mails to the admins, without those of earlier tests being remembered."""
    settings.ADMINS = [("Ada", "ada@garden.test")]
    settings.ROOT_URLCONF = __name__
    for handler in logging.getLogger().handlers:
        if isinstance(handler, ErrorMailHandler):
            handler._mailed.clear()
    return mailoutbox


def test_an_exception_in_a_request_is_mailed_with_its_request(client, mails):
    client.raise_request_exception = False
    client.get("/fail/", headers={"X-Request-ID": "r-9"})
    (mail,) = mails
    assert mail.to == ["ada@garden.test"]
    assert mail.subject == "[Garden] ERROR (EXTERNAL IP): Internal Server Error: /fail/"
    assert "request=r-9" in mail.body
    assert "not in the garden" in mail.body


def test_a_task_that_fails_is_mailed_with_the_place(worker, mails, until):
    failed = current_app.tasks["celery.accumulate"].apply_async(args=[1], kwargs={"index": 7})
    (mail,) = until(lambda: mails)
    assert "celery.accumulate" in mail.subject
    assert failed.id in mail.subject
    assert "IndexError" in mail.body
    assert "accumulate" in mail.body and "args[index]" in mail.body


@pytest.fixture
def mail_server(settings, unused_port):
    """A real one: the envelopes that it took."""
    envelopes = []

    class Keep:
        async def handle_DATA(self, server, session, envelope):
            envelopes.append(envelope)
            return "250 taken"

    server = Controller(Keep(), hostname="127.0.0.1", port=unused_port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.hostname, server.port
    yield envelopes
    server.stop()


@pytest.fixture
def unused_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_a_report_reaches_the_mail_server(client, mails, mail_server, settings):
    settings.SERVER_EMAIL = "garden@garden.test"
    client.raise_request_exception = False
    client.get("/fail/")
    (envelope,) = mail_server
    assert (envelope.mail_from, envelope.rcpt_tos) == ("garden@garden.test", ["ada@garden.test"])
    assert b"not in the garden" in envelope.content


def test_a_mail_server_that_hangs_is_given_up(client, mails, settings):
    client.raise_request_exception = False
    with socket.create_server(("127.0.0.1", 0)) as hung:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = hung.getsockname()
        settings.EMAIL_TIMEOUT = 0.3
        began = time.monotonic()
        assert client.get("/fail/").status_code == 500
        assert 0.3 <= time.monotonic() - began < 3


def test_the_same_fault_is_mailed_once_and_another_one_too(mails, client):
    client.raise_request_exception = False
    for _ in range(3):
        client.get("/fail/")
    assert len(mails) == 1
    try:
        raise LookupError("elsewhere")
    except LookupError:
        logging.getLogger("garden").exception("x" * 5000 + "\nforged: header")
    assert len(mails) == 2
    assert len(mails[1].subject) < 200


def test_it_is_mailed_again_after_a_while(mails, client, monkeypatch):
    client.raise_request_exception = False
    client.get("/fail/")
    monkeypatch.setattr("core.error_mail.INTERVAL", 0)
    client.get("/fail/")
    assert len(mails) == 2


def test_an_answer_that_was_meant_so_is_no_report(client, mails):
    assert client.get("/busy/").status_code == 503
    assert mails == []


def test_a_forged_host_is_no_report(client, mails):
    assert client.get("/fail/", headers={"Host": "evil.test"}).status_code == 400
    assert mails == []


def test_passwords_in_urls_are_not_mailed(settings):
    settings.CELERY_BROKER_URL = "amqp://garden:verysecret@mq.test/garden"
    settings.CACHES = {"default": {"LOCATION": "redis://:verysecret@cache.test/0"}}
    settings.SENTRY_ADDRESS = "https://verysecret@sentry.test/1"
    try:
        raise LookupError
    except LookupError as problem:
        report = ExceptionReporter(None, LookupError, problem, problem.__traceback__, is_email=True)
    text = report.get_traceback_text()
    assert "verysecret" not in text
    assert "CELERY_BROKER_URL" in text
    assert ReportFilter().cleanse_setting("STATIC_URL", "https://static.test/") == "https://static.test/"


def test_a_report_that_cannot_be_made_fails_nothing(mails, monkeypatch, capsys):
    def refuse(*_, **__):
        raise RuntimeError("no report")

    monkeypatch.setattr("django.core.mail.mail_admins", refuse)
    try:
        raise LookupError("in the garden")
    except LookupError:
        logging.getLogger("garden").exception("caught")
    assert "no report" in capsys.readouterr().err
