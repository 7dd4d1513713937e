"""What a page must never do, and how it must lie on the screen."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return wide.map((e) => `${e.tagName} ${e.className} ends at ${Math.round(e.getBoundingClientRect().right)} of ${width}`);
}"""


class Watch:
    """Everything that a context's pages complain about. Chromium reports violations of the policy as errors."""

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"{message.page.url if message.page else ''}: {message.type}: {message.text}")


def check_fits(page: Page) -> None:
    """Fail where the page is wider than the screen, and say what sticks out."""
    assert page.evaluate(_WIDE) == []
