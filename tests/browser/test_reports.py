"""A report, from the choice of a language to the file."""

import csv
import re
from pathlib import Path

from playwright.sync_api import Page, expect
from watching import check_fits

#: What the fakes have.
REPOSITORIES = 230


def test_a_report_is_built_and_downloaded(staff_page: Page, fakes, shoot):
    page = staff_page
    page.goto("/reports/")
    page.get_by_label("Language", exact=True).select_option("Rust")
    page.get_by_role("button", name="Start a report").click()
    message = page.locator(".messages .success")
    expect(message).to_contain_text("The report on Rust is on its way as task")
    [task] = re.findall(r"[0-9a-f-]{36}", message.inner_text())
    # By the form, which asks while it is being typed into.
    page.get_by_label("Search language, state or task").fill(task)
    row = page.locator("tbody tr").filter(has=page.locator(f"a[href*='{task}']"))
    expect(row.locator(".state")).to_have_text("Success", timeout=60_000)
    expect(page.locator("tbody tr")).to_have_count(1)
    check_fits(page)
    with page.expect_download() as waiting:
        row.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == f"github-repos-{task}.csv"
    check_file(waiting.value.path())
    assert task in str(fakes.wait_for_mail(task)["bodies"])
    page.goto("/reports/")
    shoot(page, "reports")


def check_file(path: Path) -> None:
    """Fail unless the file holds every repository, in the upstream's order."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["name", "full_name", "html_url", "description"]
    assert [row[0] for row in rows] == [f"rust-{rank}" for rank in range(1, REPOSITORIES + 1)]
    assert rows[0][3] == 'Number 1, "quoted", with a comma'
