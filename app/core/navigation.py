"""The bar at the top: each feature's AppConfig names its own pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject


@dataclass(frozen=True)
class Link:
    """One entry; ``current`` is the value of its aria-current: page, true (a page below it) or empty."""

    label: str
    url: str
    current: str


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``navigation``, the links that this visitor may follow.

    They come from ``AppConfig.navigation``, a tuple of ``(label, URL name, staff only)``, in the order of
    INSTALLED_APPS. Lazy: fragments and the admin never ask for them.
    """
    return {"navigation": SimpleLazyObject(lambda: list(_links(request)))}


def _links(request: HttpRequest) -> Iterator[Link]:
    for app in apps.get_app_configs():
        for label, name, staff_only in getattr(app, "navigation", ()):
            if not staff_only or request.user.is_staff:
                url = reverse(name)
                yield Link(label, url, _current(request.path, url))


def _current(path: str, url: str) -> str:
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""
