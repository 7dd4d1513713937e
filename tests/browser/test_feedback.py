"""Feedback, from the form to the mailbox."""

import secrets
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect
from watching import check_fits


def test_feedback_becomes_a_mail(page: Page, fakes, shoot):
    word = secrets.token_hex(8)
    page.goto("/feedback/")
    page.get_by_label("Your e-mail address").fill("ada@example.com")
    page.get_by_label("Your message").fill(f"The roses like it.\n{word}")
    shoot(page, "feedback")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    mail = fakes.wait_for_mail(word)
    assert mail["to"] == ["feedback@garden.test"]
    assert mail["reply_to"] == "ada@example.com"
    assert word in mail["bodies"]["text/plain"]
    assert word in mail["bodies"]["text/html"]


def test_a_bad_address_is_explained_beside_its_field(open_context: Callable[..., BrowserContext]):
    page = open_context(allowed="status of 422").new_page()
    page.goto("/feedback/")
    page.get_by_label("Your e-mail address").fill("nobody")
    page.get_by_label("Your message").fill("Kept")
    with page.expect_response("**/feedback/") as answer:
        page.get_by_role("button", name="Send feedback").click()
    assert answer.value.status == 422
    address = page.get_by_label("Your e-mail address")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_have_accessible_description("This is not an e-mail address. It looks like name@example.com.")
    expect(page.get_by_label("Your message")).to_have_value("Kept")
    check_fits(page)
