"""The authority between hosts and what it signs: always the same one, and nothing but what a host is."""

from __future__ import annotations

import datetime
import ssl
import subprocess

import pytest
from ansible.module_utils.host_certificates import authority_certificate, authority_key, lacking, signed
from conftest import plugin

SECRET = "Zq8RtV2mKx4pLs6wHd9cBn3fYg7jTa5u"
KEY = authority_key(SECRET)
NAMES, ADDRESSES = ["data-1", "data-1.test"], ["192.0.2.1", "127.0.0.1"]
NOW = datetime.datetime.now(datetime.UTC)


def openssl(*words: str, given: str = "") -> str:
    return subprocess.run(
        ["openssl", *words], input=given, capture_output=True, text=True, check=True, timeout=20
    ).stdout


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """A host's key, its certificate and the authority's, as files."""
    place = tmp_path_factory.mktemp("host")
    (place / "key").write_text(openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
    request = openssl(
        "req", "-new", "-key", str(place / "key"), "-subj", "/CN=somebody else", "-addext", "basicConstraints=CA:TRUE"
    )
    (place / "pem").write_text(signed(request, KEY, NAMES, ADDRESSES, 365))
    (place / "ca").write_text(authority_certificate(KEY))
    return place


def test_the_authority_is_the_same_wherever_its_secret_is():
    assert authority_certificate(authority_key(SECRET)) == authority_certificate(KEY)
    assert authority_key(SECRET + " ") != KEY


def greeted(host, name: str, authority: str) -> str:
    """Return the version of TLS that a client and a server of the host agree on; raises ssl.SSLError."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(host / "pem", host / "key")
    client = ssl.create_default_context(cadata=authority)
    # What Python 3.13 does by default.
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(back, there, server_hostname=name), server.wrap_bio(there, back, server_side=True)
    for _ in range(3):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[0].version()


@pytest.mark.parametrize("name", [*NAMES, *ADDRESSES])
def test_a_host_is_known_by_all_its_names(host, name):
    assert greeted(host, name, authority_certificate(KEY)) == "TLSv1.3"


@pytest.mark.parametrize(
    ("name", "secret", "words"), [("192.0.2.2", SECRET, "mismatch"), ("192.0.2.1", "another", "verify failed")]
)
def test_who_is_no_such_host_or_of_another_authority_is_refused(host, name, secret, words):
    with pytest.raises(ssl.SSLError, match=words):
        greeted(host, name, authority_certificate(authority_key(secret)))


def test_a_request_decides_nothing_but_the_key(host):
    told = openssl("x509", "-in", str(host / "pem"), "-noout", "-text")
    assert "CA:FALSE" in told and "CA:TRUE" not in told and "somebody else" not in told
    assert "TLS Web Server Authentication, TLS Web Client Authentication" in told


@pytest.mark.parametrize(
    ("key", "names", "days", "reason"),
    [
        (KEY, NAMES, 0, ""),
        (KEY, NAMES, 240, ""),
        (KEY, NAMES, 246, "it is in the last third of its life"),
        (KEY, NAMES[:1], 0, "it is for other names"),
        (authority_key("another"), NAMES, 0, "another authority signed it"),
    ],
)
def test_a_certificate_is_replaced_in_time_and_where_it_is_another(host, key, names, days, reason):
    pem = (host / "pem").read_text()
    assert lacking(pem, key, names, ADDRESSES, NOW + datetime.timedelta(days=days)) == reason


def test_where_there_is_none_one_is_lacking():
    assert lacking("", KEY, NAMES, ADDRESSES, NOW) == "there is none"


@pytest.mark.parametrize(
    ("hosts", "used"),
    [
        ({"web": ["a"], "worker": ["a"], "postgres": ["a"], "redis": ["a"]}, set()),
        ({"web": ["a"], "worker": ["b"], "postgres": ["a"]}, {"postgres"}),
        ({"web": ["a"], "postgres": ["b"], "redis": []}, {"postgres"}),
        ({"postgres": ["a"], "balancer": ["b"]}, set()),
    ],
)
def test_a_service_needs_tls_where_another_host_uses_it(hosts, used):
    assert {service for service, on in plugin("filter/tls").between_hosts(hosts).items() if on} == used
