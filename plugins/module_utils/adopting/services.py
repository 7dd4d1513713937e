"""Which services an application uses, from its settings, its requirements and its own compose file."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from .celery_project import Setting, url_kind
from .environment import Variable
from .findings import Guess
from .python_files import Constants, Module, strings
from .tree import Tree

_DEPLOYMENT = ("docker-compose*.y*ml", "compose*.y*ml", ".env*", "*.env", "env.example", "Procfile", "app.json")
_TRANSPORTS = {"amqp": "rabbitmq", "amqps": "rabbitmq", "pyamqp": "rabbitmq", "redis": "redis", "rediss": "redis"}
POSTGRES_DRIVERS = ("psycopg2", "psycopg2-binary", "psycopg", "asyncpg", "psycopg2cffi")
_REDIS = ("redis", "django-redis", "channels-redis", "celery[redis]", "django-redis-cache", "rq", "django-rq")
#: Of Debian's package of the server; those that PostgreSQL trusts the application creates itself.
_EXTENSIONS = {"bloom": "BloomExtension"}
#: A backend of a project's own, `shop.results.Backend`.
_CLASS = re.compile(r"(?:[a-z_]\w*\.)+[A-Za-z_]\w*")
#: Celery's own keys that only RabbitMQ knows.
_OF_RABBITMQ = re.compile(r"(py)?amqps?(://.*)?|x-queue-type|x-max-priority|confirm_publish", re.DOTALL)


@dataclass
class Services:
    """What an application uses: ``postgres``, ``redis``, and its ``broker`` and ``results`` as app_* call them."""

    postgres: bool
    redis: bool
    broker: str | None
    results: str | None
    ports: tuple[int, int]

    @property
    def state(self) -> bool:
        """Whether Celery keeps something in Redis."""
        return "redis" in (self.broker, self.results)

    def has(self, service: str) -> bool:
        """Tell whether an application uses a service."""
        return self.broker == "rabbitmq" if service == "rabbitmq" else getattr(self, service)


class Evidence:
    """What broker, results and services can be told from."""

    def __init__(
        self,
        tree: Tree,
        modules: list[Module],
        constants: Constants,
        dependencies: dict[str, str],
        settings: dict[str, Setting],
    ) -> None:
        self.modules, self.constants, self.dependencies, self.settings = modules, constants, dependencies, settings
        self.tree = tree
        self._deployment = {name: tree.text(name) for name in tree.find(*_DEPLOYMENT)}

    def broker(self) -> Guess:
        """Return app_broker; RabbitMQ where nothing tells."""
        named = url_kind(self.settings.get("broker_url"), self.constants)
        if named and named[0] in _TRANSPORTS:
            return Guess(_TRANSPORTS[named[0]], f"{named[0]}: in {named[1]}")
        for name, text in self._deployment.items():
            if match := re.search(r"BROKER\w*\s*[=:]\s*[\"']?(amqps?|rediss?)://", text):
                return Guess(_TRANSPORTS[match[1]], name)
        for module in self.modules:
            if word := next((text for text in strings(module.syntax) if _OF_RABBITMQ.fullmatch(text)), None):
                return Guess("rabbitmq", f"the word {word.partition('://')[0]} in {module.path}")
        for name, text in self._deployment.items():
            if re.search(r"rabbitmq|amqp://", text):
                return Guess("rabbitmq", f"{name} speaks of it")
        if package := self._depends(_REDIS):
            return Guess("redis", f"{package}; nothing speaks of RabbitMQ")
        return Guess("rabbitmq", "nothing names a broker, and this is Celery's own choice")

    def results(self, django: bool, name: str, broker: str) -> Guess:
        """Return app_result_backend."""
        named = url_kind(self.settings.get("result_backend"), self.constants)
        if named:
            kind, place = named
            known = {"django-db": "django-db", "rpc": "rpc", "amqp": "rpc", "redis": "redis", "rediss": "redis"}
            if kind in known:
                return Guess(known[kind], f"{kind} in {place}")
            if kind == "db+sqlite":
                return Guess(
                    f"db+sqlite:////srv/{name}/shared/results.sqlite3", f"{kind} in {place}; outlives a release there"
                )
            if kind == "django-cache":
                return Guess(kind, f"{place}")
        setting = self.settings.get("result_backend")
        if setting and isinstance(setting.node, ast.Constant) and setting.node.value is None:
            return Guess("none", f"None in {setting.place}")
        path = self.constants.value(setting.node) if setting else None
        if isinstance(path, str) and _CLASS.fullmatch(path):
            return Guess(path, f"a class of its own in {setting.place}")
        if django and "django-celery-results" in self.dependencies:
            return Guess("django-db", f"django-celery-results in {self.dependencies['django-celery-results']}")
        if "result_backend" in self.settings and (package := self._depends(_REDIS)):
            return Guess("redis", f"{self.settings['result_backend'].place} names none, and {package}")
        if "result_backend" in self.settings and broker == "rabbitmq":
            return Guess("rpc", f"{self.settings['result_backend'].place} wants one, and nothing says which")
        return Guess("none", "no result backend in the settings")

    def postgres(self, django: bool, variables: list[Variable]) -> str | None:
        """Return why an application needs PostgreSQL; None where it does not."""
        if package := self._depends(POSTGRES_DRIVERS):
            return package
        named = [v for v in variables if re.match(r"DATABASE_URL|POSTGRES|PG(HOST|DATABASE)", v.name)]
        if named:
            return f"{named[0].name} in {named[0].place}"
        return "Django's migrations need a database, and this kit has PostgreSQL only" if django else None

    def extensions(self) -> Guess | None:
        """Return app_database where a migration creates an extension that only a superuser may."""
        for name in self.tree.files:
            if "/migrations/" in f"/{name}" and name.endswith(".py"):
                for extension, operation in _EXTENSIONS.items():
                    if re.search(rf"\b{operation}\(", self.tree.text(name)):
                        return Guess({"extensions": [extension]}, f"{operation} in {name}")
        return None

    def redis(self, variables: list[Variable]) -> str | None:
        """Return why an application needs Redis; None where it does not."""
        if package := self._depends(_REDIS):
            return package
        named = [v for v in variables if re.search(r"REDIS|CACHE_URL", v.name)]
        return f"{named[0].name} in {named[0].place}" if named else None

    def _depends(self, names: tuple[str, ...]) -> str | None:
        return next((f"{name} in {self.dependencies[name]}" for name in names if name in self.dependencies), None)
