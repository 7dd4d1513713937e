"""The public feed: JSON in the form of Flickr's."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from upstream import client
from upstream.text import storable

_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
# Flickr escapes apostrophes as JavaScript may and JSON may not; an escaped backslash before one stays.
_ESCAPED_APOSTROPHE = re.compile(rb"(?<!\\)((?:\\\\)*)\\'")


@dataclass(frozen=True)
class Item:
    """A photo in the feed. ``host`` is the feed's: the image may lie elsewhere."""

    photo_id: str
    title: str
    page_url: str
    image_url: str
    host: str


def newest() -> Item | None:
    """Return the feed's first item, which is its newest; None where it has none. Raises UpstreamError."""
    answer = client.get(settings.PHOTOS_FEED_URL)
    match _parse(answer):
        case {"items": []}:
            return None
        case {"items": [{"link": str(link), "media": {"m": str(image)}, **more}, *_]}:
            return _item(answer, link, image, more.get("title"))
    raise answer.malformed()


def _parse(answer: client.Answer) -> Any:
    repaired = _ESCAPED_APOSTROPHE.sub(rb"\1'", answer.body)
    return client.Answer(answer.host, answer.content_type, repaired).json()


def _item(answer: client.Answer, link: str, image: str, title: Any) -> Item:
    photo_id = link.rstrip("/").rpartition("/")[2]
    if not _ID.fullmatch(photo_id) or not link.startswith(("https://", "http://")) or len(link) > 500:
        raise answer.malformed()
    return Item(photo_id, storable(str(title or "")).strip()[:200], link, image, answer.host)
