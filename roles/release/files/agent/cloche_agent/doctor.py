"""``doctor``: facts about what an application's settings are, for the controller to judge; no secret is among them."""

from argparse import Namespace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cloche_agent import celery_app, celery_facts, check, django_app, django_facts, process_facts, written_secrets
from cloche_agent.output import redact, step

PACKAGES = ("celery", "kombu", "amqp", "redis", "gunicorn", "uvicorn", "django", "django-celery-results")


def run(options: Namespace) -> dict[str, Any]:
    """Return versions, environment and written_secrets, and what there is of django, web and celery (None where not).

    Nothing is connected to, neither a database nor a broker.
    """
    facts: dict[str, Any] = {"versions": versions(), "django": None, "web": None, "celery": None}
    if options.manage:
        django_app.set_up(options.manage)
        with step("settings"):
            facts["django"] = django_facts.collect()
    if options.app:
        check.import_object(options.app)
        # Before anything else is loaded: what is there now is there when gunicorn forks.
        facts["web"] = process_facts.forked(bool(options.manage))
    if options.celery:
        app = celery_app.load(options.celery, tasks=True)
        with step("settings"):
            facts["celery"] = celery_facts.collect(app)
    with step("environment"):
        facts["environment"] = process_facts.environment()
        facts["written_secrets"] = written_secrets.find(bool(options.manage))
    return cleaned(facts)


def versions() -> dict[str, str]:
    """Return the version of each of PACKAGES that is installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def cleaned(value: Any) -> Any:
    """Return the same with no secret of the environment in any text; keys stay as they are."""
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return redact(value) if isinstance(value, str) else value
