"""URLs of services, as the applications' processes get them."""

from __future__ import annotations

from urllib.parse import quote


def service_url(scheme: str, user: str, password: str | None, host: str, port: int, path: str = "") -> str:
    """Return ``scheme://user:password@host:port/path`` with user, password and path percent-encoded whole.

    Without a password the application has no such service, and the result is empty.

    ``quote`` without safe characters: a ``/`` or ``@`` in a password must not end the part of the URL it stands in.
    """
    if not password:
        return ""
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return f"{scheme}://{credentials}@{host}:{port}/{quote(path, safe='')}"


class FilterModule:
    """Offer ``service_url`` to templates: ``'amqp' | service_url(user, password, host, port, vhost)``."""

    def filters(self) -> dict:
        return {"service_url": service_url}
