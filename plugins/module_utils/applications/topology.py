"""How many hosts a service may have, and what several of them need."""

from __future__ import annotations

from typing import Any

from .problems import Problem, problem

#: Group to what decides there who is lost and who goes on.
CLUSTERED = {"postgres": "etcd", "rabbitmq": "RabbitMQ", "redis": "Sentinel"}
_MINIMUM_SECRET = 32


def topology_problems(facts: dict[str, Any]) -> list[Problem]:
    """Return what stands against the services' numbers of hosts.

    `facts`: groups (name -> hosts), and of the environment as `cluster`: secret, unaddressed (hosts without `address`)
    and backup (the kind of its target), and between: the services that programs on other hosts use.
    """
    several = {group: hosts for group in CLUSTERED if len(hosts := facts["groups"].get(group) or []) > 1}
    found = [_even(group, hosts) for group, hosts in several.items() if len(hosts) % 2 == 0]
    return found + _secret(several, facts["cluster"]) + (_needs(several, facts["cluster"]) if several else [])


def _even(group: str, hosts: list[str]) -> Problem:
    """Two are worse than one: half of the hosts is no majority, so that the loss of any stops all."""
    stays = (len(hosts) - 1) // 2
    remedy = (
        f"{CLUSTERED[group]} goes on where most of the hosts are: with {len(hosts)} it survives the loss of"
        f" {stays or 'none'}, as with {len(hosts) - 1}, and has one more that can fail; use one, three or five hosts"
    )
    return problem(f"group {group}", ", ".join(hosts), remedy)


def _secret(several: dict[str, list[str]], cluster: dict[str, Any]) -> list[Problem]:
    """Members know each other by it, and the authority of TLS comes of it."""
    names = ", ".join(dict.fromkeys([*several, *cluster["between"]]))
    if not names or len(cluster["secret"]) >= _MINIMUM_SECRET:
        return []
    remedy = (
        f"{names}: more than one host has to do with it, and they know each other by this: at least {_MINIMUM_SECRET}"
        " characters; make secrets makes it, as vault_cluster_secret"
    )
    return [problem("cluster_secret", cluster["secret"], remedy)]


def _needs(several: dict[str, list[str]], cluster: dict[str, Any]) -> list[Problem]:
    names, found = ", ".join(several), []
    if "postgres" in several and cluster["backup"] == "local":
        remedy = (
            "of several hosts with PostgreSQL one leads after the other, and all have to reach the same place, which a"
            " folder of each is not: use sftp or s3"
        )
        found.append(problem("backup_target.kind", cluster["backup"], remedy))
    members = {host for hosts in several.values() for host in hosts}
    for host in sorted(members & set(cluster["unaddressed"])):
        remedy = f"give it one in hosts.yml: others of {names} reach it there"
        found.append(problem(f"host {host}", "(no address)", remedy))
    return found
