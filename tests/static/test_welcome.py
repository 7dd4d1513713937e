"""What `make up` says at its end can be opened and pasted, whatever the applications are called."""

from __future__ import annotations

from conftest import plugin

welcome = plugin("filter/welcome").welcome
GARDEN = {"name": "garden", "domains": ["garden.test", "localhost"], "flower": {}, "health_path": "/readyz"}
SHOP = {"name": "shop", "domains": ["*.shop.test", "shop.test"], "flower": None, "health_path": "/health/"}
PLAIN = {"name": "plain", "domains": [], "flower": None, "health_path": "/"}


def said(*apps: dict, host: str = "localhost", port: int = 8443) -> list[str]:
    return welcome([*apps], "lab", host, port, ".lab/ca.crt", ["/rabbitmq/"]).splitlines()


def test_a_site_that_is_reached_under_the_hosts_own_name_is_shown_there():
    lines = said(GARDEN, PLAIN)
    assert [line.split()[-1] for line in lines if "https" in line and "curl" not in line] == [
        "https://localhost:8443/", "https://localhost:8443/flower/", "https://localhost:8443/rabbitmq/"
    ]  # fmt: skip
    assert lines[-1] == "  curl --cacert .lab/ca.crt https://localhost:8443/readyz"


def test_another_name_is_asked_where_the_environment_is():
    lines = said(SHOP)
    there = "--connect-to shop.test:8443:localhost:8443"
    assert f"  curl --cacert .lab/ca.crt {there} https://shop.test:8443/health/" in lines
    assert lines[-1] == "Browsers find shop.test once this machine's /etc/hosts leads there to localhost."
    assert not any("flower" in line for line in lines)


def test_the_usual_port_is_not_written():
    assert "  curl --cacert .lab/ca.crt https://shop.test/health/" in said(SHOP, host="shop.test", port=443)
