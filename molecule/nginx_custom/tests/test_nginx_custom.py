"""Variables other than the defaults reach the running server."""

import time

import pytest

SERVICES = ["nginx"]

CURL = "curl -ski --max-time 10 --connect-to ::127.0.0.1: "


@pytest.fixture
def application(host):
    """An application that echoes what reaches it."""
    host.check_output("install -d -o www-data /srv/garden")
    host.check_output("systemd-run -q --collect --unit echo --uid www-data /usr/local/bin/echo.py /srv/garden/web.sock")
    deadline = time.monotonic() + 10
    while not host.file("/srv/garden/web.sock").exists:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield
    host.check_output("systemctl stop echo && rm -r /srv/garden")


def test_redirect_leads_to_the_public_port(host):
    answer = host.check_output(CURL + "http://garden.test:8081/leaf")
    assert "Location: https://garden.test:9443/leaf\r\n" in answer


def test_listens_where_told(host):
    listening = {line.split()[3] for line in host.check_output("ss -Hltn").splitlines()}
    assert {"0.0.0.0:8081", "0.0.0.0:8444"} <= listening
    assert not {"0.0.0.0:80", "0.0.0.0:443", "[::]:8444"} & listening


def test_application_learns_the_public_port_and_host(host, application):
    answer = host.check_output(CURL + "-H 'Host: garden.test:9443' https://garden.test:8444/")
    assert '"X-Forwarded-Port": "9443"' in answer
    assert '"Host": "garden.test:9443"' in answer


def test_trusted_balancer_is_believed(host, application):
    """The right-most address that is no balancer's is the client; the id is the balancer's."""
    told = "-H 'X-Forwarded-For: 203.0.113.9, 198.51.100.7, 127.0.0.9' -H 'X-Request-ID: from-the-balancer'"
    answer = host.check_output(CURL + told + " https://garden.test:8444/")
    assert '"X-Forwarded-For": "198.51.100.7"' in answer
    assert '"X-Request-ID": "from-the-balancer"' in answer
    assert "x-request-id: from-the-balancer\r\n" in answer.lower()


def test_nonsense_from_a_trusted_balancer_is_not_passed_on(host, application):
    answer = host.check_output(CURL + "-H 'X-Request-ID: a;b' https://garden.test:8444/")
    assert "a;b" not in answer


def test_overridden_settings(host):
    refused = host.run("echo | openssl s_client -connect 127.0.0.1:8444 -servername garden.test -tls1_2")
    assert "BEGIN CERTIFICATE" not in refused.stdout
    running = host.check_output("nginx -T 2>/dev/null")
    assert "gzip off;" in running
    assert "worker_connections 512;" in running
    assert "add_header X-Unused a;\n    add_header X-Unused b;" in running


def test_no_hsts_and_another_delay(host):
    answer = host.check_output(CURL + "https://garden.test:8444/").lower()
    assert " 502 " in answer
    assert "retry-after: 17\r\n" in answer
    assert "strict-transport-security" not in answer
