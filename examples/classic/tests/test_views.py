"""The page, and what programs send."""

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from notes.models import Note, Tally

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    """A program: no cookie, and no token that Django would ask a page's form for."""
    return Client(enforce_csrf_checks=True)


def test_a_note_is_accepted_and_processed_once(client):
    answer = client.post("/notes/", {"key": "k.1"})
    assert (answer.status_code, answer.json()["key"]) == (202, "k.1")
    assert client.get("/notes/summary/", {"prefix": "k."}).json() == {
        "accepted": 1, "completed": 1, "lost": 0, "duplicated": 0,
    }  # fmt: skip


def test_a_note_is_accepted_while_redis_is_away(client, no_broker):
    assert client.post("/notes/", {"key": "k.1"}).status_code == 202
    assert client.get("/notes/summary/", {"prefix": "k."}).json() == {
        "accepted": 1, "completed": 0, "lost": 1, "duplicated": 0,
    }  # fmt: skip


def test_the_summary_counts_its_prefix_alone():
    for key, runs in (("a.1", 1), ("a.2", 2), ("b.1", 2)):
        Note.objects.create(key=key, runs=runs)
    assert Note.objects.summary("a.") == {"accepted": 2, "completed": 0, "lost": 2, "duplicated": 1}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, "key"), ({"key": "x" * 101}, "key"),
        ({"key": "k", "seconds": "31"}, "seconds"), ({"key": "k", "seconds": "-1"}, "seconds"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_kept(client, fields, wrong):
    answer = client.post("/notes/", fields)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [wrong])
    assert not Note.objects.exists()


def test_a_key_is_taken_once(client):
    assert [client.post("/notes/", {"key": "k"}).status_code for _ in range(2)] == [202, 400]
    assert Note.objects.get().runs == 1


def test_an_upload_is_served_as_it_came(client):
    upload = SimpleUploadedFile("plan.txt", b"water the beans")
    address = client.post("/notes/", {"key": "k", "attachment": upload}).json()["attachment"]
    assert address.startswith("/media/attachments/")
    answer = client.get(address)
    assert (b"".join(answer.streaming_content), answer["X-Content-Type-Options"]) == (b"water the beans", "nosniff")


def test_an_upload_that_a_browser_would_run_is_refused(client):
    upload = SimpleUploadedFile("page.html", b"<script>alert(1)</script>")
    assert client.post("/notes/", {"key": "k", "attachment": upload}).status_code == 400


def test_the_page_shows_notes_and_tally(client):
    Note.objects.create(key="<beans>")
    Tally.objects.create(pk=1, waiting=1, looks=7)
    text = client.get("/").content.decode()
    assert "&lt;beans&gt;" in text
    assert "counted 7 times" in text
    assert "/static/notes/classic.css" in text


@pytest.mark.parametrize("model", ["note", "tally"])
def test_staff_finds_both_in_the_admin(model):
    get_user_model().objects.create_superuser("ada", password="ada")
    client = Client()
    assert client.login(username="ada", password="ada")
    assert client.get(f"/admin/notes/{model}/", secure=True).status_code == 200


def test_migrations_say_what_the_models_say(capsys):
    call_command("makemigrations", dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"
