"""Members that take turns to be away: who leads hands over first, and is whole before the next one goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.rolling import balancer, etcd, postgres, rabbitmq, redis
from ansible.module_utils.rolling.host import Host, TurnError
from conftest import plugin
from samples import garden

rolling = plugin("filter/rolling")
ME = {"member": "data-1"}


class Service:
    """Answers commands by the first words that fit; ``done`` keeps those that change something."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.done = answers, []

    def run(self, words: list[str]) -> tuple[int, str, str]:
        line = " ".join(words)
        for part, answer in self.answers.items():
            if part.replace("_", " ") in line.replace("_", " ").replace("-", " "):
                said = answer(line) if callable(answer) else answer
                return (0, said, "") if said is not None else (1, "", "refused")
        self.done.append(line)
        return 0, "", ""

    def host(self, seconds: float = 0) -> Host:
        return Host(self.run, seconds)


class Patroni(Service):
    """Three members; a switchover makes the candidate lead."""

    def __init__(self, leader: str = "data-1", states: dict[str, str] | None = None) -> None:
        super().__init__()
        self.leader, self.states = leader, states or {}

    def run(self, words: list[str]) -> tuple[int, str, str]:
        if "switchover" in words:
            self.leader = words[words.index("--candidate") + 1]
            return super().run(words)
        if "list" in words:
            return 0, json.dumps([self._member(f"data-{number}") for number in (1, 2, 3)]), ""
        return super().run(words)

    def _member(self, name: str) -> dict[str, str]:
        role = "Leader" if name == self.leader else "Sync Standby" if name == "data-3" else "Replica"
        usual = "running" if name == self.leader else "streaming"
        return {"Member": name, "Role": role, "State": self.states.get(name, usual)}


def test_who_leads_postgres_hands_over_to_who_has_all_that_was_committed():
    service = Patroni()
    assert postgres.leads(service.host(), ME)
    assert postgres.leave(service.host(), ME) == ["data-3 leads PostgreSQL"]
    [done] = service.done
    assert done.endswith("switchover main --leader data-1 --candidate data-3 --force")
    assert not postgres.leads(service.host(), ME)


def test_who_follows_goes_as_it_is():
    service = Patroni(leader="data-2")
    assert postgres.leave(service.host(), ME) == []
    assert service.done == []


def test_nobody_goes_while_another_member_does_not_follow():
    service = Patroni(states={"data-2": "starting"})
    with pytest.raises(TurnError, match="one member leads and all others follow it"):
        postgres.leave(service.host(), ME)
    with pytest.raises(TurnError, match="all others follow it"):
        postgres.join(service.host(), ME)
    assert service.done == []


def cluster(running: int) -> str:
    nodes = [f"rabbit@data-{number}" for number in (1, 2, 3)]
    return json.dumps({"running_nodes": nodes[:running], "disk_nodes": nodes})


def test_a_broker_goes_once_every_queue_can_do_without_it():
    service = Service(cluster_status=cluster(3))
    assert rabbitmq.leave(service.host(90), {}) == ["others lead its queues"]
    assert service.done == [
        "rabbitmq-upgrade --quiet await_online_quorum_plus_one --timeout 90",
        "rabbitmq-upgrade --quiet drain",
    ]


@pytest.mark.parametrize(
    "answers", [{"cluster_status": cluster(2)}, {"quorum_plus_one": None, "cluster_status": cluster(3)}]
)
def test_a_broker_stays_while_a_queue_needs_it(answers):
    service = Service(**answers)
    with pytest.raises(TurnError):
        rabbitmq.leave(service.host(), {})
    assert "rabbitmq-upgrade --quiet drain" not in service.done


def test_a_broker_is_back_when_all_run_and_queues_have_caught_up():
    service = Service(cluster_status=cluster(3))
    rabbitmq.join(service.host(), {})
    assert [line.split()[2] for line in service.done] == ["await_startup", "revive", "await_online_quorum_plus_one"]
    with pytest.raises(TurnError, match="all members run"):
        rabbitmq.join(Service(cluster_status=cluster(2)).host(), {})


class Etcd(Service):
    def __init__(self, leader: int) -> None:
        super().__init__(
            member_list=json.dumps({"members": [{"ID": 10, "name": "data-1"}, {"ID": 171, "name": "data-2"}]})
        )
        self.leader = leader

    def run(self, words: list[str]) -> tuple[int, str, str]:
        if "status" in words:
            return 0, json.dumps([{"Status": {"header": {"member_id": 10}, "leader": self.leader}}]), ""
        if "move-leader" in words:
            self.leader = int(words[-1], 16)
        return super().run(words)


