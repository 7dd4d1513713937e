"""The users of a running Redis, over its own protocol, with the standard library only."""

from __future__ import annotations

import socket
import ssl
from typing import Any, BinaryIO


class RedisError(Exception):
    """Redis answered with an error; the message is its own."""


class Refused(RedisError):
    """Redis does not know this user with this password."""


def _told(users: list[str]) -> set[frozenset[str]]:
    """Return the rules of users without their order, and without a default.

    Of users from its file Redis 7.0 tells both in another way than of the same ones by this command.
    """
    return {frozenset(user.split()) - {"sanitize-payload"} for user in users}


class RedisAdmin:
    """One connection, by TLS with an authority (file). Raises OSError where nothing listens, Refused, RedisError."""

    def __init__(
        self, address: str, port: int, user: str, password: str, timeout: float = 5, *, authority: str | None = None
    ) -> None:
        self._socket = socket.create_connection((address, port), timeout)
        if authority:
            context = ssl.create_default_context(cafile=authority)
            self._socket = context.wrap_socket(self._socket, server_hostname=address)
        self._file: BinaryIO = self._socket.makefile("rb")
        try:
            self.call("AUTH", user, password)
        except RedisError as error:
            self.close()
            raise Refused(str(error)) if str(error).startswith("WRONGPASS") else error from None

    def set_users(self, users: dict[str, str]) -> bool:
        """Give users, name to rules, exactly these rules; return whether that changed any. Nobody is disconnected."""
        before = self.call("ACL", "LIST")
        for name, rules in users.items():
            # One command: nobody meets a user without rules.
            self.call("ACL", "SETUSER", name, "reset", *rules.split())
        return _told(before) != _told(self.call("ACL", "LIST"))

    def call(self, *words: str) -> Any:
        """Return the answer to a command: text, int, None or a list of them."""
        parts = [word.encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self._answer()

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def _answer(self) -> Any:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise RedisError("the connection was closed")
        kind, text = line[:1], line[1:-2].decode()
        if kind == b"-":
            raise RedisError(text)
        if kind == b":":
            return int(text)
        if kind == b"*":
            return [self._answer() for _ in range(int(text))]
        if kind == b"$":
            return None if int(text) < 0 else self._file.read(int(text) + 2)[:-2].decode()
        return text
