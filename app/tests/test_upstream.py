"""The client of upstream APIs: bounded in time and size, and clear about what may be tried again."""

import logging
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from production import PRODUCTION, run_python
from upstream_server import Reply, as_json

from config.env import Env
from upstream import backoff, client
from upstream.client import Limits
from upstream.errors import PermanentError, TemporaryError, UpstreamError

QUICK = Limits(connect=0.5, read=0.5, total=1, size=100)


def test_an_answer_comes_with_its_type(upstream):
    upstream.answer("/a", as_json({"x": 1}))
    answer = client.get(f"{upstream.url}/a", params={"q": "a b"}, headers={"Accept": "x/y"})
    assert answer.json() == {"x": 1}
    (seen,) = upstream.seen
    assert (seen.query, seen.headers["Accept"]) == ({"q": "a b"}, "x/y")
    assert "Garden" in seen.headers["User-Agent"]


def test_no_address_is_logged(upstream, caplog):
    caplog.set_level(logging.INFO)
    upstream.answer("/", Reply(b"{}"))
    client.get(upstream.url, params={"key": "secret"})
    assert "secret" not in caplog.text


def date(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def epoch(seconds):
    return str(int(time.time()) + seconds)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry-After": "17"}, 17),
        (429, {"Retry-After": lambda: date(90)}, 90),
        (429, {"Retry-After": lambda: date(-90)}, 0),
        (429, {"X-RateLimit-Reset": lambda: epoch(40)}, 40),
        (429, {}, 60),
        (429, {"Retry-After": "soon"}, 60),
        (403, {"X-RateLimit-Reset": lambda: epoch(30), "X-RateLimit-Remaining": "0"}, 30),
        (403, {"Retry-After": "8"}, 8),
        (503, {"Retry-After": "9"}, 9),
    ],
)
def test_a_limit_says_when_to_come_back(upstream, status, headers, pause):
    sent = {name: value() if callable(value) else value for name, value in headers.items()}
    upstream.answer("/", Reply(status=status, headers=sent))
    with pytest.raises(TemporaryError) as caught:
        client.get(upstream.url)
    assert caught.value.retry_after == pytest.approx(pause, abs=3)


@pytest.mark.parametrize("status", [408, 500, 502, 503])
def test_a_failing_server_may_be_asked_again(upstream, status):
    upstream.answer("/", Reply(status=status))
    with pytest.raises(TemporaryError, match=str(status)) as caught:
        client.get(upstream.url)
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (400, {}),
        (401, {}),
        (403, {}),
        (403, {"X-RateLimit-Reset": "1", "X-RateLimit-Remaining": "55"}),
        (404, {}),
        (304, {}),
    ],
)
def test_a_refusal_is_final(upstream, status, headers):
    upstream.answer("/", Reply(status=status, headers=headers))
    with pytest.raises(PermanentError, match=str(status)):
        client.get(upstream.url)


@pytest.mark.parametrize("reply", [Reply(b"{}", wait=3), Reply(b"{" + b" " * 90, drip=0.1)])
def test_a_slow_answer_is_given_up_in_time(upstream, reply):
    upstream.answer("/", reply)
    began = time.monotonic()
    with pytest.raises(TemporaryError, match="in time"):
        client.get(upstream.url, limits=QUICK)
    assert time.monotonic() - began < 2


def test_headers_that_drip_in_are_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            link, _ = server.accept()
            with link:
                try:
                    for _ in range(50):
                        link.sendall(b"H")
                        time.sleep(0.1)
                except OSError:
                    pass

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(TemporaryError):
            client.get(f"http://127.0.0.1:{server.getsockname()[1]}", limits=QUICK)
        assert time.monotonic() - began < 2


def test_a_server_that_is_away_may_be_asked_again():
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1 can't be reached"):
        client.get("http://127.0.0.1:9/?token=secret")


@pytest.mark.parametrize("reply", [Reply(b"{}", missing=9), Reply(b'{"a": '), Reply(b"[" * 100_000)])
def test_a_broken_answer_may_be_asked_for_again(upstream, reply):
    upstream.answer("/", reply)
    with pytest.raises(TemporaryError):
        client.get(upstream.url).json()


def test_a_page_in_place_of_json_is_no_answer(upstream):
    upstream.answer("/", Reply(b"{}", content_type="text/html"))
    with pytest.raises(TemporaryError, match="can't be read"):
        client.get(upstream.url).json()


