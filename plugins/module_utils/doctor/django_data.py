"""What a Django project keeps or sends: rows, files, mails, cached values."""

from __future__ import annotations

from .case import Case, listed
from .rule import DJANGO, LOSES, RISKS, rule

_SETTINGS = f"{DJANGO}settings/#"
_SINKS = ("console", "dummy", "locmem", "filebased")


@rule(
    "DATABASES.NAME",
    LOSES,
    lost="everything that was saved",
    when="the next release: the file is in the directory of this one, or in memory",
    instead="PostgreSQL (app_secrets.database), or a file below /srv/<app>/shared",
    source=f"{_SETTINGS}databases",
)
def database_in_release(case: Case) -> tuple[str, str] | None:
    lost = [alias for alias, entry in case.django["databases"].items() if entry["in_release"]]
    if not lost:
        return None
    line = f'DATABASES["{lost[0]}"]["NAME"] = "/srv/{case.app["name"]}/shared/{lost[0]}.sqlite3"'
    return f"a file in the release for {listed(lost)}", case.django_snippet(line)


@rule(
    "DATABASES.ATOMIC_REQUESTS",
    RISKS,
    lost="what a task was to do: it finds no row, or one of a change that was taken back",
    when="a view publishes it with delay(): each request is a transaction, and a worker may be faster than its end",
    instead="delay_on_commit() in views; accept this finding once all of them use it",
    source="https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html",
)
def atomic_requests(case: Case) -> tuple[str, str] | None:
    atomic = [alias for alias, entry in case.django["databases"].items() if entry["ATOMIC_REQUESTS"]]
    if not atomic or not case.celery or not case.serves:
        return None
    if any(task["on_commit"] for task in case.tasks.values()):
        return f"True for {listed(atomic)}", "task.delay_on_commit(…)  # not task.delay(…)"
    code = "from django.db import transaction\n\ntransaction.on_commit(lambda: task.delay(…))"
    return f"True for {listed(atomic)}", code


@rule(
    "MEDIA_ROOT",
    LOSES,
    lost="every file that was uploaded",
    when="the next release: they are in the directory of this one, or cannot be written at all",
    instead="what the kit puts into the environment: /srv/<app>/shared",
    source=f"{_SETTINGS}media-root",
)
def media(case: Case) -> tuple[str, str] | None:
    if not case.django["media_in_release"]:
        return None
    return "in the release", case.django_snippet('import os\nMEDIA_ROOT = os.environ["MEDIA_ROOT"]')


@rule(
    "EMAIL_BACKEND",
    LOSES,
    lost="every mail; what it says, links to new passwords among it, stands in a log or a file",
    when="always: this backend is for development",
    instead="Django's default, smtp",
    source=f"{_SETTINGS}email-backend",
)
def mail_backend(case: Case) -> tuple[str, str] | None:
    backend = case.settings["EMAIL_BACKEND"]
    if not any(f"mail.backends.{sink}" in backend for sink in _SINKS):
        return None
    line = 'EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"'
    return case.set_to("EMAIL_BACKEND"), case.django_snippet(line)


@rule(
    "EMAIL_TIMEOUT",
    RISKS,
    lost="the request or the task that sends a mail: it hangs until it is killed",
    when="the mail server takes the connection and says nothing",
    instead="ten seconds",
    source=f"{_SETTINGS}email-timeout",
)
def mail_timeout(case: Case) -> tuple[str, str] | None:
    if not case.django["smtp"] or not case.django["sends_mail"] or case.settings["EMAIL_TIMEOUT"]:
        return None
    return case.set_to("EMAIL_TIMEOUT"), case.django_snippet("EMAIL_TIMEOUT = 10")


@rule(
    "CACHES.LOCATION",
    RISKS,
    lost="results and locks that are to be kept there, and tasks where it is the broker: nothing more is taken",
    when="the cache has filled the Redis that never throws anything away (app_redis.state)",
    instead="the application's other Redis, which CACHE_URL names",
    source=f"{_SETTINGS}std-setting-CACHES-LOCATION",
)
def cache_in_state(case: Case) -> tuple[str, str] | None:
    state = case.app["redis"]["state"]["port"]
    wrong = [
        alias
        for alias, cache in case.django["caches"].items()
        if cache["service"]["kind"] == "redis" and cache["service"]["port"] == state
    ]
    if not wrong:
        return None
    line = f'import os\nCACHES["{wrong[0]}"]["LOCATION"] = os.environ["CACHE_URL"]'
    return f"app_redis.state for {listed(wrong)}", case.django_snippet(line)


RULES = (database_in_release, atomic_requests, media, mail_backend, mail_timeout, cache_in_state)