def test_who_leads_etcd_hands_over():
    service = Etcd(leader=10)
    assert etcd.leave(service.host(), {}) == ["data-2 leads etcd"]
    assert service.done == ["etcdctl move-leader ab"]
    assert etcd.leave(Etcd(leader=171).host(), {}) == []
    with pytest.raises(TurnError, match="it knows who leads"):
        etcd.join(Etcd(leader=0).host(), {})


def test_etcd_is_asked_by_tls_where_members_speak_it():
    service = Etcd(leader=10)
    etcd.leave(service.host(), {"environment": {"ETCDCTL_CACERT": "/ca.pem"}})
    assert service.done == ["env ETCDCTL_CACERT=/ca.pem etcdctl move-leader ab"]


SENTINELS = {"instances": {"garden-cache": 6380, "garden-state": 6381}, "address": "192.0.2.31", "followers": 2}
SENTINELS |= {"sentinel_port": 26379, "sentinel": "s", "monitor": "m"}


@pytest.fixture
def instances(monkeypatch):
    """Return the roles of a host's Redis instances, by port; a fail-over makes one follow."""
    roles = {
        6380: "role:master\r\nconnected_slaves:2",
        6381: "role:slave\r\nmaster_link_status:up\r\nconnected_slaves:0",
    }

    class Admin:
        def __init__(self, address: str, port: int, user: str, password: str) -> None:
            self.port = port
            assert (user, password) == (("cloche-sentinel", "s") if port == 26379 else ("cloche-monitor", "m"))

        def call(self, *words: str) -> str:
            if words[:2] == ("SENTINEL", "FAILOVER"):
                roles[SENTINELS["instances"][words[2]]] = "role:slave\r\nmaster_link_status:up"
                return "OK"
            return roles[self.port]

        def close(self) -> None:
            pass

    monkeypatch.setattr(redis, "RedisAdmin", Admin)
    return roles


def test_each_redis_that_leads_is_replaced(instances):
    host = Service().host()
    assert redis.leads(host, SENTINELS)
    assert redis.leave(host, SENTINELS) == ["another leads garden-cache"]
    assert not redis.leads(host, SENTINELS)
    redis.join(host, SENTINELS)


def test_a_redis_that_does_not_reach_its_leader_is_not_back(instances):
    instances[6381] = "role:slave\r\nmaster_link_status:down"
    with pytest.raises(TurnError, match="garden-state follows or leads"):
        redis.join(Service().host(), SENTINELS)


ADDRESS = {"address": "192.0.2.10", "peers": ["192.0.2.42"], "port": 443}
HAS = json.dumps([{"addr_info": [{"local": "192.0.2.10"}]}])


def test_a_balancer_gives_the_address_up_where_another_serves(monkeypatch):
    service, asked = Service(ip=HAS), []
    monkeypatch.setattr(balancer, "_serves", lambda peer, port: True)
    monkeypatch.setattr(balancer, "PATIENCE", 0.0)
    # It is told to end connections while it still has the address.
    monkeypatch.setattr(balancer.balancer, "ask", lambda command: asked.append((command, list(service.done))))
    assert balancer.leave(service.host(), ADDRESS) == ["another has the address"]
    assert service.done == ["systemctl stop keepalived.service"]
    assert asked == [("experimental-mode on; set var proc.leaving bool(true)", [])]


def test_it_keeps_the_address_where_no_other_serves(monkeypatch):
    monkeypatch.setattr(balancer, "_serves", lambda peer, port: False)
    service = Service(ip=HAS)
    with pytest.raises(TurnError, match="no other balancer serves"):
        balancer.leave(service.host(), ADDRESS)
    assert service.done == []


def test_one_balancer_alone_has_nobody_to_give_it_to():
    service = Service(ip=HAS)
    assert balancer.leave(service.host(), ADDRESS | {"peers": []}) == []
    assert service.done == []


# --- what it means for users ------------------------------------------------------------------------------------------

GROUPS = {
    "web": ["w1", "w2"],
    "worker": ["k1"],
    "postgres": ["d1", "d2", "d3"],
    "rabbitmq": ["d1"],
    "balancer": ["b1", "b2"],
}


def test_what_is_away_meanwhile_is_said():
    assert rolling.absences(["rabbitmq"], GROUPS) == "rabbitmq has one host, d1: meanwhile no task is accepted"
    assert rolling.absences(["postgres"], GROUPS) == rolling.absences(["web"], GROUPS) == ""
    assert "no balancer leads browsers" in rolling.absences(["web"], GROUPS | {"balancer": []})
    assert rolling.absences(["worker", "redis"], GROUPS) == "worker has one host, k1: meanwhile tasks wait"


def test_redis_instances_have_the_names_of_their_units():
    app = plugin("filter/applications").complete_applications({"garden": garden()})[0]
    instances = plugin("filter/redis_instances").redis_instances([app])
    assert instances == [{"name": "garden-cache", "port": 6380}, {"name": "garden-state", "port": 6381}]
