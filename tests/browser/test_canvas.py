"""Canvases: each is started by its form and watched as a tree."""

import pytest
from playwright.sync_api import Locator, Page, expect
from watching import check_fits


def run(page: Page, title: str, **values: int) -> Locator:
    """Start the canvas with the title and return its tree."""
    page.goto("/canvas/")
    card = page.locator(".cards > li").filter(has=page.get_by_role("heading", name=title, exact=True))
    for label, value in values.items():
        card.get_by_label(label, exact=True).fill(str(value))
    card.get_by_role("button").click()
    page.wait_for_url("**/canvas/runs/*/")
    return page.locator("#tree")


@pytest.mark.parametrize(
    ("title", "results"), [("Chain", ["2", "20", "20"]), ("Chain with a group in it", ["2", "4", "6", "8", "18", "18"])]
)
def test_a_tree_shows_each_result(page: Page, shoot, title, results):
    tree = run(page, title, x=1, y=1)
    expect(page.locator("#summary")).to_contain_text("ended: success")
    expect(tree.locator(".node [data-state=SUCCESS]")).to_have_count(len(results) + title.endswith("it"))
    assert tree.locator(".result").all_inner_texts() == results
    check_fits(page)
    shoot(page, "canvas")


def test_a_division_by_zero_is_a_visible_failure(page: Page, shoot):
    tree = run(page, "Divide", x=1, y=0)
    # Five seconds long it can be seen as started.
    expect(tree.locator("[data-state=STARTED]")).to_be_visible()
    expect(tree.locator(".state")).to_have_text("Failure")
    expect(tree).to_contain_text("division by zero")
    expect(page.locator("#summary")).to_have_text("1 of 1 ended: failure")
    check_fits(page)
    shoot(page, "failure")
