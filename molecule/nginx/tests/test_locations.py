"""Locations of one application's site: limits of their own, streams and websockets, files. See converge.yml."""

import pytest

SERVICES = ["nginx"]

SOCKET = "/srv/garden/run/1.sock"
SHARED = "/srv/garden/shared"
UPGRADE = "-H 'Connection: Upgrade' -H 'Upgrade: websocket'"


@pytest.fixture
def application(host, echo):
    """An application behind the link that a release would move; its unit."""
    unit = echo(SOCKET)
    host.check_output(f"ln -sfn {SOCKET} /srv/garden/web.sock")
    return unit


def streamed(host, path: str, seconds: int, options: str = "") -> str:
    """Return what arrives of a stream within some seconds; whoever waits for its end gets it whole."""
    everywhere = "--http1.1 --connect-to ::127.0.0.1:"
    return host.run(f"curl -skN {everywhere} -m {seconds} {options} https://garden.test{path}").stdout


@pytest.mark.parametrize(
    ("path", "status"), [("/import", 200), ("/import/csv?a=b", 200), ("/imports", 413), ("/api/import", 413)]
)
def test_a_path_and_all_below_it_take_larger_bodies(host, fetch, application, path, status):
    host.check_output("head -c 2097152 /dev/zero > /tmp/fits-import")
    # Without `Expect`, or a 100 would come before the answer.
    answer = fetch(f"https://garden.test{path}", "-H", "Expect:", "--data-binary", "@/tmp/fits-import")
    assert answer.status == status
    assert status != 200 or (answer.seen["path"], answer.seen["size"]) == (path, 2097152)


def test_its_own_limit_holds_there(host, fetch, application):
    host.check_output("head -c 2097153 /dev/zero > /tmp/beyond-import")
    answer = fetch("https://garden.test/import", "-H", "Expect:", "--data-binary", "@/tmp/beyond-import")
    assert answer.status == 413


@pytest.mark.parametrize(("path", "status"), [("/sleep/7", 504), ("/live/sleep/7", 200)])
def test_a_location_waits_longer_for_an_answer(fetch, application, path, status):
    """The site's timeout is 5 s, of the location 12 s."""
    assert fetch(f"https://garden.test{path}").status == status


@pytest.mark.parametrize(("path", "kept"), [("/live/sleep/8", True), ("/sleep/8", False)])
def test_an_idle_websocket_stays_open_as_long_as_its_location_says(host, application, path, kept):
    arrived = streamed(host, path, 14, f"-i {UPGRADE}")
    assert " 101 " in arrived
    assert arrived.endswith("upgraded") is kept


@pytest.mark.parametrize(("path", "at_once"), [("/live/drip", True), ("/drip", False)])
def test_a_stream_arrives_piece_by_piece_where_nothing_is_buffered(host, application, path, at_once):
    assert ("first" in streamed(host, path, 2)) is at_once
    assert "second" in streamed(host, path, 10)


def test_uploads_are_shown_and_never_run(fetch, application, write):
    write(f"{SHARED}/media/leaf.html", "<script>alert(1)</script>")
    answer = fetch("https://garden.test/media/leaf.html")
    assert (answer.status, answer.body) == (200, "<script>alert(1)</script>")
    assert answer.headers["x-content-type-options"] == ["nosniff"]
    assert answer.headers["x-frame-options"] == ["DENY"]
    assert answer.headers["strict-transport-security"] == ["max-age=31536000"]
    assert answer.headers["content-security-policy"][0].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == ["max-age=3600"]


def test_directories_are_not_listed_and_what_is_missing_never_falls_through(fetch, application, write):
    write(f"{SHARED}/media/leaf.txt", "leaf")
    assert fetch("https://garden.test/media/").status == 403
    answer = fetch("https://garden.test/media/missing.txt")
    assert answer.status == 404
    assert "nginx" in answer.body


def test_a_link_among_uploads_leads_nowhere_else(host, fetch, application, write):
    """An application may link its own files; nginx can read more than the application can."""
    write(f"{SHARED}/media/leaf.txt", "leaf")
    host.check_output(f"ln -s leaf.txt {SHARED}/media/own.txt")
    host.check_output(f"ln -s /etc/passwd {SHARED}/media/foreign.txt && chown -h www-data {SHARED}/media/foreign.txt")
    assert fetch("https://garden.test/media/own.txt").body == "leaf"
    answer = fetch("https://garden.test/media/foreign.txt")
    assert answer.status == 403
    assert "root:" not in answer.body


def test_internal_files_are_sent_where_the_application_says_so(fetch, application, write):
    write(f"{SHARED}/private/reports/may.html", "<b>May</b>")
    for path in ("/reports/may.html", "/reports/", "/reports/../reports/may.html"):
        assert fetch(f"https://garden.test{path}").status == 404
    answer = fetch("https://garden.test/send/reports/may.html")
    assert (answer.status, answer.body) == (200, "<b>May</b>")
    assert answer.headers["content-disposition"] == ["attachment"]


def test_internal_files_have_the_safe_headers_though_the_application_s_are_dropped(fetch, application, write):
    write(f"{SHARED}/private/reports/may.html", "<b>May</b>")
    headers = fetch("https://garden.test/send/reports/may.html").headers
    assert headers["x-content-type-options"] == ["nosniff"]
    assert headers["x-frame-options"] == ["DENY"]
    assert headers["strict-transport-security"] == ["max-age=31536000"]
    assert headers["referrer-policy"] == ["strict-origin-when-cross-origin"]
    assert headers["content-security-policy"][0].startswith("default-src 'none'")
    assert len(headers["x-request-id"]) == 1


def test_the_application_cannot_send_what_is_not_published(fetch, application, write):
    write(f"{SHARED}/private/secret.txt", "SECRET")
    write(f"{SHARED}/private/reports/.env", "SECRET")
    for path in ("/reports/../secret.txt", "/reports/.env", "/reports../secret.txt"):
        answer = fetch(f"https://garden.test/send{path}")
        assert answer.status != 200 or "SECRET" not in answer.body
