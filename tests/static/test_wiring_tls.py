"""How programs reach services: by TLS on other hosts, plainly where all is on one."""

from __future__ import annotations

from typing import Any

from test_wiring import ALONE, CLUSTERED, GROUPS, SERVICES, _plugins, application, packages, wired

__all__ = ["_plugins"]


def balanced(**given: Any) -> dict[tuple[str, int], dict[str, Any]]:
    found = wired("__wired_balanced", **given, __wired_applications=[application()])
    return {(service["name"], service["port"]): service for service in found}


def test_programs_reach_clusters_through_their_own_host():
    for service in SERVICES:
        assert wired(f"__wired_{service}_host", **CLUSTERED) == "127.0.0.2"
    found = balanced(**CLUSTERED)
    assert found.keys() == {
        ("rabbitmq", 5672), ("rabbitmq-management", 15672), ("postgres", 5432),
        ("garden-cache", 6380), ("garden-state", 6381),
    }  # fmt: skip
    assert all(service["tls"] and len(service["servers"]) == 3 for service in found.values())
    assert {server["port"] for server in found["rabbitmq", 5672]["servers"]} == {5671}


def test_programs_reach_a_service_on_another_host_by_tls():
    """RabbitMQ and Redis through HAProxy, PostgreSQL by themselves: then they are told whom to take for it."""
    elsewhere = CLUSTERED | {"groups": GROUPS}
    hosts = {service: wired(f"__wired_{service}_host", **elsewhere) for service in SERVICES}
    assert hosts == {"postgres": "192.0.2.1", "rabbitmq": "127.0.0.2", "redis": "127.0.0.2"}
    found = balanced(**elsewhere)
    assert found.keys() == {
        ("rabbitmq", 5672), ("rabbitmq-management", 15672), ("garden-cache", 6380), ("garden-state", 6381),
    }  # fmt: skip
    assert {(service["check"], service["tls"]) for service in found.values()} == {("none", True)}
    for given in (elsewhere, CLUSTERED):
        url = wired("__wired_possible_urls", **given, app=application())["DATABASE_URL"]
        assert url.endswith("?sslmode=verify-full&sslrootcert=/etc/cloche/tls/ca.pem")


def test_where_all_is_on_one_host_there_is_no_tls_and_nothing_between():
    given = CLUSTERED | {"groups": ALONE, "inventory_hostname": "h1", "group_names": list(ALONE), "app": application()}
    assert {wired(f"__wired_{service}_host", **given) for service in SERVICES} == {"127.0.0.1"}
    assert wired("__wired_balanced", **given, __wired_applications=[application()]) == []
    roles = (f"__wired_{role}_tls" for role in (*SERVICES, "etcd"))
    names = (*roles, "__wired_tls_packages", "__wired_tls_anywhere", "__wired_tls_certificates")
    assert not any(wired(name, **given) for name in names)
    assert "?" not in str(wired("__wired_possible_urls", **given))


def test_a_host_has_a_certificate_where_its_service_is_used_from_elsewhere():
    given = CLUSTERED | {"inventory_hostname": "d1", "inventory_hostname_short": "d1", "address": "192.0.2.1"}
    data = wired("__wired_pki", **given, group_names=["postgres", "rabbitmq"])
    assert data["owners"] == ["postgres", "etcd", "rabbitmq"]
    assert (data["names"], data["addresses"]) == (["d1", "localhost"], ["192.0.2.1", "127.0.0.1", "127.0.0.2"])
    assert data["reload"] == [
        ["systemctl", "try-reload-or-restart", "patroni.service"],
        ["sh", "-c", "! systemctl -q is-active rabbitmq-server || rabbitmqctl -q eval 'ssl:clear_pem_cache().'"],
    ]
    # Programs' hosts know the authority and have no key at all.
    programs = wired("__wired_pki", **given, group_names=["worker"])
    assert (programs["owners"], programs["key"]) == ([], "") and programs["certificate"] == data["certificate"]
    assert set(wired("__wired_tls_packages", **given, group_names=["redis"])) == packages("pki")
