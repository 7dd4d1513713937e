"""Where a setting leads to: a service without its password, a path inside the release or not."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SAME = {"pyamqp": "amqp", "amqps": "amqp", "librabbitmq": "amqp", "rediss": "redis"}
_PORTS = {"amqp": 5672, "redis": 6379}


def service(url: Any) -> dict[str, Any]:
    """Return ``{kind, host, port, path}`` of a URL, or of the first one; host and port are None where it has none.

    ``kind`` is the scheme (amqp, redis, db+sqlite), or the whole text where it is no URL (django-db).
    """
    first = str((url[0] if isinstance(url, list | tuple) and url else url) or "").split(";")[0]
    scheme, separator, _ = first.partition("://")
    kind = _SAME.get(scheme, scheme)
    if not separator:
        return {"kind": first.partition(":")[0], "host": None, "port": None, "path": ""}
    try:
        parts = urlsplit(first)
        host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
        return {"kind": kind, "host": host, "port": parts.port or _PORTS.get(kind), "path": parts.path}
    except ValueError:
        return {"kind": kind, "host": None, "port": None, "path": ""}


def in_release(path: Any) -> bool:
    """Whether a path lies in the release's directory, which the next release does not have; relative ones do."""
    here = Path.cwd()
    release = here.parent if here.name == "source" else here
    return Path(str(path)).resolve().is_relative_to(release.resolve())
