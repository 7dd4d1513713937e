"""How many hosts a service may have: one, or as many as have a majority when one is lost."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.module_utils.applications.topology import CLUSTERED, topology_problems
from conftest import DATA, load, plugin
from test_preflight_cli import preflight, refused, write_inventory

SECRET = "Zq8RtV2mKx4pLs6wHd9cBn3fYg7jTa5u"
cluster = plugin("filter/cluster")


def judged(facts, count: int, group: str = "rabbitmq", **given: Any) -> list[tuple[str, str, str]]:
    """Return variable, value and remedy of what is wrong with so many hosts of a group."""
    changed = facts["groups"] | {group: [f"data-{number}" for number in range(1, count + 1)]}
    known = {"secret": SECRET, "unaddressed": [], "backup": "none", "between": []} | given
    return [tuple(entry.values()) for entry in topology_problems(facts | {"groups": changed, "cluster": known})]


@pytest.mark.parametrize("group", CLUSTERED)
@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_one_three_and_five_hosts_are_taken(facts, group, count):
    assert judged(facts, count, group) == []


@pytest.mark.parametrize("group", CLUSTERED)
@pytest.mark.parametrize(("count", "survives"), [(2, "none"), (4, "1")])
def test_two_hosts_are_refused_and_it_says_why(facts, group, count, survives):
    [(variable, value, remedy)] = judged(facts, count, group)
    assert (variable, value.split(", ")) == (f"group {group}", [f"data-{number}" for number in range(1, count + 1)])
    assert remedy.startswith(f"{CLUSTERED[group]} goes on where most of the hosts are")
    assert f"with {count} it survives the loss of {survives}, as with {count - 1}," in remedy
    assert "use one, three or five hosts" in remedy


def test_members_need_a_secret_and_addresses(facts):
    [secret, address] = judged(facts, 3, secret="short", unaddressed=["web-1", "data-2"])
    assert secret[:2] == ("cluster_secret", "(5 characters)")
    assert "vault_cluster_secret" in secret[2]
    assert address[:2] == ("host data-2", "(no address)")
    assert judged(facts, 1, secret="", unaddressed=["data-1"]) == []


@pytest.mark.parametrize(("kind", "refused_for"), [("local", "use sftp or s3"), ("sftp", ""), ("s3", ""), ("none", "")])
def test_a_folder_of_one_host_keeps_no_cluster(facts, kind, refused_for):
    found = [remedy for _, _, remedy in judged(facts, 3, "postgres", backup=kind)]
    assert len(found) == bool(refused_for) and all(refused_for in remedy for remedy in found)
    assert judged(facts, 3, "redis", backup=kind) == []


def test_programs_on_other_hosts_than_a_service_need_the_secret(facts):
    """The authority comes of it, by which they know that host."""
    [secret] = judged(facts, 1, secret="", between=["redis"])
    assert secret[0] == "cluster_secret" and secret[2].startswith("redis: more than one host")
    assert judged(facts, 1, between=["redis"]) == []


def test_preflight_refuses_two_hosts(tmp_path):
    inventory = write_inventory(tmp_path, {"garden": load(DATA / "garden.yml")})
    hosts = load(inventory / "hosts.yml")
    hosts["all"]["hosts"]["second"] = {"ansible_connection": "docker", "container": {}}
    hosts["all"]["children"]["redis"]["hosts"]["second"] = None
    (inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
    output = refused(preflight(inventory))
    assert "group redis = second, server: Sentinel goes on where most of the hosts are" in output
    assert "cluster_secret = " in output
    assert "host second = (no address): give it one in hosts.yml" in output


# --- what the wiring makes of the hosts -------------------------------------------------------------------------------

HOSTVARS = {
    f"data-{number}.test": {"inventory_hostname_short": f"data-{number}", "address": f"192.0.2.{number}"}
    for number in (1, 2, 3)
}


def test_members_are_the_hosts_of_a_group_that_has_several():
    assert cluster.members(list(HOSTVARS), HOSTVARS)[1] == {"name": "data-2", "address": "192.0.2.2"}
    assert cluster.members(["data-1.test"], HOSTVARS) == []
    assert cluster.members([], HOSTVARS) == []


def test_programs_reach_members_by_one_address():
    found = cluster.members(list(HOSTVARS), HOSTVARS)
    [service] = cluster.balanced(found, "postgres", 5432, "postgres", check_port=8008)
    assert [(server["port"], server["check_port"]) for server in service["servers"]] == [(5432, 8008)] * 3
    assert (service["name"], service["port"], service["check"]) == ("postgres", 5432, "postgres")
    assert "login" in cluster.balanced(found, "state", 6381, "redis", login={})[0]
    assert cluster.balanced([], "rabbitmq", 5672, "rabbitmq") == []


def test_a_host_alone_is_reached_without_asking_whether_it_serves():
    """There is no other to go to, and a moment without an answer must not cost its clients their connections."""
    [service] = cluster.balanced(
        cluster.servers(["data-1.test"], HOSTVARS), "rabbitmq", 5672, "rabbitmq", server_port=5671, tls=True
    )
    assert service == {
        **{"name": "rabbitmq", "port": 5672, "check": "none", "tls": True},
        "servers": [{"name": "data-1", "address": "192.0.2.1", "port": 5671}],
    }
