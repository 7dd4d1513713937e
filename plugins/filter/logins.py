"""Who should be able to sign in where while a secret is exchanged, and who should not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.template import accept_lazy_markers

# As plugins/filter/applications.py does it, and for the same reason.
_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.secrets_store import rotation  # noqa: E402
from ansible.module_utils.secrets_store.targets import OPERATOR, key_of, user_of  # noqa: E402

_SERVICES = {"database": "postgres", "broker": "rabbitmq", "redis": "redis"}


@accept_lazy_markers
def login_probes(
    applications: list[dict[str, Any]], rotations: dict[str, Any], groups: list[str], where: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what login_probe asks on a host of these groups, for the secrets that are being exchanged.

    ``where`` has ``address``, ``postgres``, ``rabbitmq`` (ports), and of those with TLS ``authority``: service to file.
    """
    found = []
    for app in applications:
        for kind, service in _SERVICES.items():
            entry = (rotations or {}).get(key_of(app["name"], kind), {})
            if not entry.get("phase") or service not in groups:
                continue
            for port in _ports(app, kind, where):
                known = {"service": service, "host": where["address"], "port": int(port), "place": app["name"]}
                known |= {"authority": where["authority"][service]} if service in where.get("authority", {}) else {}
                found += [known | login for login in _logins(app["name"], kind, entry)]
    return found


@accept_lazy_markers
def operator_probes(
    rotations: dict[str, Any], name: str, pages: list[dict[str, Any]], management: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Return the same for the operator: on ``pages`` and on the broker's own page (service, host, port, place).

    The broker knows one password of the operator, the one in use.
    """
    entry = (rotations or {}).get(OPERATOR, {})
    if not entry.get("phase"):
        return []
    logins = [login | {"user": name} for login in _logins("", OPERATOR, entry)]
    used = rotation.current(entry, None)
    found = [page | login for page in pages for login in logins]
    if management:
        found += [management | login | {"accepted": login["password"] == used} for login in logins]
    return found


def _logins(name: str, kind: str, entry: dict[str, Any]) -> list[dict[str, Any]]:
    both = entry["phase"] != "withdrawn"
    old = entry.get("account", "a")
    new = {"a": "b", "b": "a"}[old] if kind in rotation.TWO_ACCOUNTS else old
    return [
        {"which": "old", "user": user_of(name, old), "password": entry["old"], "accepted": both},
        {"which": "new", "user": user_of(name, new), "password": entry["new"], "accepted": True},
    ]


def _ports(app: dict[str, Any], kind: str, where: dict[str, Any]) -> list[int]:
    if kind != "redis":
        return [where[_SERVICES[kind]]]
    own = app["redis"]
    return [own["cache"]["port"], own["state"]["port"], *(instance["port"] for instance in own["further"])]


@accept_lazy_markers
def panel_pages(
    sites: list[dict[str, Any]], panels: list[dict[str, Any]], port: int, groups: list[str]
) -> list[dict[str, Any]]:
    """Return the operators' pages on a web host of these groups: service, host, port, place."""
    urls = [panel["url"] for panel in panels]
    pages = []
    for app in sites:
        own = ["/flower/"] if app["flower"] is not None and "flower" in groups else []
        # No application takes a `*` for a host: a name that it stands for.
        site = app["domains"][0].replace("*", "www")
        known = {"service": "https", "host": "127.0.0.1", "port": int(port)}
        pages += [known | {"place": [site, url]} for url in own + urls]
    return pages


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {"login_probes": login_probes, "operator_probes": operator_probes, "panel_pages": panel_pages}
