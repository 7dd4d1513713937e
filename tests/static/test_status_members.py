"""What members of a cluster say of each other, as `make status` reads it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.status import members

SERVERS = [{"name": f"data-{n}", "address": f"192.0.2.{n}", "port": 6381} for n in (1, 2, 3)]
SERVICE = {"name": "postgres", "check": "postgres", "servers": SERVERS}
LEADER = "role:master\r\nconnected_slaves:2\r\nslave0:ip=192.0.2.2,port=6381,state=online,offset=9,lag=0\r\n"


def looked(monkeypatch, answer: Any) -> dict[str, Any]:
    """Return the entry of data-1 where a look answers so."""

    def look(service: Any, broker: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setitem(members._LOOKS, "postgres", look)
    [entry] = members.look("data-1", [SERVICE], None)
    return entry


@pytest.mark.parametrize(
    ("answer", "role", "missing", "why"),
    [
        (("leads", {"data-2", "data-3"}, ""), "leads", [], ""),
        (("leads", {"data-3"}, ""), "leads", ["data-2"], ""),
        (("leads", set(), ""), "leads", ["data-2", "data-3"], ""),
        (OSError("nobody answers"), "", [], "nobody answers"),
    ],
)
def test_who_is_missing(monkeypatch, answer, role, missing, why):
    entry = looked(monkeypatch, answer)
    assert entry == {"service": "postgres", "role": role, "missing": missing, "why": why}


def test_a_leader_of_redis_sees_those_that_are_online():
    later = LEADER + "slave1:ip=192.0.2.3,port=6381,state=wait_bgsave,offset=0,lag=0\r\n"
    assert members.replication(later, SERVERS) == ("leads", {"data-2"}, "")


@pytest.mark.parametrize(("state", "why"), [("up", ""), ("down", "does not reach its leader")])
def test_a_follower_of_redis_sees_its_leader(state, why):
    told = f"role:slave\r\nmaster_host:192.0.2.1\r\nmaster_link_status:{state}\r\n"
    assert members.replication(told, SERVERS)[::2] == ("follows", why)
