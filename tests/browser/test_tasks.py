"""The page of tasks."""

import time

from playwright.sync_api import Locator, Page, expect
from watching import check_fits

#: Seconds: the two places of the default queue take 10 + 30 for the three, others' tasks come on top.
ALL_SECONDS = 90


def start(page: Page, task_type: int) -> Locator:
    """Press the button of a type and return the row of its task."""
    count = page.locator("#rows tr").count()
    page.get_by_role("button", name=f"Type {task_type}").click()
    expect(page.locator("#rows tr")).to_have_count(count + 1)
    # By its id, as later rows come above it.
    return page.locator("#rows tr").filter(has_text=page.locator("#rows .id").first.inner_text())


def share(row: Locator) -> float:
    """Return how full the bar is, from 0 to 1."""
    return row.get_by_role("progressbar").evaluate("bar => bar.value / bar.max")


def wait_until_filled(page: Page, rows: list[Locator], least: float) -> None:
    """Wait until one of the bars is as full. Not by wait_for_function: it evaluates text, which the policy refuses."""
    deadline = time.monotonic() + ALL_SECONDS
    while max(share(row) for row in rows) < least:
        assert time.monotonic() < deadline
        page.wait_for_timeout(300)


def test_each_type_fills_its_bar(page: Page, shoot):
    page.goto("/")
    rows = [start(page, task_type) for task_type in (3, 2, 1)]
    # Two run at a time.
    expect(page.locator("[data-state=STARTED]")).to_have_count(2, timeout=ALL_SECONDS * 1000)
    wait_until_filled(page, rows, 0.5)
    assert sum(0 < share(row) < 1 for row in rows) == 2
    check_fits(page)
    shoot(page, "tasks")
    for row in rows:
        expect(row.locator(".state")).to_have_text("Success", timeout=ALL_SECONDS * 1000)
        assert share(row) == 1
        expect(row.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(page.locator("#summary")).to_have_text("all 3 ended")


def test_a_running_task_is_cancelled(page: Page):
    page.goto("/")
    row = start(page, 3)
    wait_until_filled(page, [row], 0.01)
    row.get_by_role("button", name="Cancel").click()
    expect(row.locator(".state")).to_have_text("Revoked")
    expect(row.get_by_role("progressbar")).to_be_hidden()
    expect(page.locator("#notice")).to_be_empty()


def test_the_keyboard_alone_starts_a_task(page: Page):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    button = page.get_by_role("button", name="Type 1")
    expect(button).to_be_focused()
    assert button.evaluate("e => e.matches(':focus-visible') && getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    row = page.locator("#rows tr")
    expect(row.locator(".state")).to_have_text("Success", timeout=ALL_SECONDS * 1000)
