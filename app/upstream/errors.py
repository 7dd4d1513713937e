"""The two kinds of failure of an upstream API. Their text is a sentence for people; it holds no secret."""


class UpstreamError(Exception):
    """What the upstream answered, or that it did not, can't be used."""


class TemporaryError(UpstreamError):
    """Trying again may help, not before ``retry_after`` seconds where the upstream said so."""

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class PermanentError(UpstreamError):
    """The same request will never succeed."""
