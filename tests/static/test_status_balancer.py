"""What `make status` says of balancers: who has the address, and which web hosts they can use."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.status import balancer, judge, table
from test_status_report import FOUND, LIMITS

FIELDS = ["pxname", "svname", "status", "lastchg", "check_status", "check_code", "check_desc"]
ROWS = [
    ["tls", "FRONTEND", "OPEN", "", "", "", ""],
    ["garden", "web-1", "UP 1/2", "12", "L7OK", "200", "Layer7 check passed"],
    ["garden", "web-2", "NOLB", "3", "L7OKC", "503", "Layer7 check conditionally passed"],
    ["garden", "web-3", "DOWN", "700", "* L4TOUT", "", "Layer4 timeout"],
    ["garden", "web-1-anyway", "no check", "", "", "", ""],
    ["garden", "BACKEND", "UP", "12", "", "", ""],
]
STATISTICS = "# " + "\n".join(",".join(row) for row in [FIELDS, *ROWS]) + "\n\n"


def test_web_hosts_are_ready_or_not_or_away():
    found = balancer.web_hosts(STATISTICS)
    assert [(e["application"], e["host"], e["state"], e["seconds"], e["reason"]) for e in found] == [
        ("garden", "web-1", "ready", 12, ""),
        ("garden", "web-2", "not ready", 3, "503"),
        ("garden", "web-3", "away", 700, "Layer4 timeout"),
    ]


def test_a_host_has_the_addresses_of_its_interfaces():
    shown = json.dumps([{"ifname": "eth0", "addr_info": [{"local": "192.0.2.41"}, {"local": "192.0.2.10"}]}])
    assert balancer.has("192.0.2.10", shown)
    assert not balancer.has("192.0.2.1", shown)


@pytest.mark.parametrize(
    ("here", "level", "note"),
    [
        ([True, False], "ok", ""),
        ([False, False], "red", "none of these has it"),
        ([True, True], "red", "several balancers have it"),
    ],
)
def test_exactly_one_balancer_has_the_address(here, level, note):
    hosts = {
        f"b{number}": FOUND | {"addresses": [{"address": "192.0.2.10", "here": has}]} for number, has in enumerate(here)
    }
    status = judge.environment("cluster", hosts, LIMITS)
    assert status["level"] == level
    assert {entry["note"] for found in status["hosts"].values() for entry in found["addresses"]} == {note}
    assert "192.0.2.10" in table.table(status)
