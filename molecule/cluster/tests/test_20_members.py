"""Services of three hosts are one each, and programs reach them by an address of their own host."""

import json

import pytest
from members import databases_are_whole, redis_is_whole
from polling import until
from topology import GROUPS, HOSTS, inside

PORTS = {5432, 5672, 6380, 6381}
APPLICATION = [*GROUPS["web"], *GROUPS["worker"]]


def broker(host: str, *command: str) -> dict:
    return json.loads(inside(host, "rabbitmqctl", "--quiet", *command, "--formatter", "json"))


@pytest.mark.parametrize("host", GROUPS["rabbitmq"])
def test_each_member_of_the_broker_sees_all(host):
    told = broker(host, "cluster_status")
    assert sorted(told["running_nodes"]) == [f"rabbit@{name}" for name in sorted(GROUPS["rabbitmq"])]
    assert told["partitions"] == {}


def test_the_broker_keeps_what_it_knows_in_raft():
    flags = broker(GROUPS["rabbitmq"][0], "list_feature_flags", "name", "state")
    assert {flag["name"]: flag["state"] for flag in flags}["khepri_db"] == "enabled"


def test_every_queue_has_a_replica_on_each_member():
    def members() -> dict[str, int]:
        queues = broker(GROUPS["rabbitmq"][0], "list_queues", "--vhost", "garden", "name", "type", "members")
        return {queue["name"]: len(queue["members"]) for queue in queues if queue["type"] == "quorum"}

    found = until(members, lambda found: set(found.values()) == {3}, 90)
    assert {"default", "slow", "mail", "dead-letter", "unrouted"} <= found.keys()


@pytest.mark.parametrize("host", GROUPS["postgres"])
def test_one_database_leads_and_one_redis(host):
    assert databases_are_whole(host)
    assert redis_is_whole(host)


@pytest.mark.parametrize("host", GROUPS["redis"])
def test_sentinels_watch_what_applications_have(host):
    notes = inside(host, "grep", "^sentinel monitor", "/etc/redis/sentinel.conf").splitlines()
    assert sorted(line.split()[2] for line in notes) == ["garden-cache", "garden-state"]


@pytest.mark.parametrize("host", GROUPS["postgres"])
def test_nobody_but_the_host_itself_reaches_etcd(host):
    """Whoever may write there decides what Patroni runs."""
    listening = {line.split()[3] for line in inside(host, "ss", "-ltnH").splitlines()}
    assert [place for place in listening if place.endswith(":2379")] == ["127.0.0.1:2379"]


@pytest.mark.parametrize("host", APPLICATION)
def test_programs_reach_services_by_their_own_host(host):
    environment = inside(host, "cat", "/etc/cloche/garden.env")
    # The results are in the database, so that nothing leads to the instance for state.
    assert {port for port in PORTS if f"@127.0.0.2:{port}/" in environment} == PORTS - {6381}
    listening = {line.split()[3] for line in inside(host, "ss", "-ltnH").splitlines()}
    assert {f"127.0.0.2:{port}" for port in PORTS} <= listening
    assert not any(HOSTS[data]["address"] in environment for data in GROUPS["rabbitmq"])
