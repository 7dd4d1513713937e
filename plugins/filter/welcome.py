"""Where the applications of an environment are reached, for the end of `make up`."""

from __future__ import annotations

from typing import Any


def welcome(
    apps: list[dict[str, Any]], environment: str, host: str, port: int, authority: str, panels: list[str]
) -> str:
    """Return what to open and what to ask, of complete definitions that have a site.

    ``host`` and ``port`` are where a browser reaches the environment, ``authority`` is the file of its certificates'
    authority, and ``panels`` are paths of every site beside Flower's.
    """
    suffix = "" if port == 443 else f":{port}"
    lines = [f"{environment} runs:"]
    elsewhere = []
    for app in (app for app in apps if app["domains"]):
        name = _shown(app["domains"], host)
        there = ""
        if name != host:
            elsewhere.append(name)
            there = f" --connect-to {name}:{port}:{host}:{port}"
        paths = ["/", *(["/flower/"] if app["flower"] is not None else []), *panels]
        lines += ["", *(f"  {app['name'] if path == '/' else '':14}  https://{name}{suffix}{path}" for path in paths)]
        lines += [f"  curl --cacert {authority}{there} https://{name}{suffix}{app['health_path']}"]
    if elsewhere:
        lines += ["", f"Browsers find {', '.join(elsewhere)} once this machine's /etc/hosts leads there to {host}."]
    return "\n".join(lines)


def _shown(domains: list[str], host: str) -> str:
    """Return the domain to be shown: the one that leads there already, else the first that is one."""
    plain = [domain for domain in domains if not domain.startswith(("*", "."))]
    return host if host in plain else (plain or [domains[0].lstrip("*.")])[0]


class FilterModule:
    """Offer ``welcome`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"welcome": welcome}
