"""What holds for every page: no error, nothing beyond the edge, labels, contrast in light and in dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page
from watching import check_fits, found

PUBLIC = ["/", "/canvas/", "/photos/", "/reports/", "/feedback/", "/feedback/thanks/", "/sign-in/"]
STAFF = ["/", "/reports/", "/schedules/", "/ops/", "/admin/"]
#: WCAG 2.2, AA.
CONTRAST, LARGE_CONTRAST = 4.5, 3


def check_page(page: Page, path: str) -> None:
    """Open the page and fail where it is not as every page should be."""
    answer = page.goto(path)
    page.wait_for_load_state("networkidle")
    assert answer.status == 200
    assert "Garden" in page.title() or path == "/admin/"
    assert page.locator("h1:visible").count() >= 1
    assert page.locator("html").get_attribute("lang")
    assert found(page, "nameless_elements") == []
    check_fits(page)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_for_visitors(page: Page, path):
    check_page(page, path)


@pytest.mark.parametrize("path", STAFF)
def test_a_page_for_staff(staff_page: Page, path):
    check_page(staff_page, path)


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_legible(open_context: Callable[..., BrowserContext], shoot, path, scheme):
    page = open_context(color_scheme=scheme).new_page()
    page.goto(path)
    page.wait_for_load_state("networkidle")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (max(ground) < 64) == (scheme == "dark")
    assert found(page, "dim_texts", CONTRAST, LARGE_CONTRAST) == []
    if scheme == "dark":
        shoot(page, f"dark{path.rstrip('/').replace('/', '-')}")


@pytest.mark.parametrize("path", ["/ops/", "/schedules/", "/reports/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_for_staff_is_legible(open_context: Callable[..., BrowserContext], signed_in, shoot, path, scheme):
    page = open_context(color_scheme=scheme, storage_state=signed_in).new_page()
    page.goto(path)
    assert found(page, "dim_texts", CONTRAST, LARGE_CONTRAST) == []
    if scheme == "dark":
        shoot(page, f"dark{path.rstrip('/').replace('/', '-')}")
