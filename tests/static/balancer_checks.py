"""Reads what balancers are configured with, like template_checks. Each check raises AssertionError."""

from __future__ import annotations

import re
from typing import Any

Variables = dict[str, Any]


def sections(text: str) -> dict[str, list[str]]:
    """Return the lines of each section of HAProxy's file, by its heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in text.splitlines():
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if line == bare:
            heading = bare
            found[heading] = []
        else:
            found[heading].append(bare)
    return found


def common(text: str, variables: Variables) -> None:
    """A request that was sent is not sent again here, and connections to web hosts are not kept."""
    told = sections(text)
    assert set(told) == {"global", "defaults"}
    assert "option http-server-close" in told["defaults"]
    assert not any(line.startswith("retry-on") for line in told["defaults"])
    assert "ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets" in told["global"]


def sites(text: str, variables: Variables) -> None:
    """What clients say of themselves is replaced, unknown names lead nowhere, and challenges are shown where told."""
    told = sections(text)
    inside = told["frontend sites"]
    assert inside.index("http-request set-header X-Forwarded-For %[src]") < inside.index("use_backend %[var(txn.site)]")
    assert any(line.startswith("http-request return status 421 unless") for line in inside)
    assert any("strict-sni" in line and "alpn h2,http/1.1" in line for line in told["frontend tls"])
    assert any(line.startswith("http-request set-src") for line in inside) is bool(
        variables.get("balancer_trusted_proxies")
    )
    assert ("backend challenges-of-all" in told) is variables.get("balancer_challenges", False)
    redirects = [line for line in told["frontend plain"] if line.startswith("http-request redirect")]
    assert len(redirects) == 1
    assert (":8443%[capture.req.uri]" in redirects[0]) is (variables.get("balancer_public_https_port") == 8443)


def application(text: str, variables: Variables) -> None:
    """Each web host is looked at and known by its certificate; only what changes nothing is sent again."""
    app = variables["balancer_application"]
    [lines] = sections(text).values()
    assert "http-request disable-l7-retry unless METH_GET" in lines
    assert f"timeout server {app.get('timeout', 70)}s" in lines
    hosts = [host["name"] for host in variables["balancer_web"]]
    servers = [line.split() for line in lines if line.startswith("server ")]
    assert [words[1] for words in servers if "check" in words] == hosts
    assert [words[1] for words in servers if "backup" in words] == [f"{host}-anyway" for host in hosts]
    assert all(f"str({words[1].removesuffix('-anyway')})" in words for words in servers)
    assert any("verify required" in line for line in lines if line.startswith("default-server"))
    [asked] = [line for line in lines if line.startswith("http-check send")]
    assert "*" not in asked
    assert f"uri {app['health_path']} " in asked


def keepalived(text: str, variables: Variables) -> None:
    """The address has its network's prefix; balancers talk to each other alone."""
    assert re.search(rf"(?m)^ +{re.escape(variables['balancer_address'])}/24 dev eth1$", text)
    assert re.findall(r"(?m)^ +nopreempt$", text)
    assert text.count("{") == text.count("}")
    peers = variables.get("balancer_peers", [])
    assert ("unicast_peer" in text) is bool(peers)
    assert all(re.search(rf"(?m)^ +{re.escape(peer)}$", text) for peer in peers)


def serves(text: str, variables: Variables) -> None:
    assert text.startswith("#!/bin/bash\n")
    assert "/dev/tcp/127.0.0.1/8404 " in text
