"""What a page must never do, and how it must lie on the screen."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

_SCRIPTS = Path(__file__).with_name("scripts")


class Watch:
    """Everything that a context's pages complain about. Chromium reports violations of the policy as errors."""

    def __init__(self, context: BrowserContext, allowed: str) -> None:
        self.problems: list[str] = []
        self._allowed = allowed
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if self._allowed and self._allowed in message.text:
            return
        if message.type in {"error", "warning"}:
            self.problems.append(f"{message.page.url if message.page else ''}: {message.type}: {message.text}")


def found(page: Page, script: str, *arguments: Any) -> list[str]:
    """Return what a script of the folder ``scripts`` finds on the page."""
    return page.evaluate((_SCRIPTS / f"{script}.js").read_text(encoding="utf-8"), list(arguments))


def check_fits(page: Page) -> None:
    """Fail where the page is wider than the screen, and say what sticks out."""
    assert found(page, "wide_elements") == []
