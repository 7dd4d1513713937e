"""What holds for every page: no error, nothing beyond the edge, labels, contrast in light and in dark."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page
from watching import check_fits

PUBLIC = ["/", "/canvas/", "/photos/", "/reports/", "/feedback/", "/feedback/thanks/", "/sign-in/"]
STAFF = ["/", "/reports/", "/schedules/", "/ops/", "/admin/"]
#: WCAG 2.2, AA.
CONTRAST, LARGE_CONTRAST = 4.5, 3
# Text whose contrast with the nearest background is too low, elements that were named by nobody.
_DIM = """([least, large]) => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const color = channels(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(".visually-hidden, :disabled, svg")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(channels(style.color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? large : least)) found.push(`${e.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
_NAMELESS = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], img")]
  .filter((e) => e.checkVisibility() && !(e.labels?.length || e.innerText?.trim() || e.hasAttribute("alt")
    || e.getAttribute("aria-label") || e.textContent.trim() || e.querySelector("img[alt]")))
  .map((e) => e.outerHTML)"""


def check_page(page: Page, path: str) -> None:
    """Open the page and fail where it is not as every page should be."""
    answer = page.goto(path)
    page.wait_for_load_state("networkidle")
    assert answer.status == 200
    assert "Garden" in page.title() or path == "/admin/"
    assert page.locator("h1:visible").count() >= 1
    assert page.locator("html").get_attribute("lang")
    assert page.evaluate(_NAMELESS) == []
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
    assert page.evaluate(_DIM, [CONTRAST, LARGE_CONTRAST]) == []
    if scheme == "dark":
        shoot(page, f"dark{path.rstrip('/').replace('/', '-')}")


@pytest.mark.parametrize("path", ["/ops/", "/schedules/", "/reports/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_for_staff_is_legible(open_context: Callable[..., BrowserContext], signed_in, shoot, path, scheme):
    page = open_context(color_scheme=scheme, storage_state=signed_in).new_page()
    page.goto(path)
    assert page.evaluate(_DIM, [CONTRAST, LARGE_CONTRAST]) == []
    if scheme == "dark":
        shoot(page, f"dark{path.rstrip('/').replace('/', '-')}")
