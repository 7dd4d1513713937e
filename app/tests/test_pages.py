"""What every page has: the bar, the way in and out, scripts from here only."""

import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, include, path
from django.views.decorators.csrf import csrf_protect

from core.errors import failed
from core.navigation import navigation

pytestmark = pytest.mark.django_db


def links(page: str) -> dict[str, str]:
    """The bar's entries: label and the attributes of its link."""
    bar = re.search(r'<nav aria-label="Pages">(.*?)</nav>', page, re.DOTALL)[1]
    return {label: attributes for attributes, label in re.findall(r"<a ([^>]*)>([^<]+)</a>", bar)}


def labels(*, staff: bool) -> list[str]:
    """What the features name, in their order."""
    pages = [page for app in apps.get_app_configs() for page in getattr(app, "navigation", ())]
    return [label for label, _, staff_only in pages if staff or not staff_only]


@pytest.fixture
def sign_in(client):
    def sign_in(name="ann", **rights):
        client.force_login(get_user_model().objects.create_user(name, **rights))

    return sign_in


@pytest.fixture
def staff_page(monkeypatch):
    """A feature with one page for everyone and one for staff, of which the second lies below the first."""
    pages = (("Book", "admin:ledger_entry_changelist", False), ("Secrets", "admin:ledger_entry_add", True))
    monkeypatch.setattr(apps.get_app_config("ledger"), "navigation", pages, raising=False)


def test_the_bar_lists_the_features_in_their_order_and_marks_the_page(client):
    bar = links(client.get("/").text)
    assert [label for label in bar if label in {"Tasks", "Readiness"}] == ["Tasks", "Readiness"]
    assert 'aria-current="page"' in bar["Tasks"]
    assert "aria-current" not in bar["Readiness"]


def test_staff_only_pages_are_shown_to_staff_only(client, sign_in, staff_page):
    assert "Secrets" not in links(client.get("/").text)
    sign_in()
    assert "Secrets" not in links(client.get("/").text)
    sign_in("root", is_staff=True)
    page = client.get("/").text
    ours = {"Tasks", "Book", "Secrets", "Readiness"}
    assert [label for label in links(page) if label in ours] == ["Tasks", "Book", "Secrets", "Readiness"]
    assert 'href="/admin/">Admin' in page


def test_a_page_below_another_marks_it(client, rf, staff_page):
    request = rf.get("/admin/ledger/entry/7/change/")
    request.user = get_user_model()()
    marks = {link.label: link.current for link in navigation(request)["navigation"]}
    assert {label for label, mark in marks.items() if mark} == {"Book"}
    assert marks["Book"] == "true"


def test_signing_in_comes_back_to_the_page(client):
    login = re.search(r'href="(/sign-in/[^"]+)">Sign in', client.get("/?a=1&b=2").text)[1]
    get_user_model().objects.create_superuser("root", password="pass")
    response = client.post(login, {"username": "root", "password": "pass", "next": "/?a=1&b=2"})
    assert (response.status_code, response["Location"]) == (302, "/?a=1&b=2")
    assert 'name="next" value="/?a=1&amp;b=2"' in Client().get(login).text


@pytest.mark.parametrize("staff", [False, True])
def test_signing_out_is_a_post_that_ends_at_home(client, sign_in, staff):
    sign_in(is_staff=staff)
    page = client.get("/").text
    assert "Sign in" not in page
    assert re.search(r'<form method="post" action="/sign-out/">.*?Sign out ann', page, re.DOTALL)
    assert client.get("/sign-out/").status_code == 405
    response = client.post("/sign-out/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "Sign in" in client.get("/").text


def test_htmx_is_our_own_copy_and_writes_no_style_and_no_code(client):
    page = client.get("/").text
    assert re.search(r'<script src="/static/django_htmx/htmx-2\.min\.js" defer></script>', page)
    (config,) = re.findall(r"<meta name=\"htmx-config\" content='(.*?)'>", page)
    assert '"includeIndicatorStyles": false' in config
    assert '"allowEval": false' in config


def fail(request):
    raise LookupError("not in the garden")


def lose_database(request):
    raise OperationalError("connection to postgresql://garden:secret@db failed")


def forbid(request):
    raise PermissionDenied


@csrf_protect
def protected(request):
    return HttpResponse()


urlpatterns = [
    path("fail/", fail),
    path("lose-database/", lose_database),
    path("forbid/", forbid),
    path("protected/", protected),
    path("", include("config.urls")),
]
handler500 = "core.errors.failed"


@pytest.mark.parametrize(
    ("method", "url", "status", "words"),
    [
        ("get", "/nowhere/", 404, "There is no such page"),
        ("get", "/forbid/", 403, "You may not see this page"),
        ("post", "/protected/", 403, "The form could not be checked"),
        ("get", "/fail/", 500, "Something went wrong"),
        ("get", "/lose-database/", 503, "The database can’t be reached"),
    ],
)
def test_an_error_is_a_page_in_words(settings, method, url, status, words):
    settings.ROOT_URLCONF = __name__
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    response = getattr(client, method)(url)
    assert response.status_code == status
    assert f"<h1>{words}</h1>" in response.text
    assert "<title>" in response.text
    assert "secret" not in response.text


def test_the_site_itself_tells_a_database_that_is_away_from_a_fault_of_its_own():
    assert get_resolver("config.urls").resolve_error_handler(500) is failed
