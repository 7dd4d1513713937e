"""Which of a project's variables stand for what the kit wires, and which are left for somebody to give."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ansible.module_utils.applications.problems import SECRET_NAME
from ansible.module_utils.applications.rules import WIRED

from . import vault
from .celery_project import Setting
from .environment import Reader, Variable
from .services import Services

#: Given to every process besides the URLs; the last ones by the system.
_GIVEN = frozenset({*WIRED, "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "STATIC_ROOT", "MEDIA_ROOT", "RELEASE_ID"}) | {
    "DJANGO_SETTINGS_MODULE", "HOME", "PATH", "USER", "LANG", "TMPDIR", "PWD", "HOSTNAME", "PYTHONPATH", "VIRTUAL_ENV",
}  # fmt: skip
_ROLES = {
    "HOST": "host", "HOSTNAME": "host", "SERVER": "host", "PORT": "port", "USER": "user", "USERNAME": "user",
    "PASSWORD": "password", "PASS": "password", "DB": "name", "NAME": "name", "DATABASE": "name", "VHOST": "name",
    "ENGINE": "engine", "URL": "url", "URI": "url", "DSN": "url",
}  # fmt: skip
_SERVICES = {
    "postgres": "SQL|POSTGRES|POSTGRESQL|PG|DB|DATABASE|RDS",
    "redis": "REDIS|VALKEY|CACHE",
    "rabbitmq": "RABBITMQ|RABBIT|AMQP|RMQ|BROKER",
}
_PARTS = {
    service: re.compile(rf"(?:[A-Z0-9]+_)*?(?:{words})_?(?:\w+_)?({'|'.join(_ROLES)})")
    for service, words in _SERVICES.items()
}
#: Names of what lies on a disk, and of what may be a whole URL.
_PLACE = re.compile(r"_(DIR|DIRECTORY|PATH|ROOT|FILE|FOLDER)$")
_WHOLE = re.compile(r"(URL|URI|DSN|BROKER|BACKEND|LOCATION|CACHE|KEY|DATABASE)$")
#: Variables that hold where browsers find the site, perhaps with a prefix that names it.
_SITE = {"domain": r"DOMAIN(_NAME)?", "url": r"(SITE|BASE|PUBLIC|ROOT)_URL"}
_SITE_PREFIXES = ("DJANGO", "SITE", "APP", "PUBLIC", "SERVER", "WEB")
_ENGINE = "django.db.backends.postgresql"
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

    def __init__(self, name: str, services: Services) -> None:
        self.name, self.services = name, services
        self.result = Wiring()

    def wire(self, reader: Reader, celery: dict[str, Setting], django: bool) -> Wiring:
        """Sort the variables that ``reader`` finds; ``celery`` are the settings of Celery."""
        nodes = {"CELERY_BROKER_URL": celery.get("broker_url"), "CELERY_RESULT_BACKEND": celery.get("result_backend")}
        traced = {wired: reader.names(setting.node) for wired, setting in nodes.items() if setting}
        if django:
            origin = {"SECRET_KEY": "SECRET_KEY", "DATABASES": "DATABASE_URL", "CACHES": "CACHE_URL"}
            traced |= {wired: _traced(reader, setting) for setting, wired in origin.items()}
        variables = {variable.name: variable for variable in reader.variables()}
        direct = _databases(reader) if django and self.services.postgres else {}
        for variable in variables.values():
            if variable.name in _GIVEN or self._site(variable) or self._map(variable, traced, reader):
                continue
            if not (self._part(variable, direct) or (django and self._django(variable, reader))):
                self._leave(variable)
        return self.result

    def _site(self, variable: Variable) -> bool:
        prefixes = "|".join((*_SITE_PREFIXES, re.escape(self.name.upper())))
        for fact, words in _SITE.items():
            if re.fullmatch(rf"(({prefixes})_)*({words})", variable.name):
                return self._template(variable, f"site.{fact}", variable.place)
        return False

    def _leave(self, variable: Variable) -> None:
        """Ask for what is required: a secret in the vault, where preflight misses it."""
        if _writes_elsewhere(variable):
            place = f"/srv/{self.name}/shared/{PurePosixPath(variable.default).name}"
            words = f"{variable.place}, which says {variable.default}; outlives a release there"
            self.result.environment[variable.name] = (place, words)
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
            whole = [name for name in names if not (_is_part(name) or _PLACE.search(name))]
            # Beside others, one that is no URL by its name is a detail: whether to verify, whose role.
            plain = _WHOLE.search(variable.name) or (len(names) == 1 and not isinstance(variable.default, bool))
            if variable.name in whole[:1] and wired not in names and plain:
                fact = self._fact(variable.name, "redis", "url") if wired == "CACHE_URL" else _FACTS[wired]
                return self._template(variable, fact, variable.place)
        return False

    def _template(self, variable: Variable, fact: str, reason: str) -> bool:
        self.result.names[variable.name] = (f"{{{fact}}}", reason)
        return True

    def _part(self, variable: Variable, direct: dict[str, str]) -> bool:
        for service, pattern in _PARTS.items():
            match = pattern.fullmatch(variable.name)
            role = direct.get(variable.name) if service == "postgres" else None
            if (match or role) and self.services.has(service):
                return self._give(variable, service, role or _ROLES[match[1]])
        return False

    def _give(self, variable: Variable, service: str, role: str) -> bool:
        if role == "engine":
            self.result.environment[variable.name] = (_ENGINE, f"{variable.place}: the engine of {service}")
            return True
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
            if variable.name in _traced(reader, setting)[:1]:
                return self._template(variable, fact, f"{variable.place}, for {setting}; commas between several")
        off = not variable.required and variable.default in (False, 0, "0", "False", "false", "")
        if variable.name not in _traced(reader, "DEBUG")[:1] or off:
            return False
        self.result.environment[variable.name] = ("0", f"{variable.place}, for DEBUG")
        return True


def _traced(reader: Reader, setting: str) -> list[str]:
    node = reader.constants.nodes.get(setting)
    return reader.names(node) if node is not None else []


def _is_part(name: str) -> bool:
    """Tell whether a variable holds one part of a URL, by its name."""
    return any(
        match and _ROLES[match[1]] != "url" for match in (pattern.fullmatch(name) for pattern in _PARTS.values())
    )


def _writes_elsewhere(variable: Variable) -> bool:
    """Tell whether a variable names, unless somebody gives it, a directory that no application's user may make."""
    default = variable.default if isinstance(variable.default, str) else ""
    return bool(_PLACE.search(variable.name) and re.match(r"/(app|data|home|opt|code|srv)/\w", default))


def _databases(reader: Reader) -> dict[str, str]:
    """Return the variables that DATABASES reads, with the key that each stands for."""
    found: dict[str, str] = {}
    node = reader.constants.nodes.get("DATABASES")
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Dict):
            for key, value in zip(inner.keys, inner.values, strict=True):
                names = reader.names(value) if isinstance(key, ast.Constant) and key.value in _ROLES else []
                if len(names) == 1 and not isinstance(value, ast.Dict):
                    found[names[0]] = _ROLES[key.value]
    return found
