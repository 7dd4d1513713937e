"""What an inspection says: a value and what it was guessed from, or a question that preflight asks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.applications.questions import question

#: What the kit itself writes: a reference to a secret.
_OWN_TEMPLATE = re.compile(r"\{\{ vault_\w+ \}\}")


@dataclass(frozen=True)
class Guess:
    """A ``value`` and the ``reason`` for it, in words that name a file where there is one."""

    value: Any
    reason: str


def _untemplated(value: Any) -> Any:
    if isinstance(value, dict):
        return {_untemplated(name): _untemplated(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_untemplated(item) for item in value]
    if isinstance(value, str) and re.search(r"\{[{%#]", value) and not _OWN_TEMPLATE.fullmatch(value):
        return question("a value; the source has a template here")
    return value


@dataclass
class Definition:
    """The lines of one ``apps/<name>.yml``: key to Guess in the order of the file, remarks of a key, remarks of all."""

    entries: dict[str, Guess] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def set(self, key: str, guess: Guess | None) -> None:
        """Add a line; None leaves the key out. A template of the source's is asked for: Ansible would run it."""
        if guess is not None:
            self.entries[key] = Guess(_untemplated(guess.value), guess.reason)

    def ask(self, key: str, words: str, reason: str) -> None:
        """Add a line that preflight refuses with these words."""
        self.entries[key] = Guess(question(words), reason)

    def questions_in(self, key: str, words: dict[str, str]) -> None:
        """Add lines to a mapping that is there, each of which preflight refuses with its words."""
        guess = self.entries[key]
        self.entries[key] = Guess(guess.value | {name: question(text) for name, text in words.items()}, guess.reason)

    def remark(self, key: str, words: str) -> None:
        """Add a comment below a key's own; it stands there even where the key is left out."""
        self.remarks.setdefault(key, []).append(words)

    def values(self) -> dict[str, Any]:
        """Return the definition as preflight reads it."""
        return {key: guess.value for key, guess in self.entries.items()}