def test_too_much_is_not_read_to_its_end(upstream):
    upstream.answer("/", Reply(b"x" * 10_000_000))
    with pytest.raises(PermanentError, match="100 bytes"):
        client.get(upstream.url, limits=QUICK)


def test_a_redirect_is_followed_and_keeps_the_token_to_its_host(upstream):
    upstream.answer("/a", Reply(status=302, headers={"Location": "/b"}))
    elsewhere = upstream.url.replace("127.0.0.1", "localhost")
    upstream.answer("/b", Reply(status=301, headers={"Location": f"{elsewhere}/c"}))
    upstream.answer("/c", as_json([]))
    assert client.get(f"{upstream.url}/a", headers={"Authorization": "Bearer t"}).json() == []
    assert ["Authorization" in seen.headers for seen in upstream.seen] == [True, True, False]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"])
def test_a_redirect_to_another_scheme_is_not_followed(upstream, target):
    upstream.answer("/", Reply(status=302, headers={"Location": target}))
    with pytest.raises(PermanentError, match="redirects"):
        client.get(upstream.url)


def test_redirects_have_an_end(upstream):
    upstream.answer("/", Reply(status=302, headers={"Location": "/"}))
    with pytest.raises(PermanentError, match="again and again"):
        client.get(upstream.url)
    assert len(upstream.seen) == client.MAX_REDIRECTS + 1


@pytest.mark.parametrize("url", ["", "no address", "ftp://127.0.0.1/", "http:///x", "http://\0", "//x"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(PermanentError):
        client.get(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "[fe80::1]"])
def test_an_answer_can_not_send_a_worker_to_its_own_network(upstream, host):
    with pytest.raises(PermanentError, match="public"):
        client.get(f"http://{host}:9/", inside="feed.test")
    upstream.answer("/", Reply(status=302, headers={"Location": f"http://{host.replace('127.0.0.1', '127.0.0.2')}:9/"}))
    with pytest.raises(PermanentError, match="public"):
        client.get(upstream.url, inside="127.0.0.1")


def test_pauses_grow_with_jitter_up_to_a_limit():
    error = TemporaryError("x")
    pauses = [backoff.delay(error, n) for n in range(12)]
    for n, pause in enumerate(pauses):
        full = min(backoff.FIRST * 2**n, backoff.LONGEST)
        assert full / 2 <= pause <= full
    assert len({backoff.delay(error, 3) for _ in range(9)}) > 1


def test_a_pause_that_was_asked_for_is_kept():
    assert 60 < backoff.delay(TemporaryError("x", 60), 0) <= 60 + backoff.FIRST
    assert backoff.delay(TemporaryError("x", 1e9), 0) <= backoff.LONGEST + backoff.FIRST


def test_the_upstreams_come_from_the_environment():
    show = "from django.conf import settings as s; print(s.REPORTS_API_URL, s.REPORTS_API_TOKEN, s.REPORTS_PAGE_SIZE)"
    chosen = {"REPORTS_API_URL": "http://code.test/api", "REPORTS_API_TOKEN": "$t", "REPORTS_PAGE_SIZE": "30"}
    assert run_python("-c", show, **PRODUCTION).stdout == "https://api.github.com  100\n"
    assert run_python("-c", show, **PRODUCTION, **chosen).stdout == "http://code.test/api $t 30\n"


@pytest.mark.parametrize("value", ["ftp://code.test", "/feed?key=secret", "code.test"])
def test_an_address_that_is_not_on_the_web_is_refused_and_not_shown(monkeypatch, value):
    monkeypatch.setenv("A_VALUE", value)
    with pytest.raises(ImproperlyConfigured, match="A_VALUE") as caught:
        Env().web_url("A_VALUE", "https://code.test")
    assert value not in str(caught.value)


@pytest.mark.parametrize("value", ["0", "101"])
def test_a_number_out_of_its_range_is_refused(monkeypatch, value):
    monkeypatch.setenv("A_VALUE", value)
    with pytest.raises(ImproperlyConfigured, match=r"A_VALUE.*from 1 to 100"):
        Env().whole("A_VALUE", 7, range(1, 101))


def test_both_kinds_are_one_family():
    assert issubclass(TemporaryError, UpstreamError)
    assert issubclass(PermanentError, UpstreamError)
