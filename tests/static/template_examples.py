"""One example for each template of the roles. A template without one fails test_templates.py: add it here.

`given` are the variables that the role does not default; `hostile` replaces some of them by what people really enter.
HOSTILE stands for a secret with every character that ever broke a file format.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cluster_checks
import template_checks as check

HOSTILE = "p% $#'\"\\:@/ ü{{ x }}%(here)s;`id`$(id)~"
APP = {
    "name": "garden", "manage": "manage.py", "wsgi": "config.wsgi:application", "asgi": None, "packages": [],
    "web": {"workers": 3, "timeout": 60, "graceful_timeout": 30, "worker_class": None, "threads": 1, "preload": None},
    "celery_environment": {},
}  # fmt: skip
RELEASE = {"id": "20260101000000-1a2b3c4", "path": "/srv/garden/releases/20260101000000-1a2b3c4", "venv": "abc"}
SITE = {"name": "garden", "domains": ["garden.test"], "socket": "/srv/garden/web.sock"}
MEMBER = {"name": "data-1", "address": "192.0.2.31", "port": 5672}
MEMBERS = [{"name": name, "address": f"192.0.2.{number}"} for number, name in enumerate(("lab", "two", "three"), 1)]
PATRONI = {
    "postgres_cluster": MEMBERS,
    "postgres_cluster_passwords": {name: f"{name}0123456789" for name in ("replication", "rewind", "patroni")},
}
SERVICE = {"name": "rabbitmq", "port": 5672, "check": "rabbitmq", "servers": [MEMBER, MEMBER | {"name": "data-2"}]}
TLS = {"cert": "/tls/host.pem", "key": "/tls/own.key", "ca": "/tls/ca.pem"}
LOGIN = {"user": "monitor", "password": "0" * 16}
PANEL = {"url": "/flower/", "socket": "/run/garden/flower.sock"}


@dataclass(frozen=True)
class Example:
    """Variables and the check of what comes out: check(text, variables)."""

    check: Callable[[str, dict[str, Any]], None]
    given: dict[str, Any] = field(default_factory=dict)
    hostile: dict[str, Any] = field(default_factory=dict)


def _application(secrets: dict[str, str]) -> dict[str, Any]:
    return {"app_application": {"name": "garden", "packages": [], "secret_environment": secrets}}


EXAMPLES = {
    "app/secrets.env.j2": Example(
        check.environment_of("app_application", "secret_environment"),
        _application({"SECRET_KEY": "plain"}),
        _application({"SECRET_KEY": HOSTILE, "DIGITS": "007", "EMPTY": "", "SPACES": "  a  "}),
    ),
    "app/sysusers.conf.j2": Example(check.sysusers, _application({})),
    "app/tmpfiles.conf.j2": Example(check.tmpfiles, _application({})),
    "certificates/certbot.ini.j2": Example(
        check.certbot_ini,
        {},
        {
            "certificates_email": "ops+acme@garden.test",
            "certificates_terms_agreed": True,
            "certificates_eab": {"kid": "kid-1", "hmac_key": "zWND_aa-9"},
        },
    ),
    "django/gunicorn.conf.py.j2": Example(
        check.python_source,
        {"app": APP, "release": RELEASE},
        {"app": APP | {"wsgi": None, "asgi": "config.asgi:application"}},
    ),
    "firewall/nftables.conf.j2": Example(
        check.nftables,
        {"firewall_doors": [{"what": "programs of web", "ports": [5432], "sources": ["192.0.2.11", "2001:db8::/48"]}]},
        {"firewall_further": [{"what": HOSTILE, "ports": [1, 2]}], "firewall_ssh_sources": ["192.0.2.0/24"]},
    ),
    "etcd/etcd.env.j2": Example(cluster_checks.etcd, {"etcd_cluster": MEMBERS}, {"etcd_tls": TLS}),
    "haproxy/haproxy.cfg.j2": Example(
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
    "nginx/application-files.conf.j2": Example(check.nginx, {}, {"nginx_hsts_seconds": 0}),
    "nginx/application.conf.j2": Example(check.nginx, {"site": SITE, "timeout": 65}),
    "nginx/assets.conf.j2": Example(
        check.nginx,
        {"site": SITE},
        {"site": SITE | {"static": [{"url": "/static/", "paths": ["/srv/a/", "/srv/b"]}]}},
    ),
    "nginx/challenge-peers.conf.j2": Example(check.nginx, {}, {"nginx_challenge_peers": ["192.0.2.7:80", "[::1]:80"]}),
    "nginx/challenge.conf.j2": Example(check.nginx, {}, {"nginx_challenge_peers": ["192.0.2.7:80"]}),
    "nginx/drain-clients.conf.j2": Example(
        check.nginx,
        {"nginx_drain": {"name": "garden", "state": "out", "health_path": "/readyz"}},
        {
            "nginx_drain": {"name": "garden", "state": "out", "health_path": "/ready.z?{}"},
            "nginx_trusted_proxies": ["10.0.0.0/8", "2001:db8::/48"],
        },
    ),
    "nginx/drain.conf.j2": Example(check.nginx, {"nginx_drain": {"name": "garden", "state": "out"}}),
    "nginx/location.conf.j2": Example(
        check.nginx,
        {"site": SITE | {"files_root": "/srv/garden/shared/"}, "location": {"path": "/ws/", "buffering": False}},
        {"location": {"path": "/media", "files": "media", "internal": True, "expires": "30d"}},
    ),
    "nginx/maintenance-clients.conf.j2": Example(
        check.nginx,
        {"nginx_maintenance": {"name": "garden", "state": "on"}},
        {
            "nginx_maintenance": {"name": "garden", "state": "on", "health_path": "/ready.z?{}"}
            | {"allow": ["192.0.2.7", "10.0.0.0/8", "2001:db8::/48"]}
        },
    ),
    "nginx/maintenance.conf.j2": Example(check.nginx, {"nginx_maintenance": {"name": "garden", "state": "on"}}),
    "nginx/logrotate.j2": Example(check.logrotate, {}, {"nginx_log": {"size_mb": 5, "files": 2, "days": 3}}),
    "nginx/nginx.conf.j2": Example(
        check.nginx,
        {},
        {
            "nginx_trusted_proxies": ["10.0.0.0/8"],
            "nginx_settings": {"gzip": False, "map_hash_max_size": 64},
            "nginx_hsts_seconds": 0,
        },
    ),
    "nginx/operators.conf.j2": Example(
        check.nginx,
        {"nginx_operators": [{"name": "ada", "password": "plain"}]},
        {
            "nginx_operators": [{"name": "ada", "password": HOSTILE}],
            "nginx_second_operators": [{"name": "ada", "password": HOSTILE + "?>~"}],
        },
    ),
    "nginx/second-operators.htpasswd.j2": Example(
        check.second_htpasswd,
        {"nginx_operators": [{"name": "ada", "password": "plain"}]},
        {"nginx_second_operators": [{"name": "ada", "password": HOSTILE}]},
    ),
    "nginx/operators.htpasswd.j2": Example(
        check.htpasswd, {}, {"nginx_operators": [{"name": "ada", "password": HOSTILE}]}
    ),
    "nginx/panel.conf.j2": Example(check.nginx, {"panel": PANEL}, {"panel": PANEL | {"pass_authorization": True}}),
    "nginx/panels.conf.j2": Example(
        check.nginx, {}, {"nginx_panels": [PANEL, {"url": "/r/", "upstream": "http://127.0.0.1:1"}]}
    ),
    "nginx/proxy.conf.j2": Example(check.nginx, {}, {"nginx_public_https_port": 8443}),
    "nginx/refuse-unknown-hosts.conf.j2": Example(check.nginx, {}, {"nginx_listen_addresses": ["[::1]"]}),
    "nginx/security-headers.conf.j2": Example(check.nginx),
    "nginx/site.conf.j2": Example(
        check.nginx,
        {"nginx_application": SITE},
        {
            "nginx_application": SITE
            | {"domains": ["a.test", "*.b.test"], "body_limit": "1g", "timeout": 5, "panels": [PANEL]}
            | {"static": [{"url": "/s/", "paths": ["/srv/a"]}]}
            | {"location_blocks": ["location = /x {\n    return 204;\n}"]}
            | {"locations": [{"path": "/a", "body_limit": "1g"}, {"path": "/b/", "files": "b"}], "files_root": "/srv"},
        },
    ),
    "postgres/10-cloche.conf.j2": Example(
        check.postgres,
        {},
        {"postgres_settings": {"search_path": HOSTILE, "log_line_prefix": "it's \\ %m", "work_mem": "4MB"}}
        | {"postgres_tls": TLS},
    ),
    "postgres/logrotate.j2": Example(check.logrotate, {}, {"postgres_log": {"size_mb": 5, "files": 2, "days": 3}}),
    "postgres/patroni.yml.j2": Example(
        cluster_checks.patroni,
        PATRONI,
        PATRONI
        | {"postgres_settings": {"search_path": HOSTILE, "log_line_prefix": "it's \\ %m", "work_mem": "4MB"}}
        | {"postgres_tls": TLS},
    ),
    "postgres/pg_hba.conf.j2": Example(
        check.pg_hba,
        {},
        {"postgres_allowed_networks": ["127.0.0.1/32", "::1/128", "10.0.0.0/8", "fd00::/8"], "postgres_tls": TLS},
    ),
    "rabbitmq/enabled_plugins.j2": Example(
        check.erlang, {}, {"rabbitmq_plugins": ["rabbitmq_shovel", "rabbitmq_management"]}
    ),
    "rabbitmq/epmd.socket.conf.j2": Example(check.systemd, {}, {"rabbitmq_distribution_address": "10.0.0.1"}),
    "rabbitmq/inetrc.j2": Example(
        check.erlang, {}, {"rabbitmq_node_addresses": {"one": "10.0.0.1", "two": "10.0.0.2"}}
    ),
    "rabbitmq/rabbitmq-env.conf.j2": Example(
        lambda text, variables: check.environment_of("expected")(text, {"expected": {"CTL_ERL_ARGS": "+S 1:1"}}),
        {},
        {"rabbitmq_erl_args": "+S 1:1 +A 8"},
    ),
    "rabbitmq/inter_node_tls.config.j2": Example(check.erlang, {"rabbitmq_tls": TLS}),
    "rabbitmq/rabbitmq-server.service.conf.j2": Example(check.systemd),
    "rabbitmq/rabbitmq.conf.j2": Example(
        check.key_value,
        {},
        {
            "rabbitmq_settings": {"heartbeat": 20, "loopback_users.guest": True},
            "rabbitmq_listen_addresses": ["::1", "10.0.0.1"],
        }
        | {"rabbitmq_cluster": MEMBERS, "rabbitmq_tls": TLS, "rabbitmq_management_address": "10.0.0.1"},
    ),
    "redis/instance.conf.j2": Example(
        check.redis,
        {
            "redis_instance": {"name": "state", "port": 6381, "memory_mb": 64, "uses": ["results", "locks"]},
            "redis_application": {"name": "garden"},
        },
        {
            "redis_instance": {"name": "cache", "port": 6380, "memory_mb": 64, "uses": ["cache"]},
            "redis_application": {"name": "garden"},
            "redis_settings": {"maxmemory-samples": 10},
            "redis_tls": TLS,
        },
    ),
    "redis/sentinel.base.j2": Example(
        cluster_checks.redis_sentinel,
        {
            "redis_cluster": [{"name": "lab", "address": "192.0.2.1"}],
            "redis_cluster_passwords": {"sentinel": "0" * 20},
        },
        {"redis_tls": TLS},
    ),
    "redis/logrotate.j2": Example(check.logrotate, {}, {"redis_log": {"size_mb": 5, "files": 2, "days": 3}}),
    "release/environment.j2": Example(
        check.environment_of("release_environment"),
        {"app": APP, "release": RELEASE, "release_environment": {"DJANGO_SETTINGS_MODULE": "config.settings"}},
        {"release_environment": {"GREETING": HOSTILE, "WEB_CONCURRENCY": 3, "ALLOWED_HOSTS": "a.test,b.test"}},
    ),
    "release/environment.celery.j2": Example(
        check.environment_of("celery_environment"),
        {"app": APP, "celery_environment": {}},
        {"app": APP | {"celery_environment": {"GREETING": HOSTILE}}, "celery_environment": {"GREETING": HOSTILE}},
    ),
    "release/run.j2": Example(
        check.shell_script,
        {"app": APP, "release": RELEASE},
        {"app": APP | {"manage": None, "celery_environment": {"GREETING": HOSTILE}}},
    ),
    "supervisor/cloche.conf.j2": Example(check.systemd),
    "supervisor/supervisord.conf.j2": Example(check.supervisor),
}
