"""Which secrets a word of the command line means, and under which names they are stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .errors import SecretsError

#: What SECRET= may be, and the key of app_secrets that it means; flower is the operator's, for all applications.
KINDS = {"postgres": "database", "rabbitmq": "broker", "redis": "redis", "django": "django", "flower": "operator"}
OPERATOR = "operator"
#: That of an environment where a service has several hosts.
CLUSTER = "cluster"
_ALIAS = re.compile(r"\{\{\s*(vault_\w+)\s*\}\}")


@dataclass(frozen=True)
class Target:
    """One secret: ``key`` in the rotations, the application's name ("" for the operator), and its name in the store."""

    key: str
    app: str
    kind: str
    variable: str


def key_of(app: str, kind: str) -> str:
    """Return under which key of ``vault_rotations`` a secret of an application is found."""
    return f"{app}.{kind}" if app else kind


def user_of(name: str, account: str) -> str:
    """Return the user of an application's account; the hyphen keeps it apart from every application's name."""
    return name if account == "a" else f"{name}-b"


def targets(secret: str, only: str, applications: dict[str, dict[str, Any]], operator: Any) -> list[Target]:
    """Return the secrets to exchange; ``applications`` and ``operator`` (a password) are as written, not evaluated.

    Raises SecretsError where nothing is meant, or where a value does not stand in the vault alone.
    """
    if secret not in KINDS:
        raise SecretsError(f"SECRET is '{secret}': say one of {', '.join(KINDS)}")
    kind = KINDS[secret]
    if kind == OPERATOR:
        return [Target(kind, "", kind, _variable("operator_password", operator))]
    known = {str(app.get("app_name", stem)): app.get("app_secrets") or {} for stem, app in applications.items()}
    if only and only not in known:
        raise SecretsError(f"APP is '{only}': there are {', '.join(sorted(known))}")
    found = [
        Target(key_of(name, kind), name, kind, _variable(f"app_secrets.{kind} of {name}", own[kind]))
        for name, own in sorted(known.items())
        if own.get(kind) and only in ("", name)
    ]
    if not found:
        raise SecretsError(f"{only or 'no application'} has {'no ' if only else 'a '}secret of the kind {kind}")
    return found


def alias(written: Any) -> str:
    """Return the name in the vault that a value, as written, stands for; "" where it is anything else."""
    match = _ALIAS.fullmatch(str(written).strip())
    return match[1] if match else ""


def _variable(where: str, written: Any) -> str:
    if not alias(written):
        raise SecretsError(f'{where} has to be written "{{{{ vault_NAME }}}}", its value in vault.yml alone')
    return alias(written)
