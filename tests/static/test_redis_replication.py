"""Which Redis leads: decided by the running instances, never by a plan, and never so that data is emptied."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.module_utils.redis_replication import Seen, Undecided, astray, differing, leader_of, seen, watched
from conftest import plugin

module = plugin("modules/redis_replication")
A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def master(address: str, followers: int = 0, keys: int = 0) -> Seen:
    return Seen(address, "", followers, keys)


def follower(address: str, leader: str, keys: int = 0) -> Seen:
    return Seen(address, leader, 0, keys)


def test_an_instance_is_seen_as_it_says():
    keyspace = "# Keyspace\r\ndb0:keys=5,expires=0\r\ndb1:keys=2,expires=0\r\n"
    told = "# Replication\r\nrole:master\r\nconnected_slaves:2\r\nslave0:ip=192.0.2.2,port=6381,state=online\r\n"
    assert seen(A, told, keyspace) == master(A, 2, 7)
    told = "# Replication\r\nrole:slave\r\nmaster_host:192.0.2.1\r\nconnected_slaves:0\r\n"
    assert seen(B, told, "# Keyspace\r\n") == follower(B, A)


LEADERS = {
    "at first": ([master(A), master(B), master(C)], A, [B, C]),
    "one host grown to three, not the first": ([master(A), master(B, keys=9), master(C)], B, [A, C]),
    "as it was": ([master(A, 2), follower(B, A), follower(C, A)], A, []),
    "after a fail-over": ([follower(A, C), follower(B, C), master(C, 2)], C, []),
    "the old leader is back and does not know": ([master(A, 0, 99), follower(B, C), master(C, 1)], C, [A]),
    "a lost member is there again, empty": ([master(A), master(B, 1, 5), follower(C, B, 5)], B, [A]),
    "one follows who is gone": ([follower(A, "192.0.2.9"), master(B, 1), follower(C, B)], B, [A]),
}


@pytest.mark.parametrize("case", LEADERS)
def test_who_is_followed_leads(case):
    members, leader, others = LEADERS[case]
    assert leader_of(members) == leader
    assert astray(members, leader) == others


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([master(A, keys=1), master(B, keys=2), master(C)], "192.0.2.1 (1 keys), 192.0.2.2 (2 keys) have data"),
        ([follower(A, B), follower(B, A), master(C)], "Sentinel has to choose"),
    ],
    ids=["all came back at once", "the leader is gone"],
)
def test_nobody_is_chosen_where_data_could_be_lost(members, words):
    with pytest.raises(Undecided, match=words.replace("(", r"\(").replace(")", r"\)")):
        leader_of(members)


class Fake:
    """A Redis or Sentinel that answers what the test says, and notes what it is told."""

    def __init__(self, told: list[tuple[str, ...]], answers: dict[str, object]) -> None:
        self.told, self.answers = told, answers

    def call(self, *words: str) -> object:
        if " ".join(words[:2]) in self.answers:
            return self.answers[" ".join(words[:2])]
        self.told.append(words)
        return "OK"

    def close(self) -> None:
        """Nothing to hang up."""


def watching(monkeypatch, masters: list[list[str]], check_mode: bool = False) -> tuple[bool, list[tuple[str, ...]]]:
    """Return whether a Sentinel with these masters was told something, and what, so that it watches garden-state."""
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(module, "RedisAdmin", lambda *_, **__: Fake(told, {"SENTINEL MASTERS": masters}))
    params = {"prefix": "garden-", "instances": {"garden-state": 6381}, "user": "u", "password": "p"}
    params |= {"sentinel_port": 26379, "authority": None, "quorum": 2, "settings": {"parallel-syncs": 1}}
    members = module.Members(SimpleNamespace(params=params, check_mode=check_mode))
    members.watch(A, {"garden-state": B})
    return members.changed, told


STATE = ["name", "garden-state", "ip", C, "port", "6381", "quorum", "2", "parallel-syncs", "1"]


def test_a_sentinel_is_told_whom_to_watch_once(monkeypatch):
    changed, told = watching(monkeypatch, [])
    assert changed
    assert told == [
        ("SENTINEL", "MONITOR", "garden-state", B, "6381", "2"),
        ("SENTINEL", "SET", "garden-state", "auth-user", "u"),
        ("SENTINEL", "SET", "garden-state", "auth-pass", "p"),
        ("SENTINEL", "SET", "garden-state", "parallel-syncs", "1"),
    ]
    # Whom it knows as the leader is its own business.
    assert watching(monkeypatch, [STATE]) == (False, [])


def test_a_sentinel_forgets_what_the_application_has_no_more_and_nothing_else(monkeypatch):
    gone, other = ["name", "garden-gone", "ip", A], ["name", "orchard-state", "ip", A]
    assert watching(monkeypatch, [STATE, gone, other]) == (True, [("SENTINEL", "REMOVE", "garden-gone")])
    assert watching(monkeypatch, [STATE, gone], check_mode=True) == (True, [])


def test_a_changed_setting_is_told():
    assert differing({"parallel-syncs": 2, "quorum": 2}, watched([STATE])["garden-state"]) == {"parallel-syncs": "2"}
