"""The Content-Security-Policy: strict everywhere, overridden where a view says so, and kept by the admin's pages."""

import re

import pytest
from csp.constants import NONE
from csp.decorators import csp_replace, csp_update
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.urls import include, path, reverse
from django_celery_beat.models import CrontabSchedule

# What a browser would refuse under the policy; data for scripts is no script.
FORBIDDEN = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\son[a-z]+=|\sstyle=|https?://(?!www\.w3)"
)


def own_header(request):
    return HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})


@csp_update({"img-src": ["https://photos.test"]})
def updated(request):
    return HttpResponse()


@csp_replace({"default-src": [NONE]})
def replaced(request):
    return HttpResponse()


urlpatterns = [
    path("own/", own_header),
    path("updated/", updated),
    path("replaced/", replaced),
    path("", include("config.urls")),
]


@pytest.fixture
def policy(client, settings):
    """Return ``policy(path)``: the directives of the answer."""
    settings.ROOT_URLCONF = __name__

    def policy(path):
        header = client.get(path)["Content-Security-Policy"]
        return dict(directive.strip().split(" ", 1) for directive in header.split(";"))

    return policy


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(policy):
    assert policy("/livez") == {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


def test_a_view_may_send_a_policy_of_its_own_or_change_the_common_one(policy):
    assert policy("/own/") == {"default-src": "'none'"}
    assert policy("/updated/")["img-src"] == "'self' data: https://photos.test"
    assert policy("/updated/")["frame-ancestors"] == "'none'"
    assert policy("/replaced/")["default-src"] == "'none'"


ADMIN_PAGES = [
    "/admin/login/",
    "/admin/",
    "/admin/password_change/",
    *(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
        for model in admin.site._registry
        for page in ("changelist", "add")
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("page", ADMIN_PAGES)
def test_the_admin_works_under_the_policy(client, page):
    if page != "/admin/login/":
        client.force_login(get_user_model().objects.create_superuser("root"))
    response = client.get(page if page.startswith("/") else reverse(page))
    assert response.status_code in {200, 403}  # a book that is to be read has no page to add
    assert "'unsafe" not in response["Content-Security-Policy"]
    assert not FORBIDDEN.findall(response.text)


def test_the_admin_knows_every_model_of_results_and_schedules():
    for label in ("django_celery_results", "django_celery_beat", "ledger"):
        assert set(apps.get_app_config(label).get_models()) & set(admin.site._registry), label


@pytest.mark.django_db
def test_the_form_of_a_periodic_task_says_its_crontab_in_words(client):
    client.force_login(get_user_model().objects.create_superuser("root"))
    CrontabSchedule.objects.create(minute="30", hour="7", day_of_week="1")
    page = client.get("/admin/django_celery_beat/periodictask/add/").text
    assert 'src="/static/core/periodic_task.js"' in page
    assert finders.find("core/periodic_task.js")
    assert "At 07:30 AM" in page
