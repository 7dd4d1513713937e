"""Text from elsewhere."""


def storable(text: str) -> str:
    """Return the text without what JSON can say and a database or a file can't hold: NUL and half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
