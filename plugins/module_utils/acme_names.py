"""Whether names lead to the hosts that want a certificate for them, as somebody elsewhere sees it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable
from typing import Any

Problem = dict[str, str]
#: Seconds for one answer.
PATIENCE = 5.0
PORT = 80


def addresses_of(name: str) -> list[str]:
    """Return the addresses of a name or an address, none where it has none."""
    try:
        return sorted({str(found[4][0]) for found in socket.getaddrinfo(name, PORT, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        return []


def answer(address: str, name: str, path: str) -> str | None:
    """Return what a request gets: a 200's body, else the status; None where nobody listens; OSError for silence."""
    connection = http.client.HTTPConnection(address, PORT, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Host": name})
        response = connection.getresponse()
        body = response.read(1000).decode(errors="replace").strip()
        return body if response.status == 200 else f"status {response.status}"
    except ConnectionRefusedError:
        return None
    except (http.client.HTTPException, ConnectionResetError):
        # Somebody listens, as nginx does, which ends a connection for a name that it does not know yet.
        return "no HTTP"
    finally:
        connection.close()


def problems(
    names: list[str],
    expected: list[str],
    path: str,
    content: str,
    resolve: Callable[[str], list[str]] = addresses_of,
    ask: Callable[[str, str, str], str | None] = answer,
) -> list[Problem]:
    """Return ``{variable, value, remedy}`` for each name that an authority could not prove.

    ``expected`` are addresses, or names of hosts, that the names may lead to. With ``content``, port 80 has to show it
    at ``path``; without, it is enough that the port can be reached, for nginx may not be there yet.
    """
    allowed = {address for entry in expected for address in resolve(entry)}
    found = []
    for name in names:
        remedy, value = _judge(name, allowed, path, content, resolve, ask)
        if remedy:
            found.append({"variable": f"domain {name}", "value": value, "remedy": remedy})
    return found


def _judge(name: str, allowed: set[str], path: str, content: str, resolve: Any, ask: Any) -> tuple[str, str]:
    has = resolve(name)
    wanted = ", ".join(sorted(allowed)) or "the web hosts"
    if not has:
        return (
            f"does not resolve: add a record that leads to {wanted}, or take the name out of app_domains",
            "(no address)",
        )
    # All of them: an authority takes any, and IPv6 first.
    if stray := [address for address in has if address not in allowed]:
        known = "say in certificates_addresses what stands before them"
        return f"does not lead to {wanted}: correct its record, or {known}", ", ".join(stray)
    for address in has:
        try:
            said = ask(address, name, path)
        except OSError as error:
            return f"port {PORT} cannot be reached ({error}): open it, an authority asks there", address
        if content and said != content:
            who = "nobody listens" if said is None else f"another server answers there ({said[:40]})"
            return f"port {PORT} does not show {path}: {who}", address
    return "", ""
