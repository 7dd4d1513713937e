"""What goes wrong with secrets, in words without a secret."""

from __future__ import annotations


class SecretsError(Exception):
    """A secret cannot be read or written as asked; the message names it and the remedy."""
