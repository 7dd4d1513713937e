"""What the outside sees first: redirect, page, assets, headers, and what is refused."""

import re

import httpx
import pytest

CONTENT_TYPES = {"css": "text/css", "js": "javascript", "svg": "image/svg+xml"}


def test_http_redirects_to_https(http_url):
    response = httpx.get(f"{http_url}/livez?a=b", timeout=10, trust_env=False)
    assert response.status_code in {301, 308}
    assert response.headers["Location"].startswith("https://")
    assert response.headers["Location"].endswith("/livez?a=b")


def test_the_page_loads_and_has_nothing_inline(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", response.text)
    assert re.findall(r'name="type" value="(\d)"', response.text) == ["1", "2", "3"]


def test_every_asset_of_the_page_loads_with_its_type(client):
    assets = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/").text))
    assert {path.rsplit(".", 1)[1] for path in assets} == set(CONTENT_TYPES)
    for path in assets:
        response = client.get(path)
        assert response.status_code == 200, path
        assert CONTENT_TYPES[path.rsplit(".", 1)[1]] in response.headers["Content-Type"], path
        assert response.content, path


def test_a_missing_asset_is_404(client):
    assert client.get("/static/no-such-file.css").status_code == 404


@pytest.mark.parametrize("path", ["/", "/livez", "/tasks/none/"])
def test_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-ID"]


def test_browsers_are_told_to_stay_on_https(client, edge):
    assert "max-age=" in client.get("/").headers["Strict-Transport-Security"]


def test_an_unknown_host_is_refused(client):
    try:
        response = client.get("/", headers={"Host": "unknown.invalid"})
    except httpx.RemoteProtocolError:
        return  # closed without an answer: refused as well
    assert 400 <= response.status_code < 500


@pytest.mark.parametrize("path", ["/flower/", "/rabbitmq/"])
def test_operators_pages_need_credentials(client, edge, path):
    assert client.get(path).status_code == 401
    assert client.get(path, auth=("operator", "wrong")).status_code == 401


@pytest.mark.parametrize(("path", "word"), [("/flower/", "flower"), ("/rabbitmq/", "rabbitmq")])
def test_operators_pages_answer_an_operator(client, operator, path, word):
    # httpx sends a password as UTF-8, as nginx compares it
    response = client.get(path, auth=operator, follow_redirects=True)
    assert response.status_code == 200
    assert word in response.text.lower()


def test_operators_see_in_flower_what_became_of_a_task(client, operator, until):
    task_id = client.post("/tasks/", data={"type": "0"}).json()["task_id"]
    # 404 until its worker's events have arrived.
    page = until(
        lambda: client.get(f"/flower/task/{task_id}", auth=operator),
        lambda answer: answer.status_code == 200 and "SUCCESS" in answer.text,
        30,
    )
    assert "tasks.create_task" in page.text


def test_operators_do_not_command_workers_by_flowers_api(client, operator):
    # A browser that has signed in would send its password along with any site's form.
    response = client.post("/flower/api/worker/shutdown/nobody", auth=operator)
    assert response.status_code == 401
    assert "FLOWER_UNAUTHENTICATED_API" in response.text


@pytest.mark.parametrize("path", ["/admin/", "/admin/ledger/entry/"])
def test_the_admin_asks_to_sign_in(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert "/admin/login/" in response.headers["Location"]
