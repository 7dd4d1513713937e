"""Who takes turns, and what of."""

from __future__ import annotations

from conftest import ROOT
from test_wiring import CLUSTERED, GROUPS, MEMBERS, SERVICES, _plugins, application, wired

__all__ = ["_plugins"]


def test_members_take_turns_by_the_services_of_their_groups_or_the_one_that_is_named():
    groups = GROUPS | dict.fromkeys(SERVICES, MEMBERS)
    given = CLUSTERED | {"groups": groups, "inventory_hostname": "d1", "inventory_hostname_short": "d1"}
    given |= {"group_names": list(SERVICES), "__wired_applications": [application()], "address": "192.0.2.1"}
    given |= {"rabbitmq_management_port": 15672, "__wired_project_dir": str(ROOT)}
    every = wired("__wired_turn_services", **given)
    assert set(every) == {*SERVICES, "etcd"}
    assert every["postgres"] == {"member": "d1"}
    assert every["etcd"]["environment"]["ETCDCTL_KEY"] == "/etc/cloche/tls/etcd.key"
    assert every["redis"]["instances"] == {"garden-cache": 6380, "garden-state": 6381}
    assert (every["redis"]["followers"], every["redis"]["tls"]) == (2, {"authority": "/etc/cloche/tls/ca.pem"})
    assert set(wired("__wired_turn_logins", **given)) == {"sentinel", "monitor"}
    named = given | {"rolling_group": "etcd"}
    assert set(wired("__wired_turn_services", **named)) == {"etcd"}
    assert wired("__wired_turn_units", **named) == ["etcd.service"]
    assert wired("__wired_turn_logins", **named) == {}
    assert wired("__wired_turn_services", __wired_applications=[application()]) == {}
    assert wired("__wired_turn_drains") is True and wired("__wired_turn_drains", **named) is False
