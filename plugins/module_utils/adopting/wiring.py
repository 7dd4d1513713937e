"""Which of a project's variables stand for what the kit wires, and which are left for somebody to give."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from ansible.module_utils.applications.problems import SECRET_NAME
from ansible.module_utils.applications.rules import WIRED

from . import vault
from .celery_project import Setting
from .environment import Reader, Variable
from .inventory import Environment
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
_SECRETS = {"postgres": "database", "redis": "redis", "rabbitmq": "broker"}
_ENGINE = "django.db.backends.postgresql"


@dataclass
class Wiring:
    """What the processes get: name to (value, reason); wired name to the project's; questions; what has defaults."""

    environment: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    optional: list[Variable] = field(default_factory=list)


class Wirer:
    """Wires one application in one environment."""

    def __init__(self, name: str, environment: Environment, services: Services, domain: str | None) -> None:
        self.name, self.environment, self.services, self.domain = name, environment, services, domain
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
            if variable.name in _GIVEN or self._map(variable, traced, reader):
                continue
            if not (self._part(variable, direct) or (django and self._django(variable, reader))):
                self._leave(variable)
        return self.result

    def _leave(self, variable: Variable) -> None:
        """Ask for what is required: a secret in the vault, where preflight misses it."""
        if not variable.required or variable.condition:
            self.result.optional.append(variable)
        elif SECRET_NAME.search(variable.name):
            value = vault.reference(self.name, variable.name.lower())
            self.result.secrets[variable.name] = (value, f"{variable.place} reads it without a default")
        else:
            self.result.asked[variable.name] = f"{variable.place} reads it without a default"

    def _map(self, variable: Variable, traced: dict[str, list[str]], reader: Reader) -> bool:
        """Let a wired name stand for a variable that is the setting's only source."""
        for wired, names in traced.items():
            whole = [name for name in names if not _is_part(name)]
            if variable.name in whole[:1] and wired not in names and wired not in self.result.names:
                self.result.names[wired] = (variable.name, variable.place)
                return True
        return False

    def _part(self, variable: Variable, direct: dict[str, str]) -> bool:
        for service, pattern in _PARTS.items():
            match = pattern.fullmatch(variable.name)
            role = direct.get(variable.name) if service == "postgres" else None
            if (match or role) and self.services.has(service):
                return self._give(variable, service, role or _ROLES[match[1]])
        return False

    def _give(self, variable: Variable, service: str, role: str) -> bool:
        reason = f"{variable.place}: the {role} of {service}"
        if role == "url":
            return self._url(variable, service)
        if role == "password":
            value = vault.reference(self.name, vault.SUFFIXES[_SECRETS[service]])
            self.result.secrets[variable.name] = (value, reason)
            return True
        values = {
            "host": self.environment.address(service),
            "port": self._port(variable.name, service),
            "user": self.name,
            "name": "0" if service == "redis" else self.name,
            "engine": _ENGINE,
        }
        if values[role] is None:
            self.result.asked[variable.name] = (
                f"the address of the host in the group {service}; {variable.place} reads it"
            )
        else:
            self.result.environment[variable.name] = (values[role], reason)
        return True

    def _port(self, name: str, service: str) -> str:
        if service != "redis":
            return f"{{{{ {service}_port }}}}"
        return str(self.services.ports[1 if self.services.state and "CACHE" not in name else 0])

    def _url(self, variable: Variable, service: str) -> bool:
        state = service == "rabbitmq" or (self.services.broker == "redis" and "CACHE" not in variable.name)
        wired = "DATABASE_URL" if service == "postgres" else "CELERY_BROKER_URL" if state else "CACHE_URL"
        if wired in self.result.names:
            return False
        self.result.names[wired] = (variable.name, variable.place)
        return True

    def _django(self, variable: Variable, reader: Reader) -> bool:
        """Give what DEBUG, ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS read under other names."""
        given = {"DEBUG": "0"}
        if self.domain:
            given |= {"ALLOWED_HOSTS": self.domain, "CSRF_TRUSTED_ORIGINS": self.environment.origin(self.domain)}
        for setting, value in given.items():
            if variable.name in _traced(reader, setting)[:1]:
                if (
                    setting == "DEBUG"
                    and not variable.required
                    and variable.default in (False, 0, "0", "False", "false", "")
                ):
                    return False
                self.result.environment[variable.name] = (value, f"{variable.place}, for {setting}")
                return True
        return False


def _traced(reader: Reader, setting: str) -> list[str]:
    node = reader.constants.nodes.get(setting)
    return reader.names(node) if node is not None else []


def _is_part(name: str) -> bool:
    """Tell whether a variable holds one part of a URL, by its name."""
    return any(
        match and _ROLES[match[1]] != "url" for match in (pattern.fullmatch(name) for pattern in _PARTS.values())
    )


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
