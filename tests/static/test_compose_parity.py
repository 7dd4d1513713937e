"""The comparison of two stacks itself: what it reads out of nginx's configuration, and what it lets pass."""

import subprocess
import sys

import pytest
import yaml
from conftest import ROOT, load

sys.path.append(str(ROOT / "tests/compose"))

import nginx_conf
from parity import ABSENT, compare, load_reasons, reason_for, table, unused_reasons

NGINX = r"""# configuration file /etc/nginx/nginx.conf:
user www-data; # a comment; with a semicolon
http {
    include mime.types;
    log_format traced '$remote_addr {x}; '
                      '"$request"';
    include sites/*.con[f];
}

# configuration file /etc/nginx/mime.types:
types { text/html html; }

# configuration file /etc/nginx/sites/a.conf:
server {
    listen 443 ssl default_server;
    location ~ /\.(?!well-known/) { return 404; }
    location / {
        proxy_set_header Host "$http_host";
        proxy_set_header X-Real-IP $remote_addr;
    }
}
"""


def test_every_directive_is_found_under_its_block():
    server = "server https default / "
    assert nginx_conf.settings(NGINX) == {
        "user": "www-data",
        "log_format": 'traced $remote_addr {x};  "$request"',
        server + "listen": "443 ssl default_server",
        server + r"location ~ /\.(?!well-known/) / return": "404",
        server + "location / / proxy_set_header Host": "Host $http_host",
        server + "location / / proxy_set_header X-Real-IP": "X-Real-IP $remote_addr",
    }


LAB = {"redis": {"port": "6381", "maxmemory": "64mb", "save": '""'}, "postgres": {"ssl": "on"}}
COMPOSE = {"redis": {"port": "6379", "maxmemory": "64mb"}}


def test_a_difference_needs_a_reason_and_a_missing_setting_is_one():
    rows = {row.setting: row for row in compare(LAB, COMPOSE, {"redis": {"port": "its own address"}})}
    assert rows.keys() == {"port", "maxmemory", "save"}
    assert rows["maxmemory"].equal
    assert rows["port"].explained
    assert (rows["save"].compose, rows["save"].explained) == (ABSENT, False)
    assert '| redis | save | "" | – | **unexplained** |' in table(list(rows.values()))


def test_a_reason_that_explains_nothing_is_named():
    reasons = {"redis": {"port": "its own address", "maxmem*": "no longer"}, "postgres": {"ssl": "not compared"}}
    assert unused_reasons(compare(LAB, COMPOSE, reasons), reasons) == ["redis: maxmem*"]


def test_brackets_of_a_setting_are_no_pattern():
    assert reason_for("nginx", "map a[b]", {"nginx": {"map a[b]": "so"}}) == "so"
    assert reason_for("nginx", "map ab", {"nginx": {"map a[b]": "so"}}) == ""


def test_every_reason_is_a_sentence():
    reasons = [reason for patterns in load_reasons().values() for reason in patterns.values()]
    assert all(len(reason.split()) >= 2 for reason in reasons)


@pytest.mark.parametrize(
    ("copy", "original"),
    [
        ("nginx/pages/_unavailable.html", "nginx/files/unavailable.html"),
        ("nginx/snippets/security-headers.conf", "nginx/templates/security-headers.conf.j2"),
        ("postgres/pg_ident.conf", "postgres/files/pg_ident.conf"),
    ],
)
def test_files_that_an_image_has_from_a_role_are_still_the_same(copy, original):
    """An image cannot be built from what lies outside its context, so these are there twice."""
    assert (ROOT / "compose/production" / copy).read_bytes() == (ROOT / "roles" / original).read_bytes()


@pytest.mark.parametrize("use", ["cache", "results", "locks"])
def test_redis_rules_are_the_role_s(use):
    rules = load(ROOT / "roles/redis/vars/main/rules.yml")["__redis_rules"]
    expected = " ".join(rules[use].split()) + (" +flushdb" if use == "cache" else "")
    assert _shell_variable("redis", use) == expected
    assert _shell_variable("redis", "common") == rules["all"]


def _shell_variable(service: str, name: str) -> str:
    """Return what a start script assigns to a read-only variable."""
    text = (ROOT / f"compose/production/{service}/start").read_text()
    start = text.index(f"readonly {name}=")
    script = text[start : text.index("\n\n", start)]
    return subprocess.run(
        ["bash", "-c", f'{script}\nprintf %s "${name}"'], check=True, capture_output=True, text=True, timeout=10
    ).stdout


def test_services_are_hardened_and_publish_nothing():
    for name, service in yaml.safe_load((ROOT / "compose/services.yml").read_text())["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service["user"].startswith(("0", "root")), name
        assert "ports" not in service, name
        assert "healthcheck" in service, name
