"""The page for those who run it."""

from playwright.sync_api import Page, expect
from watching import check_fits

QUEUES = ["default", "slow", "mail", "dead-letter", "unrouted"]


def test_it_shows_queues_workers_and_beat(staff_page: Page, shoot):
    page = staff_page
    page.goto("/ops/")
    queues = page.locator("#ops-queues tbody tr")
    assert [row.split()[0] for row in queues.locator("td:first-child").all_inner_texts()] == QUEUES
    expect(queues.filter(has_text="does not exist")).to_have_count(0)
    workers = page.locator("#ops-workers tbody tr")
    expect(workers.filter(has_text="default, mail")).to_have_count(1)
    expect(workers.filter(has_text="slow")).to_have_count(1)
    expect(page.locator("#ops-beat")).not_to_contain_text("none within a day")
    expect(page.locator("#ops-throughput svg")).to_have_count(2)
    check_fits(page)
    shoot(page, "ops", above="#ops-beat")


def test_a_part_brings_itself_up_to_date(staff_page: Page):
    staff_page.goto("/ops/")
    moment = staff_page.locator("#ops-queues .card-head time")
    before = moment.inner_text()
    expect(moment).not_to_have_text(before)
    check_fits(staff_page)
