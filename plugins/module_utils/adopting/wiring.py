"""Which of a project's variables stand for what the kit wires, and which are left for somebody to give."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from ansible.module_utils.applications.problems import SECRET_NAME
from ansible.module_utils.applications.rules import WIRED

from . import by_name, direct, vault
from .celery_project import Setting
from .environment import Reader, Variable
from .places import PLACE, shared
from .python_files import strings
from .services import Services
from .switches import switched

#: Given to every process besides the URLs; the last ones by the system.
_GIVEN = frozenset({*WIRED, "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STATIC_ROOT", "MEDIA_ROOT", "RELEASE_ID"}) | {
    "DJANGO_SETTINGS_MODULE", "HOME", "PATH", "USER", "LANG", "TMPDIR", "PWD", "HOSTNAME", "PYTHONPATH", "VIRTUAL_ENV",
}  # fmt: skip
_ROLES = {
    "HOST": "host", "HOSTNAME": "host", "SERVER": "host", "PORT": "port", "USER": "user", "USERNAME": "user",
    "PASSWORD": "password", "PASS": "password", "DB": "name", "NAME": "name", "DATABASE": "name", "VHOST": "name",
    "URL": "url", "URI": "url", "DSN": "url", "LOCATION": "url",
} | dict.fromkeys(("ENGINE", "BACKEND", "TYPE"), "engine")  # fmt: skip
_SERVICES = {
    "postgres": "SQL|POSTGRES|POSTGRESQL|PG|DB|DATABASE|RDS",
    "redis": "REDIS|VALKEY|CACHE",
    "rabbitmq": "RABBITMQ|RABBIT|AMQP|RMQ|BROKER",
}
_PARTS = {
    service: re.compile(rf"(?:[A-Z0-9]+_)*?(?:{words})_?(?:\w+_)?({'|'.join(_ROLES)})")
    for service, words in _SERVICES.items()
}
#: Names of what may be a whole URL, of what only refines a connection, and of what tests alone read.
_WHOLE = re.compile(r"(URL|URI|DSN|BROKER|BACKEND|LOCATION|CACHE|KEY|DATABASE)$")
_DETAIL = re.compile(
    r"(^|_)(SSL|TLS|VERIFY|CHECK|CERTS?|CERTFILE|KEYFILE|TEST|REPLICA|\w*READ_?ONLY|COOKIE|MONGO\w*|MYSQL|MARIADB|ORACLE|CLICKHOUSE"
    r"|ELASTIC\w*|OPENSEARCH|SQLITE|CLUSTER|SENTINELS?|MEMCACHED?|KAFKA)(_|$)"
)
#: Variables that hold where browsers find the site, or Django's key, perhaps with a prefix that names it.
_SITE = {
    "site.domain": r"DOMAIN(_NAME)?",
    "site.url": r"(SITE|BASE|PUBLIC|ROOT)_URL",
    "django.secret_key": r"SECRET_KEY",
}
_SITE_PREFIXES = ("DJANGO", "SITE", "APP", "PUBLIC", "SERVER", "WEB")
_ENGINE = "django.db.backends.postgresql"
#: How projects that have words of their own for engines call this one.
_ENGINE_WORDS = ("postgresql", "postgres", "psql", "pgsql")
_DIRECTORIES = {"STATIC_ROOT": "files.static", "MEDIA_ROOT": "files.media"}
#: What the kit hands over under names of its own, as a template names it.
_FACTS = {
    "DATABASE_URL": "database.url",
    "CELERY_BROKER_URL": "broker.url",
    "CELERY_RESULT_BACKEND": "results.url",
    "CACHE_URL": "cache.url",
    "SECRET_KEY": "django.secret_key",
}


@dataclass
class Wiring:
    """What the processes get: name to (value, reason); name to (template, reason); questions; what has defaults."""

    environment: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    optional: list[Variable] = field(default_factory=list)


class Wirer:
    """Wires one application."""

    def __init__(self, name: str, services: Services, dependencies: dict[str, str]) -> None:
        self.name, self.services, self.dependencies = name, services, dependencies
        self.result = Wiring()
        self.prefixes: tuple[str, ...] = (name.upper(),)
        self._urls: list[str] = []

    def wire(self, reader: Reader, celery: dict[str, Setting], django: bool) -> Wiring:
        """Sort the variables that ``reader`` finds; ``celery`` are the settings of Celery."""
        nodes = {"CELERY_BROKER_URL": celery.get("broker_url"), "CELERY_RESULT_BACKEND": celery.get("result_backend")}
        traced = {wired: reader.names(setting.node) for wired, setting in nodes.items() if setting}
        if django:
            origin = {"SECRET_KEY": "SECRET_KEY", "DATABASES": "DATABASE_URL", "CACHES": "CACHE_URL"}
            traced |= {wired: _traced(reader, setting) for setting, wired in origin.items()}
        variables = reader.variables()
        self.prefixes += _prefix(variables)
        keys = _databases(reader) if django and self.services.postgres else {}
        self._urls = traced.get("DATABASE_URL", [])
        known = (
            lambda variable: self._site(variable) or self._files(variable, reader),
            lambda variable: self._caches(variable, reader) or self._map(variable, traced, reader),
            lambda variable: self._part(variable, keys, reader) or self._by_name(variable, bool(celery)),
            lambda variable: django and self._django(variable, reader),
            lambda variable: self._switch(variable, reader, bool(celery)),
        )
        for variable in variables:
            if variable.name not in _GIVEN and not any(wires(variable) for wires in known):
                self._leave(variable, reader)
        return self.result

    def _files(self, variable: Variable, reader: Reader) -> bool:
        """Give the directories that nginx serves to variables that are the whole of them."""
        for setting, fact in _DIRECTORIES.items():
            if direct.directory(reader, setting) == (variable.name, ""):
                return self._template(variable, fact, f"{variable.place}, for {setting}")
        return False

    def _caches(self, variable: Variable, reader: Reader) -> bool:
        """Give a class and a URL to variables that stand for a cache's BACKEND and LOCATION."""
        keys = {name: key for key, name in direct.keys(reader, "CACHES")} if self.services.redis else {}
        if "BACKEND" not in keys.values() or keys.get(variable.name) not in ("BACKEND", "LOCATION"):
            return False
        if keys[variable.name] == "LOCATION":
            return self._template(variable, "cache.url", f"{variable.place}, where CACHES lie")
        kind = "django_redis.cache" if "django-redis" in self.dependencies else "django.core.cache.backends.redis"
        self.result.environment[variable.name] = (f"{kind}.RedisCache", f"{variable.place}: the kind of CACHES")
        return True

    def _by_name(self, variable: Variable, celery: bool) -> bool:
        return bool(fact := by_name.fact(variable, celery)) and self._template(variable, fact, variable.place)

    def _switch(self, variable: Variable, reader: Reader, celery: bool) -> bool:
        if found := switched(variable, reader, celery):
            self.result.environment[variable.name] = found
        return found is not None

    def _site(self, variable: Variable) -> bool:
        own = "|".join(map(re.escape, self.prefixes))
        prefixes = "|".join((*_SITE_PREFIXES, own))
        for fact, words in _SITE.items():
            if re.fullmatch(rf"(({prefixes})_)*({words})", variable.name):
                return self._template(variable, fact, variable.place)
        if re.fullmatch(rf"(({own})_)+URL", variable.name):
            return self._template(variable, "site.url", variable.place)
        return False

    def _leave(self, variable: Variable, reader: Reader) -> None:
        """Ask for what is required: a secret in the vault, where preflight misses it."""
        if name := shared(variable, reader):
            said = repr(variable.default) if variable.default else "a directory that nobody may write to"
            words = f"{variable.place}, which says {said}; outlives a release there"
            self.result.environment[variable.name] = (f"/srv/{self.name}/shared/{name}", words)
        elif not variable.required or variable.condition:
            self.result.optional.append(variable)
        elif SECRET_NAME.search(variable.name):
            value = vault.reference(self.name, variable.name.lower())
            self.result.secrets[variable.name] = (value, f"{variable.place} reads it without a default")
        else:
            self.result.asked[variable.name] = f"{variable.place} reads it without a default"

    def _map(self, variable: Variable, traced: dict[str, list[str]], reader: Reader) -> bool:
        """Give what the kit wires to a variable that is the setting's only source."""
        for wired, names in traced.items():
            whole = [name for name in names if not (_is_part(name) or PLACE.search(name))]
            # Beside others, one that is no URL by its name is a detail: whether to verify, whose role.
            plain = _WHOLE.search(variable.name) or (len(names) == 1 and not isinstance(variable.default, bool))
            if variable.name in whole[:1] and wired not in names and plain:
                fact = self._fact(variable.name, "redis", "url") if wired == "CACHE_URL" else _FACTS[wired]
                return self._template(variable, fact, variable.place)
        return False

    def _template(self, variable: Variable, fact: str, reason: str) -> bool:
        self.result.names[variable.name] = (f"{{{fact}}}", reason)
        return True

    def _part(self, variable: Variable, keys: dict[str, str], reader: Reader) -> bool:
        if _DETAIL.search(variable.name):
            return False
        for service, pattern in _PARTS.items():
            match = pattern.fullmatch(variable.name)
            role = keys.get(variable.name) if service == "postgres" else None
            if (match or role) and self.services.has(service):
                role = role or _ROLES[match[1]]
                # Another database than the one that Django's settings begin with.
                if service == "postgres" and role == "url" and variable.name not in (self._urls or [variable.name]):
                    return False
                if role == "engine":
                    return service == "postgres" and self._engine(variable, keys, reader)
                return self._give(variable, service, role)
        if self.services.redis and re.fullmatch(r"([A-Z0-9]+_)?(REDIS|VALKEY)", variable.name):
            return self._give(variable, "redis", "url")
        return False

    def _engine(self, variable: Variable, keys: dict[str, str], reader: Reader) -> bool:
        """Name Django's class, or the project's own word where it chooses among words."""
        dotted = "." in str(variable.default) if variable.default else variable.name in keys
        said = {text for module in reader.modules for text in strings(module.syntax)} if not dotted else set()
        # `"django.db.backends." + backend` wants the rest.
        usual = _ENGINE_WORDS[0] if "django.db.backends." in said else _ENGINE
        word = next((word for word in _ENGINE_WORDS if word in said), usual)
        self.result.environment[variable.name] = (word, f"{variable.place}: the engine of the database")
        return True

    def _give(self, variable: Variable, service: str, role: str) -> bool:
        reason = variable.place if role == "url" else f"{variable.place}: the {role} of {service}"
        return self._template(variable, self._fact(variable.name, service, role), reason)

    def _fact(self, name: str, service: str, role: str) -> str:
        if service == "postgres":
            return f"database.{role}"
        if service == "rabbitmq":
            return f"broker.{'vhost' if role == 'name' else role}"
        # What is called a cache may be lost; nobody knows that of anything else.
        part = "cache" if "CACHE" in name else "state"
        return f"{part}.{'db' if role == 'name' else role}"

    def _django(self, variable: Variable, reader: Reader) -> bool:
        """Give what DEBUG, ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS read under other names."""
        for setting, fact in (("ALLOWED_HOSTS", "site.domains"), ("CSRF_TRUSTED_ORIGINS", "site.origins")):
            if variable.name in _traced(reader, setting)[:1] and not _DETAIL.search(variable.name):
                if re.search(r"(DOMAIN|HOSTNAME)$", variable.name):
                    return self._template(variable, "site.domain", f"{variable.place}, for {setting}")
                return self._template(variable, fact, f"{variable.place}, for {setting}; commas between several")
        off = not variable.required and variable.default in (False, 0, "0", "False", "false", "")
        if variable.name not in _traced(reader, "DEBUG")[:1] or off:
            return False
        self.result.environment[variable.name] = ("0", f"{variable.place}, for DEBUG")
        return True


def _traced(reader: Reader, setting: str) -> list[str]:
    nodes = [node for module in reader.modules for node in module.named.get(setting, [])]
    return list(dict.fromkeys(name for node in nodes for name in reader.names(node)))


def _is_part(name: str) -> bool:
    """Tell whether a variable holds one part of a URL, by its name."""
    return any(
        match and _ROLES[match[1]] != "url" for match in (pattern.fullmatch(name) for pattern in _PARTS.values())
    )


def _databases(reader: Reader) -> dict[str, str]:
    """Return the variables that DATABASES reads, with the key that each stands for; a directory is none of them."""
    found = direct.keys(reader, "DATABASES")
    return {name: _ROLES[key] for key, name in found if key in _ROLES and not PLACE.search(name)}


def _prefix(variables: list[Variable]) -> tuple[str, ...]:
    """Return the word that most of a project's variables begin with, as WEBSHOP in WEBSHOP_DEBUG; none where few do."""
    words = Counter(variable.name.partition("_")[0] for variable in variables if "_" in variable.name)
    word, count = next(iter(words.most_common(1)), ("", 0))
    return (word,) if count >= 6 and count * 2 > len(variables) else ()
