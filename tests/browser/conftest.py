"""What a person sees and does, in Debian's Chromium: bin/browser-tests runs these tests in a container.

Every test runs at desktop and at phone size, and fails where a page it saw reported an error of any kind.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes_client import Fakes
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from watching import Watch

OPTIONS = {
    "--base-url": ("CLOCHE_BASE_URL", "https://localhost:8443", "address of the application"),
    "--staff": ("CLOCHE_STAFF", "", "name:password-file of a superuser"),
    "--fakes": ("CLOCHE_FAKES", "", "address of the fake upstreams and mailbox that the application is set to"),
    "--screenshots": ("CLOCHE_SCREENSHOTS", "/screenshots", "folder for the pictures"),
}
DEVICES = {
    "desktop": {"viewport": {"width": 1200, "height": 800}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}
#: Milliseconds that anything may take that does not say otherwise.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take each option from the command line, else from the environment."""
    group = parser.getgroup("browser")
    for option, (variable, default, help_text) in OPTIONS.items():
        group.addoption(option, default=os.environ.get(variable) or default, help=f"{help_text} [{variable}]")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Without its sandbox, which a container does not allow; it sees our own pages only."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(params=list(DEVICES))
def device(request: pytest.FixtureRequest) -> str:
    """The size of the screen."""
    return request.param


@pytest.fixture
def open_context(browser: Browser, device: str, pytestconfig: pytest.Config) -> Iterator[Callable[..., BrowserContext]]:
    """Return ``open_context(allowed="", **options)``; its pages must end without an error, but for the allowed one."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def open_context(allowed: str = "", **options: Any) -> BrowserContext:
        context = browser.new_context(
            base_url=pytestconfig.getoption("--base-url"),
            locale="en-GB",
            timezone_id="UTC",
            **DEVICES[device] | options,
        )
        context.set_default_timeout(PATIENCE)
        opened.append((context, Watch(context, allowed)))
        return context

    yield open_context
    for context, _ in opened:
        context.close()
    assert [problem for _, watch in opened for problem in watch.problems] == []


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """A page of a visitor."""
    return open_context().new_page()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, pytestconfig: pytest.Config) -> Any:
    """The cookies of a superuser, who has signed in by the form."""
    name, _, path = (pytestconfig.getoption("--staff") or pytest.skip("no --staff given")).partition(":")
    with browser.new_context(base_url=pytestconfig.getoption("--base-url")) as context:
        page = context.new_page()
        page.goto("/sign-in/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(Path(path).read_text(encoding="utf-8").rstrip("\n"))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=f"Sign out {name}").wait_for()
        return context.storage_state()


@pytest.fixture
def staff_page(open_context: Callable[..., BrowserContext], signed_in: Any) -> Page:
    """A page of a superuser."""
    return open_context(storage_state=signed_in).new_page()


@pytest.fixture(scope="session")
def fakes(pytestconfig: pytest.Config) -> Fakes:
    """The upstreams and the mailbox that the application was set to."""
    return Fakes(pytestconfig.getoption("--fakes") or pytest.skip("no --fakes given"))


@pytest.fixture
def shoot(device: str, pytestconfig: pytest.Config) -> Callable[..., None]:
    """Return ``shoot(page, name, above=None)``: keep a picture of the page as ``name-device.png``.

    Of the whole page, or of the part above an element.
    """
    folder = Path(pytestconfig.getoption("--screenshots"))

    def shoot(page: Page, name: str, above: str | None = None) -> None:
        clip = None
        if above:
            width, height = page.evaluate("e => [innerWidth, document.querySelector(e).offsetTop]", above)
            clip = {"x": 0, "y": 0, "width": width, "height": height}
        page.screenshot(path=folder / f"{name}-{device}.png", full_page=True, animations="disabled", clip=clip)

    return shoot
