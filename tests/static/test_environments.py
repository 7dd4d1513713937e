"""Environments are alike in shape: who knows one finds the way in all, and what staging proves holds elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT, load, tracked

ENVIRONMENTS = ["lab", "staging", "production", "cluster"]
#: Production's secrets are nobody's but the operator's; elsewhere they are made on first use.
VAULT = "group_vars/all/vault.yml"
#: Variables of the role that makes containers: where hosts are real, nothing reads them.
CONTAINERS = "lab_"


def files(environment: str) -> dict[str, Path]:
    """Return the files of an environment, by their path in it."""
    root = ROOT / "inventories" / environment
    return {str(path.relative_to(root)): path for path in tracked(f"inventories/{environment}/*")}


def hosts(environment: str) -> dict:
    return load(files(environment)["hosts.yml"])["all"]


def settings(environment: str) -> dict[str, set[str]]:
    """Return the names of the variables in each file of group_vars, and the keys of each application."""
    return {
        name: {key for key in load(path) if not key.startswith(CONTAINERS)}
        for name, path in files(environment).items()
        if name not in {"hosts.yml", VAULT}
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS[1:])
def test_environments_have_the_same_files_and_variables(environment):
    """Which applications it has is an environment's choice; one that several have is described alike in all."""
    here, lab = settings(environment), settings("lab")
    chosen = {name for name in here.keys() ^ lab.keys() if name.startswith("apps/")}
    assert {name: keys for name, keys in here.items() if name not in chosen} == {
        name: keys for name, keys in lab.items() if name not in chosen
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_environments_have_the_same_groups_and_each_has_a_host(environment):
    """But for balancers, which web hosts do without."""
    groups = hosts(environment)["children"]
    assert set(groups) == set(hosts("lab")["children"])
    assert [name for name, group in groups.items() if not group["hosts"]] in ([], ["balancer"])
    assert set().union(*(group["hosts"] for group in groups.values())) == set(hosts(environment)["hosts"])


def test_staging_has_the_topology_of_production():
    """Which groups share a host, and how many hosts a group has."""

    def topology(environment: str) -> list[list[str]]:
        groups = hosts(environment)["children"]
        return sorted(sorted(g for g in groups if host in groups[g]["hosts"]) for host in hosts(environment)["hosts"])

    assert topology("staging") == topology("production")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_hosts_carry_connection_facts_only(environment):
    """Everything else is group_vars'."""
    everything = hosts(environment)
    facts = set(everything.get("vars") or {}).union(*((host or {}) for host in everything["hosts"].values()))
    assert {name for name in facts if not name.startswith("ansible_")} <= {"address", "container"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_containers_publish_on_loopback_only(environment):
    """A published port passes the machine's own firewall."""
    containers = [(host or {}).get("container", {}) for host in hosts(environment)["hosts"].values()]
    published = [str(port) for container in containers for port in container.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_staging_is_reached_as_production_is():
    """Over ssh, never through the engine; host keys are checked."""
    everything = hosts("staging")
    assert not any("ansible_connection" in (host or {}) for host in [everything["vars"], *everything["hosts"].values()])
    assert "StrictHostKeyChecking=yes" in everything["vars"]["ansible_ssh_common_args"]


def test_production_is_protected_and_names_nobodys_hosts():
    """Its example must not be a host that somebody has (RFC 2606), and its secrets are not in git."""
    assert load(files("production")["group_vars/all/main.yml"])["environment_protected"] is True
    assert all(host.endswith(".example.com") for host in hosts("production")["hosts"])
    assert VAULT not in files("production")


@pytest.mark.parametrize("environment", [name for name in ENVIRONMENTS if name != "production"])
def test_keys_that_are_made_on_first_use_can_be_exchanged(environment):
    """The lookup's own choice of characters has a comma, and SECRET_KEY_FALLBACKS is a list with commas."""
    keys = {name: value for name, value in load(files(environment)[VAULT]).items() if name.endswith("_secret_key")}
    assert keys
    assert [name for name, value in keys.items() if "chars=['ascii_letters', 'digits']" not in value] == []
