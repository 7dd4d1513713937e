"""Renewal by the timer: without a failed request, and held back where nginx would not hold."""

from __future__ import annotations

import pytest
from world import WEB, raised, renew, renew_before, requests, shell, shown

SERVICES = ["nginx", "certbot"]


@pytest.mark.parametrize("host_name", WEB)
def test_the_timer_waits_a_random_time(host_name):
    timer = shell(host_name, "systemctl show certbot.timer --property=RandomizedDelayUSec,ActiveState")
    assert "ActiveState=active" in timer
    assert "RandomizedDelayUSec=0" not in timer


@pytest.mark.parametrize("host_name", WEB)
def test_a_renewal_fails_no_request_and_restarts_nothing(host_name):
    process = shell(host_name, "cat /run/nginx.pid")
    before = shown(host_name, "fern.test").serial_number
    renew_before(host_name, "fern", "7 days")
    with requests(host_name, "fern.test") as answers:
        renew(host_name)
        shell(host_name, "sleep 3")
    assert len(answers) > 50
    assert {outcome for outcome, _ in answers} == {"HTTP/1.1 200 OK"}
    serials = {serial for _, serial in answers}
    assert before in serials
    assert shown(host_name, "fern.test").serial_number in serials - {before}
    assert shell(host_name, "cat /run/nginx.pid") == process


@pytest.mark.parametrize("host_name", WEB)
def test_a_certificate_that_is_not_due_is_left(host_name):
    """Although it lives for a day, and certbot's own rule is 30 days before its end."""
    before = shown(host_name, "moss.test").serial_number
    renew(host_name)
    assert shown(host_name, "moss.test").serial_number == before


@pytest.fixture
def broken():
    """A configuration that nginx refuses, on the first host."""
    host, path = next(iter(WEB)), "/etc/nginx/conf.d/broken.conf"
    shell(host, f"echo 'nonsense on;' > {path}")
    yield host, path
    shell(host, f"rm -f {path}")


def test_a_broken_configuration_holds_the_new_certificate_back(broken):
    """A reload would fail unseen, and the next boot would not serve at all."""
    host, path = broken
    before = shown(host, "fern.test").serial_number
    renew_before(host, "fern", "7 days")
    renew(host, fails=True)
    assert shown(host, "fern.test").serial_number == before
    assert "renewal failed: nginx -t" in raised(host)["fern"]
    shell(host, f"rm {path}")
    renew_before(host, "fern", "1 hour")
    renew(host)
    shell(host, "sleep 2")
    assert shown(host, "fern.test").serial_number != before
    assert raised(host) == {}
