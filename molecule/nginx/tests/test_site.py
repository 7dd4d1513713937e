"""One application's site: proxying, static files, panels."""

import base64
import re

import pytest
from polling import until

SERVICES = ["nginx"]

SOCKET = "/srv/garden/run/1.sock"
HASHED = "app.0123456789ab.css"


@pytest.fixture
def application(host, echo):
    """An application behind the link that a release would move; its unit."""
    unit = echo(SOCKET)
    host.check_output(f"ln -sfn {SOCKET} /srv/garden/web.sock")
    return unit


def test_application_sees_who_asked_and_how(fetch, application):
    headers = fetch("https://garden.test:443/leaf/?a=%2F", "-H", "X-Forwarded-For: 192.0.2.1").seen["headers"]
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-For"] == "127.0.0.1"  # what the client claims is dropped
    assert headers["Host"] == "garden.test"


def test_request_id_goes_in_and_out_and_cannot_be_forged(fetch, application):
    answer = fetch("https://garden.test/framed", "-H", "X-Request-ID: forged-by-the-client")
    (request_id,) = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    assert answer.seen["headers"]["X-Request-ID"] == request_id


def test_security_headers_fill_what_the_application_leaves_out(fetch, application):
    plain = fetch("https://garden.test/").headers
    assert plain["strict-transport-security"] == ["max-age=31536000"]
    assert plain["x-content-type-options"] == ["nosniff"]
    assert plain["x-frame-options"] == ["DENY"]
    assert plain["referrer-policy"] == ["strict-origin-when-cross-origin"]
    assert fetch("https://garden.test/framed").headers["x-frame-options"] == ["SAMEORIGIN"]


def test_body_limit(host, fetch, application):
    host.check_output("head -c 1048576 /dev/zero > /tmp/fits; head -c 1048577 /dev/zero > /tmp/large")
    assert fetch("https://garden.test/", "--data-binary", "@/tmp/fits").seen["size"] == 1048576
    assert fetch("https://garden.test/", "--data-binary", "@/tmp/large").status == 413


def test_websocket_passes(host, application):
    upgrade = "-H 'Connection: Upgrade' -H 'Upgrade: websocket'"
    result = host.run(f"curl -skNi --http1.1 -m 5 {upgrade} --connect-to ::127.0.0.1: https://garden.test/socket")
    assert " 101 " in result.stdout
    assert result.stdout.endswith("upgraded")


@pytest.mark.parametrize("site", ["garden.test", "orchard.test"])
def test_without_application_a_page_says_when_to_try_again(host, fetch, site):
    """The socket is not even there; a POST gets the same page as a GET."""
    assert not host.file("/srv/garden").exists
    for options in ((), ("--data", "a=b")):
        answer = fetch(f"https://{site}/", *options)
        assert answer.status == 502
        assert answer.headers["retry-after"] == ["5"]
        assert answer.headers["cache-control"] == ["no-store"]
        assert "Back in a moment" in answer.body


def test_starts_without_any_application(host, fetch):
    host.check_output("systemctl restart nginx")
    assert fetch("https://garden.test/").status == 502


def test_application_s_own_503_passes_unchanged(fetch, application):
    answer = fetch("https://garden.test/status/503")
    assert (answer.status, answer.seen["path"]) == (503, "/status/503")


def test_refused_attempt_is_repeated_through_the_link_but_a_received_post_is_not(host, fetch, application):
    """Of two tries, the log shows both for a GET and one for a POST that reached the process."""
    fetch("https://garden.test/status/503?get")
    fetch("https://garden.test/status/503?post", "--data", "a=b")
    log = host.check_output("tail -2 /var/log/nginx/access.log").splitlines()
    assert "upstream_status=503, 503" in log[0]
    assert log[1].endswith("upstream_status=503")


def test_moved_link_is_followed_without_a_reload(host, fetch, application, echo):
    workers = host.check_output("pgrep -P $(cat /run/nginx.pid)")
    echo("/srv/garden/run/2.sock")
    host.check_output("systemctl stop %s", application)
    host.check_output("ln -sfn /srv/garden/run/2.sock /srv/garden/next && mv -T /srv/garden/next /srv/garden/web.sock")
    assert fetch("https://garden.test/").status == 200
    assert host.check_output("pgrep -P $(cat /run/nginx.pid)") == workers


@pytest.mark.parametrize(
    ("name", "release", "caching"),
    [
        (HASHED, "current", "public, max-age=31536000, immutable"),
        ("plain.css", "current", "public, max-age=300"),
        ("only-before.fedcba987654.css", "previous", "public, max-age=31536000, immutable"),
    ],
)
def test_static_file_comes_from_this_release_or_the_one_before(fetch, application, write, name, release, caching):
    write(f"/srv/garden/current/static/{HASHED}", "of current")
    write("/srv/garden/current/static/plain.css", "of current")
    write("/srv/garden/previous/static/plain.css", "of previous")
    write("/srv/garden/previous/static/only-before.fedcba987654.css", "of previous")
    answer = fetch(f"https://garden.test/static/{name}?version=1")
    assert (answer.status, answer.body) == (200, f"of {release}")
    assert answer.headers["cache-control"] == [caching]
    assert answer.headers["content-type"] == ["text/css"]
    assert answer.headers["x-content-type-options"] == ["nosniff"]


