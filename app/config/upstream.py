"""The upstream HTTP APIs, from the environment: the same names and defaults locally and in production."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.env import Env

CODE_HOST = "https://api.github.com"
PHOTO_FEED = "https://www.flickr.com/services/feeds/photos_public.gne?format=json&nojsoncallback=1"
#: Repositories a page; the code host itself allows no more.
LARGEST_PAGE = 100


def upstream_settings(env: Env) -> dict[str, Any]:
    """Return the settings REPORTS_* and PHOTOS_*. Raises ImproperlyConfigured, which names the variable."""
    return {
        "REPORTS_API_URL": _url(env, "REPORTS_API_URL", CODE_HOST).rstrip("/"),
        "REPORTS_API_TOKEN": env.str("REPORTS_API_TOKEN", default=""),
        "REPORTS_PAGE_SIZE": _page_size(env.str("REPORTS_PAGE_SIZE", default="") or str(LARGEST_PAGE)),
        "PHOTOS_FEED_URL": _url(env, "PHOTOS_FEED_URL", PHOTO_FEED),
    }


def _url(env: Env, name: str, default: str) -> str:
    url = env.str(name, default="") or default
    if not url.startswith(("https://", "http://")):
        raise ImproperlyConfigured(f"{name}: must begin with https:// or http://")
    return url


def _page_size(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= LARGEST_PAGE):
        raise ImproperlyConfigured(f"REPORTS_PAGE_SIZE: must be a number from 1 to {LARGEST_PAGE}")
    return int(text)
