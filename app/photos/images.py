"""What counts as an image: the kinds that browsers show, told by their first bytes."""

import re

from upstream.errors import PermanentError

#: Bytes.
MAX_SIZE = 5_000_000
_KINDS = {
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}


def extension_of(content: bytes) -> str:
    """Return the extension for the image. Raises PermanentError where it is none, whatever it is called."""
    for extension, start in _KINDS.items():
        if start.match(content):
            return extension
    raise PermanentError("The newest photo of the feed is not an image of a known kind.")