def test_missing_static_file_never_falls_through(fetch, application):
    answer = fetch("https://garden.test/static/missing.0123456789ab.css")
    assert answer.status == 404
    assert "cache-control" not in answer.headers
    assert "nginx" in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/secret.txt",
        "/static/..%2f..%2fsecret.txt",
        "/static../secret.txt",
        "/media/../secret.txt",
        "/media../secret.txt",
        "/static/.env",
        "/static/deep/.git/config",
        "/static/%2eenv",
        "/media/.env",
        "/.env",
        "/_unavailable.html",
    ],
)
def test_nothing_but_published_files(host, fetch, write, path):
    for name in ("secret.txt", ".env", "static/.env", "static/deep/.git/config"):
        write(f"/srv/garden/current/{name}", "SECRET")
    for name in ("secret.txt", "media/.env"):
        write(f"/srv/garden/shared/{name}", "SECRET")
    try:
        answer = fetch(f"https://garden.test{path}")
        assert answer.status in {400, 404, 502}
        assert "SECRET" not in answer.body
        assert "root:" not in answer.body
    finally:
        host.check_output("rm -rf /srv/garden")


@pytest.mark.parametrize(
    ("url", "where", "passed_on"), [("/rabbitmq/", "15672", True), ("/flower/", "/srv/garden/flower.sock", False)]
)
def test_panel_is_for_operators(fetch, echo, operator, url, where, passed_on):
    """The name and password reach the panel only where it asks for them; %2F reaches it as it came."""
    echo(where)
    address = f"https://garden.test{url}api/queues/%2F/a%20b?c=%2F"
    assert fetch(address).status == 401
    assert fetch(address, "--user", "ada:wrong").status == 401
    answer = fetch(address, "--user", ":".join(operator))
    assert answer.status == 200
    assert answer.seen["path"] == f"{url}api/queues/%2F/a%20b?c=%2F"
    expected = "Basic " + base64.b64encode(":".join(operator).encode()).decode() if passed_on else None
    assert answer.seen["headers"].get("Authorization") == expected


def test_panel_passes_websockets_to_operators_only(fetch, echo, operator):
    echo("15672")
    upgrade = ("-N", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket")
    address = "https://orchard.test/rabbitmq/socket"
    assert fetch(address, *upgrade).status == 401
    answer = fetch(address, *upgrade, "--user", ":".join(operator))
    assert (answer.status, answer.body) == (101, "upgraded")


def test_who_tells_operators_is_reloaded_alone_and_comes_back(host, fetch, echo, operator):
    """A password that changes leaves the sites' connections alone, and a killed server its socket behind."""
    echo("15672")
    workers = host.check_output("pgrep -P $(cat /run/nginx.pid)")

    def let_in():
        return fetch("https://garden.test/rabbitmq/", "--user", ":".join(operator)).status == 200

    host.check_output("systemctl reload nginx-operators")
    assert let_in()
    host.check_output("systemctl kill --signal KILL nginx-operators")
    until(let_in, bool, 15)
    assert host.check_output("pgrep -P $(cat /run/nginx.pid)") == workers


@pytest.mark.parametrize("path", ["/_operator", "/_operator/"])
def test_nobody_asks_who_is_an_operator(fetch, application, operator, path):
    """The answer holds the password that is passed on to panels."""
    answer = fetch(f"https://garden.test{path}", "--user", ":".join(operator))
    assert answer.status == 404 or answer.seen["path"] == path  # the application's own page
    assert "x-operator-authorization" not in answer.headers


def test_panel_of_one_site_is_not_on_another(fetch, operator):
    """`/flower/` belongs to garden; orchard hands the path to its application, which is not there."""
    assert fetch("https://orchard.test/flower/", "--user", ":".join(operator)).status == 502


def test_panel_without_slash_leads_to_the_panel(fetch):
    answer = fetch("https://garden.test/rabbitmq")
    assert (answer.status, answer.headers["location"]) == (301, ["/rabbitmq/"])


def test_location_of_the_application(fetch):
    assert fetch("https://garden.test/robots.txt").body == "Disallow: /"


def test_passwords_are_hashed(host, operator):
    lines = host.file("/etc/nginx/operators.htpasswd").content_string.splitlines()
    assert len(lines) == 1
    assert re.fullmatch(r"ada:\$6\$[0-9a-f]{16}\$[./0-9A-Za-z]{86}", lines[0])
