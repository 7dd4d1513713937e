"""One JSON object as the last line of stdout, and errors without secrets."""

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TextIO
from urllib.parse import unquote

_URL_PASSWORD = re.compile(r"(?<=://)([^/@\s'\"]*):([^@\s'\"]+)@")
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|KEY|DSN|CREDENTIAL", re.IGNORECASE)
# Shorter values occur by chance, and hiding them would make a message illegible.
_SHORTEST_SECRET = 6


class Failure(Exception):
    """A verb that failed: the step, one clear message, and what was known until then as further keys."""

    def __init__(self, step: str, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.step, self.message, self.facts = step, message, facts

    def result(self) -> dict[str, Any]:
        """Return what is printed."""
        return {"error": redact(self.message), "step": self.step, **self.facts}


@contextmanager
def step(name: str) -> Iterator[None]:
    """Turn whatever is raised inside into a Failure of that step."""
    try:
        yield
    except Failure:
        raise
    except (Exception, SystemExit) as error:
        raise Failure(name, describe(error)) from error


def describe(error: BaseException) -> str:
    """Return an exception in one line: its type, its text, and the last place in the application's own source."""
    text = " ".join(str(error).split()) or "without a message"
    here = os.getcwd() + os.sep
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)]
    place = f" ({frames[-1].filename.removeprefix(here)}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text[:1000]}{place}"


def redact(text: str) -> str:
    """Return the text without the environment's secrets: passwords inside URLs, values of names that tell of one."""
    text = _URL_PASSWORD.sub(r"\1:***@", text)
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _secrets() -> set[str]:
    found = set()
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name):
            found.add(value)
        for match in _URL_PASSWORD.finditer(value):
            found |= {match[2], unquote(match[2])}
    return {secret for secret in found if len(secret) >= _SHORTEST_SECRET}


def plain(value: Any) -> Any:
    """Return a setting's value as JSON can hold it: seconds for a duration, a list for a sequence, else its text."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def claim_stdout() -> TextIO:
    """Return the real stdout; whatever else is printed from now on, by child processes too, goes to stderr."""
    sys.stdout.flush()
    real = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return real


def publish(stream: TextIO, result: dict[str, Any]) -> None:
    """Write the result as one line, after everything that is still buffered."""
    logging.shutdown()
    for buffered in (sys.stdout, sys.stderr):
        buffered.flush()
    stream.write(json.dumps(result, default=str) + "\n")
    stream.flush()
