"""Whether services accept a user with a password, asked as their clients ask: standard library, and psycopg2."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import struct
from typing import Any

from ansible.module_utils.redis_admin import RedisAdmin, Refused

TIMEOUT = 10  # seconds


class Unanswered(Exception):
    """The service said neither yes nor no; the message says what it said."""


def accepted(login: dict[str, Any]) -> bool:
    """Return whether a service accepts a login: ``service host port user password``, and ``place`` where it has one.

    ``place`` is a database, a virtual host, or of a page ``[site, path]``; ``authority`` the file of the one behind the
    certificate of a service that speaks TLS. Raises Unanswered, OSError.
    """
    return _SERVICES[login["service"]](login)


def _postgres(login: dict[str, Any]) -> bool:
    # Debian's package, on the hosts of PostgreSQL.
    import psycopg2

    try:
        psycopg2.connect(
            host=login["host"], port=login["port"], user=login["user"], password=login["password"],
            dbname=login["place"], connect_timeout=TIMEOUT,
        ).close()  # fmt: skip
    except psycopg2.OperationalError as error:
        words = str(error)
        # A role without a password fails like one with another; only a right one tells that the role may not sign in.
        if "password authentication failed" in words or "is not permitted to log in" in words:
            return False
        raise Unanswered(words.strip()) from None
    return True


def _redis(login: dict[str, Any]) -> bool:
    try:
        known = (login["host"], login["port"], login["user"], login["password"])
        RedisAdmin(*known, TIMEOUT, authority=login.get("authority")).close()
    except Refused:
        return False
    return True


def _rabbitmq(login: dict[str, Any]) -> bool:
    """AMQP 0-9-1 as far as the broker's answer to user and password: Tune for yes, Close or the end for no."""
    with _connection(login) as connection, connection.makefile("rb") as file:
        connection.sendall(b"AMQP\x00\x00\x09\x01")
        if _method(file) != (10, 10):
            raise Unanswered("the broker does not begin")
        response = f"\0{login['user']}\0{login['password']}".encode()
        # Without this capability the broker waits seconds before it hangs up, and says nothing.
        capability = _short(b"authentication_failure_close") + b"t\x01"
        table = _short(b"capabilities") + b"F" + _long(capability)
        payload = struct.pack(">HH", 10, 11) + _long(table) + _short(b"PLAIN") + _long(response) + _short(b"en_US")
        connection.sendall(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")
        answer = _method(file)
    if answer not in {(10, 30), (10, 50), None}:
        raise Unanswered(f"the broker answers with method {answer}")
    return answer == (10, 30)


def _connection(login: dict[str, Any]) -> socket.socket:
    connection = socket.create_connection((login["host"], login["port"]), TIMEOUT)
    if login.get("authority"):
        context = ssl.create_default_context(cafile=login["authority"])
        connection = context.wrap_socket(connection, server_hostname=login["host"])
    return connection


def _short(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _long(text: bytes) -> bytes:
    return struct.pack(">I", len(text)) + text


def _method(file: Any) -> tuple[int, int] | None:
    """Return class and method of the next frame, None at the end."""
    head = file.read(7)
    if len(head) < 7:
        return None
    size = struct.unpack(">BHI", head)[2]
    payload = file.read(size + 1)
    return struct.unpack(">HH", payload[:4]) if len(payload) > size else None


def _page(login: dict[str, Any]) -> bool:
    """The status of a page behind basic authentication: 401 is no, whatever else the panel itself says is yes."""
    site, path = login["place"]
    token = base64.b64encode(f"{login['user']}:{login['password']}".encode()).decode()
    connection = http.client.HTTPConnection(login["host"], login["port"], timeout=TIMEOUT)
    connection.sock = socket.create_connection((login["host"], login["port"]), TIMEOUT)
    if login["service"] == "https":
        # The host asks itself, whoever signed its certificate; nginx goes by the name that is asked for.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection.sock = context.wrap_socket(connection.sock, server_hostname=site)
    try:
        connection.request("GET", path, headers={"Host": site, "Authorization": f"Basic {token}"})
        return connection.getresponse().status != 401
    finally:
        connection.close()


_SERVICES = {"postgres": _postgres, "redis": _redis, "rabbitmq": _rabbitmq, "http": _page, "https": _page}
