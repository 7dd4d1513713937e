"""Schedules: an operator's change in the admin is live without a restart."""

import json
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

NAME = "add(16, 16) by interval"
ADMIN = "/admin/django_celery_beat"


def change(page: Page, interval: str, arguments: list[int]) -> None:
    """Give the schedule another interval and other arguments, by its form in the admin."""
    page.goto("/schedules/")
    page.get_by_role("link", name=NAME).click()
    page.locator("#id_interval").select_option(label=interval)
    open_section(page, "#id_args")
    page.locator("#id_args").fill(json.dumps(arguments))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_contain_text("was changed successfully")


def open_section(page: Page, field: str) -> None:
    """Open the section that the field is in, where it is folded."""
    section = page.locator("fieldset").filter(has=page.locator(field))
    if not page.locator(field).is_visible():
        section.locator("summary").click()


@pytest.fixture
def operator(staff_page: Page) -> Iterator[Page]:
    """A page of somebody who may change schedules; the schedule is afterwards what it was."""
    staff_page.goto(f"{ADMIN}/intervalschedule/")
    if not staff_page.get_by_role("link", name="every 2 seconds").count():
        staff_page.goto(f"{ADMIN}/intervalschedule/add/")
        staff_page.locator("#id_every").fill("2")
        staff_page.locator("#id_period").select_option("seconds")
        staff_page.get_by_role("button", name="Save", exact=True).click()
        expect(staff_page.locator(".messagelist .success")).to_be_visible()
    yield staff_page
    change(staff_page, "every 30 seconds", [16, 16])


def test_a_changed_schedule_ticks(operator: Page, shoot):
    number = 10_000_000 + secrets.randbelow(80_000_000)
    change(operator, "every 2 seconds", [16, number])
    results = operator.locator("#result_list tbody tr")
    for _ in range(20):
        operator.goto(f"/admin/django_celery_results/taskresult/?q={number}")
        if results.count() >= 3:
            break
        operator.wait_for_timeout(1000)
    assert results.count() >= 3
    operator.goto("/schedules/")
    row = operator.locator("tbody tr").filter(has_text=NAME)
    expect(row).to_contain_text("every 2 seconds")
    shoot(operator, "schedules")


def test_the_newest_photo_is_fetched_on_demand(staff_page: Page, fakes, shoot):
    staff_page.goto(f"{ADMIN}/periodictask/?q=Newest+photo")
    staff_page.locator("#result_list input[name=_selected_action]").check()
    staff_page.locator("select[name=action]").select_option("run_tasks")
    staff_page.get_by_role("button", name="Run", exact=True).or_(staff_page.get_by_role("button", name="Go")).click()
    photo = staff_page.get_by_role("img", name="Rowan at dusk")
    for _ in range(20):
        staff_page.goto("/photos/")
        if photo.count():
            break
        staff_page.wait_for_timeout(500)
    # Idempotent: at the second device it is there already.
    expect(photo).to_have_count(1)
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    shoot(staff_page, "photos")
