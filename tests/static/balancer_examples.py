"""Examples for the templates of the role `balancer`, as in template_examples: check, given, hostile."""

from __future__ import annotations

import balancer_checks
import template_checks as check

BALANCED = {
    "balancer_web": [
        {"name": name, "address": f"192.0.2.{number}", "port": 443, "certificate": ""}
        for number, name in enumerate(("web-1", "web-2"), 11)
    ],
    "balancer_application": {"name": "garden", "domains": ["garden.test"], "health_path": "/readyz"},
}
SHARED = {
    "balancer_address": "192.0.2.10",
    "balancer_own_address": "192.0.2.41",
    "__balancer_link": {"dev": "eth1", "prefix": 24, "fault": ""},
}
EXAMPLES = {
    "balancer/application.cfg.j2": (
        balancer_checks.application,
        BALANCED,
        {"balancer_application": BALANCED["balancer_application"] | {"domains": ["*.garden.test"], "timeout": 3600}},
    ),
    "balancer/challenges.service.j2": (check.systemd,),
    "balancer/common.cfg.j2": (balancer_checks.common,),
    "balancer/keepalived.conf.j2": (
        balancer_checks.keepalived,
        SHARED,
        {"balancer_peers": ["192.0.2.42"], "balancer_advert_seconds": 1},
    ),
    "balancer/logrotate.j2": (check.logrotate, {}, {"balancer_log": {"size_mb": 5, "files": 2, "days": 3}}),
    "balancer/serves.j2": (balancer_checks.serves,),
    "balancer/sites.cfg.j2": (
        balancer_checks.sites,
        {},
        {"balancer_public_https_port": 8443, "balancer_challenges": True, "balancer_peers": ["192.0.2.42"]}
        | {"balancer_trusted_proxies": ["198.51.100.0/24"]},
    ),
}
