"""The form, what it stores, and the admin."""

import re
import time

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from feedback import throttle
from feedback.models import OutboxEntry, Submission

pytestmark = pytest.mark.django_db

GOOD = {"email": "ann@example.com", "message": "Hello.\r\nGood tool!", "topic": ""}


def send(client, **changes):
    return client.post("/feedback/", GOOD | changes)


def test_feedback_is_stored_and_its_mail_published_before_the_thank_you_page(client, published):
    response = send(client)
    assert (response.status_code, response["Location"]) == (302, "/feedback/thanks/")
    assert "Thank you" in client.get(response["Location"]).text
    submission = Submission.objects.get()
    assert (submission.email, submission.message) == ("ann@example.com", "Hello.\nGood tool!")
    assert submission.state == "waiting"
    assert OutboxEntry.objects.get().confirmed_at
    (message,) = published
    assert message["name"] == "feedback.send_feedback_email_task"
    assert message["kwargs"] == {"submission_id": submission.pk}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "", "Please enter your e-mail address"),
        ("email", "ann", "This is not an e-mail address"),
        ("email", "ann@example.com, bob@example.com", "This is not an e-mail address"),
        ("email", "ann@example.com\r\nBcc: victim@example.com", "This is not an e-mail address"),
        ("email", "ann@example.com\nSubject: x", "This is not an e-mail address"),
        ("email", '"a\x0bb"@example.com', "characters that can&#x27;t be sent"),
        ("email", "a" * 250 + "@example.com", "at most 254 characters"),
        ("message", "", "Please write a message"),
        ("message", " \r\n ", "Please write a message"),
        ("message", "a\x00b", "Null characters are not allowed"),
        ("message", "x" * 100_000, "Please shorten your message to 5,000 characters; it has 100,000."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_text_stays(client, published, field, value, words):
    response = send(client, **{field: value})
    assert response.status_code == 422
    assert words in response.text
    assert re.search(rf'id="id_{field}_error"', response.text)
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', response.text)
    assert "<title>Please check your feedback" in response.text
    kept = "ann@example.com" if field == "message" else "Good tool!"
    assert kept in response.text
    assert not Submission.objects.exists()
    assert published == []


def test_a_long_message_can_be_shortened_where_it_stands(client):
    assert "x" * 100_000 in send(client, message="x" * 100_000).text


def test_as_many_characters_as_promised_fit(client, published):
    assert send(client, message="ü\r\n" * 2500).status_code == 302
    assert len(Submission.objects.get().message) == 4999  # without the last line end


def test_the_honeypot_pretends_success_and_stores_nothing(client, published):
    response = send(client, topic="cheap pills", email="no address")
    assert (response.status_code, response["Location"]) == (302, "/feedback/thanks/")
    assert not Submission.objects.exists()
    assert published == []


def test_people_meet_the_honeypot_neither_by_eye_nor_by_keyboard_nor_by_ear(client):
    trap = re.search(r'<div class="visually-hidden" aria-hidden="true">.*?</div>', client.get("/feedback/").text)[0]
    assert 'name="topic"' in trap and 'tabindex="-1"' in trap and 'autocomplete="off"' in trap


def test_one_visitor_cannot_flood_us_and_others_are_not_held_up(client, published, monkeypatch):
    monkeypatch.setattr(throttle, "LIMIT", 2)
    mine = {"headers": {"X-Real-IP": "192.0.2.1"}}
    codes = [client.post("/feedback/", GOOD, **mine).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    response = client.post("/feedback/", GOOD, **mine)
    assert "ten minutes" in response.text and "Good tool!" in response.text
    assert response["Retry-After"] == "600"
    assert client.post("/feedback/", GOOD, headers={"X-Real-IP": "192.0.2.2"}).status_code == 302
    assert Submission.objects.count() == 3


def test_without_a_cache_nobody_is_held_up(client, published, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(cache, "add", fail)
    assert send(client).status_code == 302


def test_a_database_that_is_away_is_said_in_words_and_the_text_stays(client, monkeypatch):
    def fail(**_):
        raise OperationalError("password=secret")

    monkeypatch.setattr(Submission.objects, "create", fail)
    response = send(client)
    assert response.status_code == 503
    assert "could not be stored just now" in response.text and "Good tool!" in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("url", ["amqp://u:secret@127.0.0.1:1/garden", "redis://:secret@127.0.0.1:1/0"])
def test_a_broker_that_is_away_costs_the_visitor_nothing(client, broker_url, url):
    broker_url(url)
    began = time.monotonic()
    response = send(client)
    assert (response.status_code, response["Location"]) == (302, "/feedback/thanks/")
    assert time.monotonic() - began < 4
    entry = OutboxEntry.objects.get()
    assert entry.confirmed_at is None
    assert entry.due_at - timezone.now() < timezone.timedelta(seconds=61)


def test_once_it_is_stored_no_error_asks_the_visitor_to_send_it_again(client, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("feedback.outbox.publish", fail)
    assert send(client).status_code == 302
    assert Submission.objects.count() == 1


def test_the_form_is_protected_against_forgery():
    assert Client(enforce_csrf_checks=True).post("/feedback/", GOOD).status_code == 403


def test_other_methods_are_refused(client):
    assert client.put("/feedback/").status_code == 405
    assert client.post("/feedback/thanks/").status_code == 405
    assert client.head("/feedback/").status_code == 200


def test_the_page_can_be_used_without_eyes_and_loads_nothing_foreign(client):
    page = client.get("/feedback/").text
    assert '<label for="id_email">' in page and '<label for="id_message">' in page
    assert "<title>Feedback" in page and page.count("<h1>") == 1
    assert re.search(r'name="email"[^>]*autocomplete="email"', page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", page)
    assert all(finders.find(asset) for asset in re.findall(r'(?:src|href)="/static/([^"]+)"', page))
    assert re.search(r'<a href="/feedback/" aria-current="page">Feedback</a>', page)


@pytest.fixture
def operator(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    return client


def test_the_admin_shows_submissions_and_changes_none(operator):
    submission = Submission.objects.create(email="ann@example.com", message="<b>Hello</b>")
    OutboxEntry.objects.create(submission=submission, due_at=timezone.now())
    assert "ann@example.com" in operator.get("/admin/feedback/submission/?q=ann").text
    url = f"/admin/feedback/submission/{submission.pk}/change/"
    page = operator.get(url).text
    assert "&lt;b&gt;Hello" in page and "<b>Hello" not in page
    assert operator.post(url, {"state": "sent"}).status_code == 403
    assert operator.get("/admin/feedback/submission/add/").status_code == 403
    assert operator.post(f"/admin/feedback/submission/{submission.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Submission.objects.exists() and not OutboxEntry.objects.exists()


def test_the_admin_sends_again_what_is_settled_and_nothing_that_is_under_way(operator, published):
    states = ("waiting", "sending", "sent", "failed", "uncertain")
    rows = [Submission.objects.create(email="a@b.test", message=s, state=s, attempts=3) for s in states]
    OutboxEntry.objects.bulk_create(
        OutboxEntry(submission=row, due_at=timezone.now() + timezone.timedelta(hours=1)) for row in rows[:2]
    )
    form = {"action": "send_again", "_selected_action": [row.pk for row in rows]}
    page = operator.post("/admin/feedback/submission/", form, follow=True).text
    assert "3 of 5 put into the outbox" in page
    assert sorted(m["kwargs"]["submission_id"] for m in published) == [row.pk for row in rows[2:]]
    assert set(Submission.objects.filter(message__in=states[2:]).values_list("state", "attempts")) == {("waiting", 0)}
    assert Submission.objects.get(message="sending").state == "sending"


def test_sending_again_takes_the_right_to_change(client, published):
    from django.contrib.auth.models import Permission

    reader = get_user_model().objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_submission"))
    client.force_login(reader)
    row = Submission.objects.create(email="a@b.test", message="m", state="failed")
    assert "send_again" not in client.get("/admin/feedback/submission/").text
    client.post("/admin/feedback/submission/", {"action": "send_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.state == "failed" and published == []
