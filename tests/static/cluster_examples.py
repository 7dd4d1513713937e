"""Examples for the templates of clusters, as in template_examples: check, given, hostile."""

from __future__ import annotations

import cluster_checks
from template_checks import HOSTILE

MEMBER = {"name": "data-1", "address": "192.0.2.31", "port": 5672}
MEMBERS = [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(("lab", "two", "three"), 1)]
PATRONI = {
    "postgres_cluster": MEMBERS,
    "postgres_cluster_passwords": {name: f"{name}0123456789" for name in ("replication", "rewind", "patroni")},
}
SERVICE = {"name": "rabbitmq", "port": 5672, "check": "rabbitmq", "servers": [MEMBER, MEMBER | {"name": "data-2"}]}
TLS = {"cert": "/tls/host.pem", "key": "/tls/own.key", "ca": "/tls/ca.pem"}
LOGIN = {"user": "monitor", "password": "0" * 16}
EXAMPLES = {
    "etcd/etcd.env.j2": (cluster_checks.etcd, {"etcd_cluster": MEMBERS}, {"etcd_tls": TLS}),
    "haproxy/haproxy.cfg.j2": (
        cluster_checks.haproxy,
        {"haproxy_services": [SERVICE]},
        {
            "haproxy_tls_ca": TLS["ca"],
            "haproxy_services": [
                SERVICE | {"tls": True},
                SERVICE | {"name": "pages", "port": 15672, "check": "connect", "tls": True},
                SERVICE | {"name": "state", "port": 6381, "check": "redis", "login": LOGIN, "tls": True},
                SERVICE | {"name": "cache", "port": 6380, "check": "none", "servers": [MEMBER]},
                {"name": "postgres", "port": 5432, "check": "postgres", "servers": [MEMBER | {"check_port": 8008}]}
                | {"tls": True},
            ],
        },
    ),
    "postgres/patroni.yml.j2": (
        cluster_checks.patroni,
        PATRONI,
        PATRONI
        | {
            "postgres_settings": {
                "search_path": HOSTILE,
                "log_line_prefix": "it's \\ %m",
                "work_mem": "4MB",
            }
        }
        | {"postgres_tls": TLS},
    ),
}
