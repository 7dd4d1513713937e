"""The authority is silent, or knows the account no longer: what was issued serves on, and status says why it is red."""

from __future__ import annotations

import re

import pytest
from world import ACME, WEB, raised, renew, renew_before, run, shell, shown, start_authority, trust

SERVICES = ["nginx", "certbot"]
HOST = next(iter(WEB))


@pytest.fixture(scope="module")
def silent():
    """The ACME server, stopped. When it starts again it has forgotten every account."""
    shell(ACME, "systemctl stop pebble")
    yield
    start_authority()


@pytest.fixture(scope="module")
def serial():
    return shown(HOST, "fern.test").serial_number


def test_a_run_needs_no_authority(serial, silent):
    again = run("site")
    assert again.returncode == 0, again.stdout[-3000:]


def test_a_silent_authority_leaves_the_old_certificate(serial, silent):
    renew_before(HOST, "fern", "7 days")
    renew(HOST, fails=True)
    assert shown(HOST, "fern.test").serial_number == serial
    assert re.search(r"renewal failed: .*acme\.test.*Connection refused", raised(HOST)["fern"])
    assert "certbot" in shell(HOST, "systemctl --failed --plain --no-legend")


def test_an_account_that_is_gone_leaves_the_old_certificate(serial):
    start_authority()
    renew(HOST, fails=True)
    assert shown(HOST, "fern.test").serial_number == serial
    assert "account" in raised(HOST)["fern"].lower()


def test_a_new_account_is_the_remedy(serial):
    for host in WEB:
        shell(host, "rm -r /etc/letsencrypt/accounts/acme.test:14000")
        renew(host)
    shell(HOST, "sleep 2")
    certificate = shown(HOST, "fern.test", trust(HOST))
    assert certificate.serial_number != serial
    assert raised(HOST) == {}
