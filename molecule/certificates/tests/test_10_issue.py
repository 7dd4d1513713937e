"""After the first run on fresh hosts: every site has its own certificate, and a second run asks nobody."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from world import ACME, PRIVATE, STATE, WEB, changed, names, run, shell, shown, status, trust

SERVICES = ["nginx", "certbot"]
SITES = {"fern": {"fern.test", "www.fern.test"}, "moss": {"moss.test"}}


@pytest.mark.parametrize("host_name", WEB)
@pytest.mark.parametrize(("app", "domains"), SITES.items())
def test_a_site_shows_a_certificate_that_the_authority_issued(host_name, app, domains):
    """On Debian 13 and on 12, although the authority may have asked the other host under this name."""
    for domain in domains:
        certificate = shown(host_name, domain, trust(host_name))
        assert names(certificate) == domains


def test_each_host_has_a_certificate_of_its_own():
    """No key leaves its host."""
    assert len({shown(host, "fern.test").serial_number for host in WEB}) == len(WEB)


def test_an_account_is_the_one_of_a_key_that_is_given():
    """certbot names accounts after the hash of their public key; the first host has made one of its own."""
    key = serialization.load_pem_private_key((PRIVATE / "pairs/account.key").read_bytes(), password=None)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    given = hashlib.md5(key.public_key().public_bytes(*form), usedforsecurity=False).hexdigest()
    used = {
        host: shell(host, "sed -n 's/^account = //p' /etc/letsencrypt/renewal/cloche-*.conf | sort -u") for host in WEB
    }
    first, second = (accounts.split() for accounts in used.values())
    assert second == [given]
    assert len(first) == 1 and first != second


@pytest.mark.parametrize("host_name", WEB)
def test_a_pair_that_came_as_text_is_shown(host_name):
    assert names(shown(host_name, "reed.test")) == {"reed.test"}


@pytest.mark.parametrize("host_name", WEB)
def test_keys_are_roots_alone_and_nobody_tells_them(host_name):
    keys = "/etc/letsencrypt/archive/*/privkey*.pem /etc/letsencrypt/accounts/*/*/*/private_key.json"
    keys += " /etc/nginx/tls/applications/reed/key.pem /etc/cloche/acme/certbot.ini"
    modes = set(shell(host_name, f"stat -Lc '%U %a' {keys}").splitlines())
    assert modes <= {"root 600", "root 400"}
    told = shell(host_name, "journalctl --no-pager; cat /var/log/nginx/*.log /var/log/letsencrypt/*; ps -ww -eo args")
    assert "PRIVATE KEY" not in told


@pytest.mark.parametrize("host_name", WEB)
def test_nothing_that_stood_in_is_left(host_name):
    assert shell(host_name, f"ls -d {STATE}/*/stand-in 2>/dev/null || true") == ""


def test_status_shows_each_certificate_once():
    for found in status().values():
        assert {entry["path"]: (entry["level"], entry["renewal"]) for entry in found} == {
            f"{STATE}/fern/serving/fullchain.pem": ("ok", "ok"),
            f"{STATE}/moss/serving/fullchain.pem": ("ok", "ok"),
            "/etc/nginx/tls/applications/reed/certificate.pem": ("ok", None),
        }


def test_a_second_run_asks_nobody_and_changes_nothing():
    """Whoever runs the directory counts: what is there is not asked for again."""
    asked = "journalctl --no-pager -u pebble | grep -c 'HEAD\\|POST\\|GET' || true"
    before = shell(ACME, asked)
    again = run("site")
    assert again.returncode == 0, again.stdout[-3000:]
    assert changed(again.stdout) == []
    assert shell(ACME, asked) == before


def test_check_mode_changes_nothing():
    looked = run("site", "--check", "--diff")
    assert looked.returncode == 0, looked.stdout[-3000:]
    assert changed(looked.stdout) == []
    assert "PRIVATE KEY" not in looked.stdout
