"""What an application's processes find in their environment."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import ansible.module_utils
from ansible.template import accept_lazy_markers

# As plugins/filter/applications.py does it, and for the same reason.
_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.applications.facts import filled, of_release  # noqa: E402


@accept_lazy_markers
def mapped_environment(templates: dict[str, str], facts: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return variable to value for ``app_environment_map``; ``facts`` is part to fact to value, of no release."""
    return {name: filled(template, facts) for name, template in templates.items() if not of_release(template)}


@accept_lazy_markers
def mapped_files(templates: dict[str, str], files: dict[str, str]) -> dict[str, str]:
    """Return variable to value for what ``app_environment_map`` says of a release; ``files`` is fact to directory."""
    named = {name: template for name, template in templates.items() if of_release(template)}
    return {name: filled(template, {"files": files}) for name, template in named.items()}


def service_url(
    scheme: str,
    user: str,
    password: str | None,
    host: str,
    port: int,
    path: str = "",
    query: dict[str, str] | None = None,
) -> str:
    """Return ``scheme://user:password@host:port/path?query`` with user, password and path percent-encoded whole.

    Without a password the application has no such service, and the result is empty.

    ``quote`` without safe characters: a ``/`` or ``@`` in a password must not end the part of the URL it stands in.
    """
    if not password:
        return ""
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    # A path in the query keeps its slashes, for whoever does not decode it.
    tail = f"?{urlencode(query, safe='/')}" if query else ""
    return f"{scheme}://{credentials}@{host}:{port}/{quote(path, safe='')}{tail}"


def further_redis(instances: list[dict[str, Any]], common: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of ``app_redis.further``, ``{"<name>.<fact>": value}``; ``common``: host, user, password, db."""
    found = {}
    for instance in instances:
        port = instance["port"]
        url = service_url("redis", common["user"], common["password"], common["host"], port, common["db"])
        found |= {f"{instance['name']}.{fact}": value for fact, value in {**common, "port": port, "url": url}.items()}
    return found


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {
            "further_redis": further_redis,
            "mapped_environment": mapped_environment,
            "mapped_files": mapped_files,
            "service_url": service_url,
        }
