"""One release as the rules see it: the agent's facts, the definition, and how its settings are written."""

from __future__ import annotations

from typing import Any

#: Names told of a long list.
_TOLD = 3


class Case:
    """``facts`` is what the agent's verb ``doctor`` said, ``app`` the complete definition.

    ``celery``, ``django`` and ``web`` are empty where the application has none.
    """

    def __init__(self, facts: dict[str, Any], app: dict[str, Any]) -> None:
        self.app = app
        self.versions: dict[str, str] = facts["versions"]
        self.environment: dict[str, Any] = facts["environment"]
        self.written_secrets: list[dict[str, str]] = facts["written_secrets"]
        self.celery: dict[str, Any] = facts["celery"] or {}
        self.django: dict[str, Any] = facts["django"] or {}
        self.web: dict[str, Any] = facts["web"] or {}

    # --- Celery -----------------------------------------------------------------------------------------------------

    @property
    def conf(self) -> dict[str, Any]:
        """Celery's settings, those that its version knows."""
        return self.celery["settings"]

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        return self.celery["tasks"]

    @property
    def on_rabbitmq(self) -> bool:
        return self.celery["broker"]["kind"] == "amqp"

    @property
    def on_redis(self) -> bool:
        return self.celery["broker"]["kind"] == "redis"

    @property
    def queues(self) -> dict[str, dict[str, Any]]:
        """The queues that the application declares and a worker serves, or, where it serves none, all declared ones."""
        declared = self.celery["queues"]
        return {name: queue for name, queue in declared.items() if name in self.app["queues"]} or declared

    @property
    def has_quorum(self) -> bool:
        return self.on_rabbitmq and any(queue["type"] == "quorum" for queue in self.celery["queues"].values())

    @property
    def delays_natively(self) -> bool:
        """Whether the broker itself keeps tasks with a delay: on quorum queues whose exchange is not a direct one."""
        return self.has_quorum and any(queue["exchange_type"] != "direct" for queue in self.queues.values())

    def version(self, package: str) -> tuple[int, int]:
        """Return major and minor; (0, 0) where it is not installed."""
        major, minor, *_ = [*self.versions.get(package, "0.0").split("."), "0"]
        return int(major), int("".join(filter(str.isdigit, minor)) or 0)

    def now(self, name: str) -> str:
        """Return a setting of Celery as a person reads it."""
        return f"{self.conf.get(name)!r}" + ("" if name in self.celery["set"] else " (Celery's default)")

    def celery_snippet(self, *, imports: str = "", **values: str) -> str:
        """Return lines to copy: names as this application writes them, ``values`` as Python."""
        lines = [f"# in {self._celery_place()}", *imports.splitlines()]
        return "\n".join([*lines, *(f"{self.spelled(name)} = {value}" for name, value in values.items())])

    def spelled(self, name: str) -> str:
        """Return a setting's name as this application writes it: with its prefix, the old one, or on the object."""
        celery = self.celery
        if celery["namespace"]:
            return f"{celery['namespace']}_{name.upper()}"
        if name in celery["old_names"]:
            return celery["old_names"][name]
        return name if celery["source"] not in ("", "django.conf:settings") else f"app.conf.{name}"

    def _celery_place(self) -> str:
        celery = self.celery
        in_django = celery["source"] == "django.conf:settings" and (celery["namespace"] or celery["old_names"])
        if in_django:
            return self.django.get("settings_module") or "the settings module"
        return celery["source"].replace("django.conf:settings", "") or f"the module of `celery -A {self.app['celery']}`"

    # --- Django, and the definition -----------------------------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        """Django's settings."""
        return self.django["settings"]

    def set_to(self, name: str) -> str:
        """Return a setting of Django as a person reads it."""
        return f"{self.settings[name]!r}" + ("" if name in self.django["set"] else " (Django's default)")

    def django_snippet(self, text: str) -> str:
        """Return lines to copy into the settings."""
        return f"# in {self.django.get('settings_module') or 'the settings module'}\n{text}"

    def definition_snippet(self, text: str) -> str:
        """Return lines to copy into the application's definition."""
        return f"# in inventories/<env>/apps/{self.app['name']}.yml\n{text}"

    @property
    def serves(self) -> bool:
        """Whether the application has a site."""
        return bool(self.app["wsgi"] or self.app["asgi"])


def listed(names: Any) -> str:
    """Return names in a line, those of a long list by number."""
    found = sorted(map(str, names))
    more = f" and {len(found) - _TOLD} more" if len(found) > _TOLD else ""
    return ", ".join(found[:_TOLD]) + more
