"""What reaches web hosts by a balancer, and what clients are told."""

import re

import pytest
from edge import ADDRESS, BALANCERS, CLIENT, FROM, WEB, client, fetch, shell, states
from polling import until


@pytest.fixture(autouse=True, scope="module")
def _ready():
    for balancer in BALANCERS:
        until(lambda: states(balancer), lambda found: set(found.values()) == {"UP"}, 30)  # noqa: B023


def test_requests_take_turns():
    assert {fetch("https://garden.test/").seen["host"] for _ in range(4)} == set(WEB)


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_the_client_s_own_address_and_scheme_arrive(version):
    """What clients claim does not."""
    forged = ["-H", "X-Forwarded-For: 203.0.113.9", "-H", "X-Forwarded-Proto: http", "-H", "X-Request-ID: forged-id"]
    answer = fetch("https://garden.test/", version, *forged)
    headers = {name.lower(): value for name, value in answer.seen["headers"].items()}
    assert (headers["x-forwarded-for"], headers["x-real-ip"], headers["x-forwarded-proto"]) == (FROM, FROM, "https")
    assert re.fullmatch(r"[0-9a-f-]{36}", headers["x-request-id"])
    assert answer.headers["x-request-id"] == headers["x-request-id"]
    logged = shell(answer.seen["host"], f"grep {headers['x-request-id']} /var/log/nginx/access.log")
    assert logged.startswith(f"{FROM} ")
    assert " 200 " in "".join(
        shell(name, f"grep request_id={headers['x-request-id']} /var/log/balancer/access.log || true")
        for name in BALANCERS
    )


def test_browsers_speak_http_2():
    assert (
        shell(
            CLIENT,
            f"curl -sk --http2 --connect-to ::{ADDRESS}: -o /dev/null -w '%{{http_version}}' https://garden.test/",
        )
        == "2"
    )


def test_without_tls_they_are_led_to_it():
    answer = fetch("http://www.garden.test/a?b=c")
    assert (answer.status, answer.headers["location"]) == (301, "https://www.garden.test/a?b=c")
    assert fetch("http://unknown.test/").status == 0


@pytest.mark.parametrize("domain", ["unknown.test", "gone.test"])
def test_an_unknown_name_gets_no_certificate(domain):
    assert fetch(f"https://{domain}/").status == 0
    assert fetch("https://garden.test/", "-H", f"Host: {domain}").status == 421


def test_each_application_shows_its_certificate():
    def subject(domain: str) -> str:
        ask = f"curl -sSkv --connect-to ::{ADDRESS}: -o /dev/null https://{domain}/ 2>&1 | grep 'subject:'"
        return shell(CLIENT, ask).strip().rpartition("CN=")[2]

    # The last is a name of one application below those of another.
    named = {name: subject(name) for name in ("garden.test", "x.garden.test", "orchard.test", "special.garden.test")}
    assert list(named.values()) == ["garden.test", "garden.test", "orchard.test", "orchard.test"]


def test_a_body_may_be_as_large_as_the_site_says():
    assert fetch("https://garden.test/", "--data-binary", "@/usr/bin/python3.13").status == 413
    small = fetch("https://garden.test/", "--data-binary", "x" * 100_000)
    assert (small.status, small.seen["size"]) == (200, 100_000)


def test_another_protocol_passes():
    """As a websocket does: after the answer both sides write when they like."""
    assert client("upgrade", ADDRESS).communicate(timeout=30)[0].split() == ["101", "back"]


def test_web_hosts_are_known_by_their_certificates():
    """Whoever had the address of one would get nothing: another pair is refused."""
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -subj /CN=bal-web-1"
    make += " -addext subjectAltName=DNS:bal-web-1 -keyout host.key -out host.pem 2>/dev/null"
    try:
        shell(WEB[0], f"cd /etc/nginx/tls && cp -a . /root/tls && {make} && systemctl reload nginx")
        until(states, lambda found: found == {WEB[0]: "DOWN", WEB[1]: "UP"}, 20)
        assert {fetch("https://garden.test/").seen["host"] for _ in range(4)} == {WEB[1]}
    finally:
        shell(WEB[0], "cp -a /root/tls/. /etc/nginx/tls/ && systemctl reload nginx")
        until(states, lambda found: set(found.values()) == {"UP"}, 20)
