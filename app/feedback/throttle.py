"""How often one visitor may write."""

from django.core.cache import cache
from django.http import HttpRequest

#: Submissions per visitor in a window of so many seconds.
LIMIT, WINDOW = 20, 600


def is_throttled(request: HttpRequest) -> bool:
    """Count a submission of the visitor's address; True above the limit. Without a cache nobody is held up."""
    # The proxy's word where there is one: over its socket, connections have no address.
    address = request.headers.get("X-Real-IP") or request.META.get("REMOTE_ADDR", "")
    key = f"feedback:throttle:{address[:64]}"
    try:
        cache.add(key, 0, timeout=WINDOW)
        return cache.incr(key) > LIMIT
    # ValueError: it expired in between. The other kinds depend on the cache that is configured.
    except Exception:
        return False
