"""What the wiring repeats of the roles must say the same as they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, init_plugin_loader
from ansible.template import Templar
from conftest import plugin
from samples import filters, garden

PROJECT = Path(__file__).resolve().parents[2]
# The roles that a host of each group runs.
ROLES = {
    "postgres": ["postgres"],
    "rabbitmq": ["rabbitmq"],
    "redis": ["redis"],
    "web": ["nginx", "supervisor", "app"],
    "worker": ["supervisor", "app"],
    "beat": ["supervisor", "app"],
    "flower": ["supervisor", "app"],
}


def packages(role: str) -> set[str]:
    """Return what a role's own apt task installs."""
    for path in (PROJECT / "roles" / role / "vars").rglob("*.yml"):
        found = yaml.safe_load(path.read_text()) or {}
        if f"__{role}_packages" in found:
            return set(found[f"__{role}_packages"])
    raise AssertionError(f"roles/{role}/vars names no __{role}_packages")


def test_one_transaction_installs_what_the_roles_would():
    """site.yml tells the roles not to install: a package that the one transaction forgets would be missing."""
    wiring = yaml.safe_load((PROJECT / "playbooks/group_vars/all/wiring.yml").read_text())["__wired_packages"]
    wanted = {group: set().union(*(packages(role) for role in roles)) for group, roles in ROLES.items()}
    assert {group: set(names) for group, names in wiring.items()} == wanted


# --- what an application's parts become -----------------------------------------------------------------------------

GROUPS = {"web": ["w1"], "worker": ["k1", "k2"], "beat": ["b1"], "flower": [], "postgres": ["d1"], "redis": ["d1"]}
SCHEDULE = {"name": "nightly", "command": "tidy", "calendar": "daily"}


@pytest.fixture(scope="module", autouse=True)
def _plugins():
    init_plugin_loader()
    filter_loader.add_directory(str(PROJECT / "plugins" / "filter"))


def wired(name: str, **variables: Any) -> Any:
    """Return what a variable of the wiring comes to for the sample application on a host."""
    wiring = DataLoader().load_from_file(str(PROJECT / "playbooks/group_vars/all/wiring.yml"), trusted_as_template=True)
    given = {"groups": GROUPS, "inventory_hostname": "w1", "group_names": ["web"]} | variables
    return Templar(loader=DataLoader(), variables=wiring | given).template(wiring[name])


def application(**changes: Any) -> dict[str, Any]:
    return plugin("filter/rotation").rotated(filters.complete_applications({"garden": garden(**changes)}), {}, 14)[0]


def test_further_redis_instances_stand_beside_the_kit_s_own():
    further = [{"name": "queue", "port": 6395}, {"name": "pages", "port": 6396, "memory_mb": 256, "evict": True}]
    app = application(app_redis={"further": further})
    instances = wired("__wired_redis_application", app=app)["instances"]
    assert [(entry["name"], entry["port"], entry["uses"]) for entry in instances] == [
        ("cache", 6380, ["cache"]),
        ("state", 6381, ["results", "locks"]),
        ("queue", 6395, ["any"]),
        ("pages", 6396, ["any"]),
    ]
    assert [entry.get("evict") for entry in instances] == [None, None, False, True]
    units = wired("__wired_redis_units", __wired_applications=[app])
    assert units == [f"redis-server@garden-{name}.service" for name in ("cache", "state", "queue", "pages")]


@pytest.mark.parametrize(("beat", "host"), [(["b1", "b2"], "b1"), ([], "k1")])
def test_schedules_run_on_one_host(beat, host):
    app = application(app_schedules=[SCHEDULE])
    groups = GROUPS | {"beat": beat}
    given = {"groups": groups, "__wired_chosen": [app], "__wired_applications": [app]}
    names = ("w1", "k1", "k2", "b1")
    runs = {name: wired("__wired_schedules", inventory_hostname=name, **given) for name in names}
    assert {name for name, schedules in runs.items() if schedules} == {host}
    assert [entry["application"] for entry in runs[host]] == ["garden"]
    shown = wired("__wired_status_units", inventory_hostname=host, group_names=["worker"], **given)
    assert shown == ["supervisor.service", "cloche-garden-nightly.timer"]


def test_a_backup_is_told_of_the_hosts_that_made_one():
    """Of a role that was not run, or had nothing to keep, there is no result or none that changed anything."""
    done, nothing = {"changed": True}, {"changed": False, "skipped": True}
    hosts = {"d1": {"__postgres_backup": done}, "w1": {"__app_backup": done}, "k1": {"__app_backup": nothing}}
    hostvars = {name: {"inventory_hostname": name, **hosts.get(name, {})} for name in ("d1", "w1", "k1", "k2", "b1")}
    assert wired("__wired_backups", hostvars=hostvars) == {"database.pgc": ["d1"], "files.tar": ["w1"]}


@pytest.mark.parametrize(("given", "backup"), [({}, "1"), ({"remove_backup": ""}, "1"), ({"remove_backup": 0}, "0")])
def test_a_removal_keeps_the_data_unless_it_is_told_not_to(given, backup):
    assert wired("__wired_remove_backup", **given) == backup
