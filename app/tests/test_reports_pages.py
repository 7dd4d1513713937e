"""The form, the API and the download."""

import re
import uuid

import pytest
from celery import states
from django.contrib.auth import get_user_model
from django.test import Client
from report_parts import SEARCH, make, page, ready, repository
from upstream_server import Reply

from core.publishing import NotConfirmed
from files import services as files
from files.paths import path_of
from reports import selectors
from reports.models import Report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def ann(client):
    user = get_user_model().objects.create_user("ann", email="ann@garden.test")
    client.force_login(user)
    return user


def test_the_api_answers_at_once_with_the_id_of_the_task_that_builds(client, ann, published):
    response = client.post("/reports/", {"language": "python"})
    assert response.status_code == 202
    report = Report.objects.get()
    assert response.json() == {"task_id": report.task_id}
    assert (report.language, report.owner) == ("Python", ann)
    (message,) = published
    assert (message["name"], message["task_id"]) == ("reports.crawler_repos", report.crawl_task_id)
    (build,) = message["chain"]
    assert (build.task, build.options["task_id"]) == ("reports.build_report_task", report.task_id)
    assert build.immutable
    assert build.kwargs["dashboard_url"] == "http://testserver/reports/"


def test_json_starts_a_report(client, ann, published):
    assert client.post("/reports/", {"language": "C++"}, content_type="application/json").status_code == 202
    assert Report.objects.get().language == "C++"


@pytest.mark.parametrize("fields", [{}, {"language": ""}, {"language": "Klingon"}, {"language": "Python stars:>1"}])
def test_another_language_is_refused_in_words(client, ann, published, fields):
    response = client.post("/reports/", fields)
    assert response.status_code == 400
    assert "language must be one of C, C#" in response.json()["error"]
    assert client.post("/reports/", '{"language": ["C"]}', content_type="application/json").status_code == 400
    assert published == []
    assert not Report.objects.exists()


def test_the_api_wants_a_signed_in_user_and_the_token(published):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/reports/", {"language": "C"}).status_code == 401
    client.force_login(get_user_model().objects.create_user("ann"))
    response = client.post("/reports/", {"language": "C"})
    assert (response.status_code, "CSRF" in response.json()["error"]) == (403, True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/reports/").text)[1]
    assert client.post("/reports/", {"language": "C", "csrfmiddlewaretoken": token}).status_code == 202
    assert client.post("/reports/start/", {"language": "C"}).status_code == 403
    assert client.put("/reports/").status_code == 405


def test_a_broker_that_does_not_confirm_is_perhaps(client, ann, monkeypatch):
    def refuse(*_, **__):
        raise NotConfirmed("amqp://user:secret@mq")

    monkeypatch.setattr("reports.services.publish", refuse)
    assert client.post("/reports/", {"language": "C"}).status_code == 503
    html = client.post("/reports/start/", {"language": "C"}, follow=True).text
    assert "The broker did not confirm the report. It may still start" in html
    assert html.count("The broker did not confirm the task.") == 2
    assert "secret" not in html
    assert {report.state for report in selectors.listing()} == {states.FAILURE}


def test_the_form_works_without_javascript(client, ann, published):
    page = client.get("/reports/").text
    assert 'action="/reports/start/"' in page
    assert "<option>C++</option>" in page
    response = client.post("/reports/start/", {"language": "Go"})
    assert (response.status_code, response["Location"]) == (302, "/reports/")
    page = client.get("/reports/").text
    assert f"The report on Go is on its way as task {Report.objects.get().task_id}" in page
    assert 'data-label="Language">Go<' in page
    page = client.post("/reports/start/", {"language": "x"}, follow=True).text
    assert "The report was not started: language must be one of" in page


def test_a_visitor_is_sent_to_sign_in(client):
    page = client.get("/reports/").text
    assert "Sign in to start" in page
    assert "reports/start" not in page
    response = client.post("/reports/start/", {"language": "C"})
    assert (response.status_code, response["Location"]) == (302, "/sign-in/?next=/reports/")
    response = client.post("/reports/start/", {"language": "C"}, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (200, "/sign-in/?next=/reports/")


def test_a_signed_in_user_downloads_the_file(client, ann):
    report = ready(content=b"name\na\n")
    assert f'href="/reports/{report.task_id}/download/"' in client.get("/reports/").text
    response = client.get(f"/reports/{report.task_id}/download/")
    assert response.getvalue() == b"name\na\n"
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"] == f'attachment; filename="github-repos-{report.task_id}.csv"'
    assert "no-store" in response["Cache-Control"]


def test_a_host_that_did_not_build_the_file_hands_it_out(client, ann):
    report = ready(content=b"name\n")
    path_of(report.stored_name).unlink()
    assert client.get(f"/reports/{report.task_id}/download/").getvalue() == b"name\n"


def test_nobody_else_downloads(client):
    report = ready()
    path = f"/reports/{report.task_id}/download/"
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")
    assert path not in client.get("/reports/").text
    assert client.get(f"/media/{report.stored_name}").status_code == 404


def test_what_is_not_there_is_404(client, ann):
    gone = ready()
    files.delete(gone.stored_name)
    ids = [uuid.uuid4(), make().task_id, gone.task_id, "..%2f..%2fetc%2fpasswd", f"../{gone.task_id}", "x"]
    assert {client.get(f"/reports/{i}/download/").status_code for i in ids} == {404}


def test_the_page_has_nothing_inline_and_names_what_it_shows(client, ann):
    ready()
    page = client.get("/reports/").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page)
    assert page.count('scope="col"') == 6
    assert '<label for="language">' in page
    assert '<label for="q"' in page
    assert "<caption" in page
    assert 'aria-current="page">Reports' in page


def test_the_admin_deletes_a_report_with_its_file(admin_client):
    report = ready(problem="")
    path = path_of(report.stored_name)
    assert path.is_file()
    assert report.task_id in admin_client.get(f"/admin/reports/report/?q={report.task_id}").text
    assert admin_client.get("/admin/reports/report/add/").status_code == 403
    admin_client.post(f"/admin/reports/report/{report.pk}/delete/", {"post": "yes"})
    assert not Report.objects.exists()
    assert not path.exists()


@pytest.mark.usefixtures("worker")
def test_from_the_button_to_the_file_by_a_real_worker(client, ann, upstream, mailoutbox, until):
    upstream.answer(SEARCH, page(repository("a", description="=1")))
    task_id = client.post("/reports/", {"language": "Go"}).json()["task_id"]
    until(lambda: client.get(f"/tasks/{task_id}/").json()["task_status"] == states.SUCCESS)
    content = client.get(f"/reports/{task_id}/download/").getvalue().decode()
    assert content == "name,full_name,html_url,description\r\na,org/a,https://code.test/a,'=1\r\n"
    until(lambda: mailoutbox)
    assert [message.to for message in mailoutbox] == [["ann@garden.test"]]


@pytest.mark.usefixtures("worker")
def test_a_crawl_that_fails_fails_the_task_that_was_promised(client, ann, upstream, until):
    upstream.answer(SEARCH, Reply(status=401))
    task_id = client.post("/reports/", {"language": "Go"}).json()["task_id"]
    until(lambda: client.get(f"/tasks/{task_id}/").json()["task_status"] == states.FAILURE)
    assert "401" in client.get(f"/tasks/{task_id}/").json()["task_result"]
    until(lambda: "127.0.0.1 answered 401" in client.get("/reports/").text)
    assert 'data-state="FAILURE"' in client.get("/reports/").text
