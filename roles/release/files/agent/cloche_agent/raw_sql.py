"""SQL in a migration, which only its author can judge."""

import re
from typing import Any

_MARKER = re.compile(r"^\s*--\s*safe\b", re.IGNORECASE | re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORDS = 6


def unvouched(sql: Any) -> str:
    """Return the first words of a RunSQL's statements, or nothing where they do nothing or the author vouches for them.

    ``sql`` is what RunSQL takes: a text, or a list of texts and of pairs of text and parameters. The author's word is a
    line comment inside it that begins with ``-- safe``.
    """
    statements = sql if isinstance(sql, list | tuple) else [sql]
    texts = [text if isinstance(text, str) else text[0] for text in statements]
    words = _COMMENT.sub(" ", " ".join(texts)).split()
    if any(_MARKER.search(text) for text in texts):
        return ""
    return " ".join(words[:_WORDS])[:80] + (" ..." if len(words) > _WORDS else "")
