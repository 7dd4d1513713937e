"""Reads what members of clusters are configured with, like template_checks. Each check raises AssertionError."""

from __future__ import annotations

import re
from typing import Any

import template_checks
import yaml

Variables = dict[str, Any]


def patroni(text: str, variables: Variables) -> None:
    """Values come back as they were given; whoever connects over the network needs a password; etcd is on this host."""
    told = yaml.safe_load(text)
    own = told["postgresql"]
    given = variables.get("postgres_settings", {})
    assert {name: own["parameters"][name] for name in given} == {name: str(value) for name, value in given.items()}
    # Those that Patroni decides itself, or wants alike on all members.
    assert not {"port", "listen_addresses", "max_connections"} & own["parameters"].keys()
    assert told["bootstrap"]["dcs"]["postgresql"]["parameters"] == {"max_connections": 100}
    template_checks.pg_hba("\n".join(own["pg_hba"]), variables)
    members = {member["address"] for member in variables["postgres_cluster"]}
    followers = [line.split() for line in own["pg_hba"] if line.split()[1] == "replication"]
    assert {fields[3].removesuffix("/32") for fields in followers} == members | {"127.0.0.1"}
    tls = bool(variables.get("postgres_tls"))
    assert {fields[0] for fields in followers} == {"hostssl" if tls else "host"}
    logins = [own["authentication"][name].get("sslmode") for name in ("replication", "rewind")]
    assert logins == (["verify-full"] * 2 if tls else [None] * 2)
    assert told["etcd3"].get("protocol") == ("https" if tls else None)
    assert told["restapi"].get("verify_client") == ("optional" if tls else None)
    assert told["etcd3"]["hosts"] == "127.0.0.1:2379"
    assert own["pg_ident"] == ["root postgres postgres", "root root postgres"]


def etcd(text: str, variables: Variables) -> None:
    """Clients are served on this host alone, members on an address of it; each variable stands once.

    By TLS both sides have to show a certificate.
    """
    told = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert text.count("ETCD_") == len(told)
    scheme = "https" if variables.get("etcd_tls") else "http"
    assert told["ETCD_LISTEN_CLIENT_URLS"] == f"{scheme}://127.0.0.1:2379"
    shown = [told.get(f"ETCD{peer}_CLIENT_CERT_AUTH") for peer in ("", "_PEER")]
    assert shown == (["true"] * 2 if scheme == "https" else [None] * 2)
    members = {member["name"]: f"{scheme}://{member['address']}:2380" for member in variables["etcd_cluster"]}
    assert dict(entry.split("=") for entry in told["ETCD_INITIAL_CLUSTER"].split(",")) == members
    assert told["ETCD_LISTEN_PEER_URLS"] == members[told["ETCD_NAME"]]


def redis_sentinel(text: str, variables: Variables) -> None:
    """Nobody but other Sentinels gets in, and whom it watches is not written down."""
    lines = text.splitlines()
    assert "user default off -@all" in lines
    assert "bind 127.0.0.1 192.0.2.1" in lines
    assert not any(line.startswith("sentinel monitor") for line in lines)
    plain = [line for line in lines if line.startswith("port ")]
    assert plain == ["port 0" if variables.get("redis_tls") else "port 26379"]


def haproxy(text: str, variables: Variables) -> None:
    """Each service has a section, on the address of programs alone, and all its members, each looked at by its kind.

    Who is reached by TLS has to show a certificate for its name.
    """
    sections = re.split(r"(?m)^listen ", text)[1:]
    services = variables["haproxy_services"]
    assert [section.split()[0] for section in sections] == [service["name"] for service in services]
    for section, service in zip(sections, services, strict=True):
        assert re.findall(r"bind (\S+)", section) == [f"127.0.0.2:{service['port']}"]
        servers = re.findall(r"(?m)^    server (\S+) (\S+)(.*)$", section)
        assert [name for name, *_ in servers] == [server["name"] for server in service["servers"]]
        assert [" backup" in options for *_, options in servers] == [
            service["check"] == "rabbitmq" and number > 0 for number in range(len(servers))
        ]
        assert {" no-check" in options for *_, options in servers} == {service["check"] == "none"}
        for name, _, options in servers:
            known = re.search(r" (check-)?ssl verify required ca-file /tls/ca.pem verifyhost (\S+)$", options)
            assert bool(known) is service.get("tls", False)
            assert not known or (bool(known[1]), known[2]) == (service["check"] == "postgres", name)
        assert ("AUTH " in section) is (service["check"] == "redis")
