"""What connects to what, group by group."""

from __future__ import annotations

from typing import Any, NamedTuple

#: No group of the inventory: whoever uses the sites, and whoever runs playbooks.
OUTSIDE = ("browsers", "operators")
#: Groups whose hosts run processes of applications.
PROGRAMS = ("web", "worker", "beat", "flower")
SERVICES = ("postgres", "rabbitmq", "redis")


class Flow(NamedTuple):
    """Connections from the hosts of a group, or from outside, to TCP ports on the hosts of another.

    VRRP, by which balancers tell who has the address, has no ports.
    """

    source: str
    target: str
    ports: tuple[int, ...]
    what: str
    protocol: str = "tcp"


def flows(groups: dict[str, list[str]], ports: dict[str, Any]) -> list[Flow]:
    """Return the connections of an environment, in the order in which a request goes; none to a group without hosts.

    `groups`: name to hosts. `ports`: http, https, ssh, challenges (of certificates, among hosts that browsers reach),
    postgres, rabbitmq, management (RabbitMQ's pages), patroni, sentinel, and lists of balancer (where browsers reach
    one), etcd, distribution (RabbitMQ's among its nodes) and redis; what nothing uses is 0 or empty. `ports.address` is
    the one that balancers share. Members of a cluster talk to each other only where there are several.
    """
    found = [Flow("operators", "all", _ports(ports["ssh"]), "ssh"), *_sites(groups, ports)]
    for source in PROGRAMS:
        found += [Flow(source, service, _ports(ports[service]), "programs") for service in SERVICES]
    found.append(Flow("web", "rabbitmq", _ports(ports["management"]), "RabbitMQ's pages"))
    clustered = [service for service in SERVICES if len(groups.get(service) or []) > 1]
    found += [flow for service in clustered for flow in _members(service, ports)]
    found = [flow for flow in found if flow.ports or flow.protocol == "vrrp"]
    return [flow for flow in found if all(_is_there(end, groups) for end in (flow.source, flow.target))]


def _sites(groups: dict[str, list[str]], ports: dict[str, Any]) -> list[Flow]:
    """Return how browsers reach the sites: by the web hosts themselves, or by balancers."""
    if not groups.get("balancer"):
        found = [Flow("browsers", "web", _ports(ports["https"], ports["http"]), "sites")]
        return [*found, Flow("web", "web", _ports(ports["challenges"]), "certificates")]
    found = [
        Flow("browsers", "balancer", _ports(ports["balancer"]), "sites"),
        Flow("balancer", "web", _ports(ports["https"]), "sites"),
        Flow("balancer", "balancer", _ports(ports["challenges"]), "certificates"),
    ]
    shared = [Flow("balancer", "balancer", (), ports["address"], "vrrp")] if ports["address"] else []
    return found + shared


def _members(service: str, ports: dict[str, Any]) -> list[Flow]:
    between = {
        "postgres": (ports["postgres"], ports["patroni"], ports["etcd"]),
        "rabbitmq": (ports["distribution"],),
        "redis": (ports["redis"], ports["sentinel"]),
    }
    found = [Flow(service, service, _ports(*between[service]), "members")]
    if service == "postgres":
        # HAProxy beside the programs asks each member whether it leads.
        found += [Flow(source, service, _ports(ports["patroni"]), "who leads") for source in PROGRAMS]
    return found


def _ports(*given: int | list[int]) -> tuple[int, ...]:
    found = [port for entry in given for port in (entry if isinstance(entry, (list, tuple)) else [entry]) if port]
    return tuple(dict.fromkeys(found))


def _is_there(end: str, groups: dict[str, list[str]]) -> bool:
    return end in OUTSIDE or end == "all" or bool(groups.get(end))
