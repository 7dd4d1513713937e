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
from conftest import wiring as everything
from samples import filters, garden

PROJECT = Path(__file__).resolve().parents[2]
# The roles that a host of each group runs; `backup` installs more where there is a database.
ROLES = {
    "postgres": ["firewall", "postgres", "backup", "backup_postgres"],
    "rabbitmq": ["firewall", "rabbitmq", "backup"],
    "redis": ["firewall", "redis", "backup"],
    "web": ["firewall", "nginx", "supervisor", "app", "backup"],
    "worker": ["firewall", "supervisor", "app", "backup"],
    "beat": ["firewall", "supervisor", "app", "celery"],
    "flower": ["firewall", "supervisor", "app"],
    "balancer": ["firewall", "balancer"],
}


def packages(role: str) -> set[str]:
    """Return what a role's own apt task installs."""
    for path in sorted((PROJECT / "roles" / role.partition("_")[0] / "vars").rglob("*.yml")):
        found = yaml.safe_load(path.read_text()) or {}
        if f"__{role}_packages" in found:
            return set(found[f"__{role}_packages"])
    raise AssertionError(f"roles/{role}/vars names no __{role}_packages")


def test_one_transaction_installs_what_the_roles_would():
    """site.yml tells the roles not to install: a package that the one transaction forgets would be missing."""
    wiring = everything()["__wired_packages"]
    wanted = {group: set().union(*(packages(role) for role in roles)) for group, roles in ROLES.items()}
    assert {group: set(names) for group, names in wiring.items()} == wanted


def test_only_who_uses_acme_gets_its_packages():
    """certbot brings a timer and a dozen packages, which nobody else needs."""
    for source, names in [("acme", packages("certificates")), ("pair", set())]:
        given = {"certificates_source": source, "__wired_applications": [application()]}
        assert set(wired("__wired_certificate_packages", **given)) == names
    given = {"certificates_source": "acme", "__wired_applications": [application()], "group_names": ["worker"]}
    assert wired("__wired_certificate_packages", **given) == []


SERVICES = ("postgres", "rabbitmq", "redis")
ALONE = {name: ["h1"] for name in ("web", "worker", "beat", "flower", *SERVICES)}
MEMBERS = ["d1", "d2", "d3"]
CLUSTERED = {
    "groups": {"web": ["w1"], "worker": ["k1"], "beat": ["k1"], "flower": [], **dict.fromkeys(SERVICES, MEMBERS)},
    "hostvars": {
        host: {"inventory_hostname_short": host, "address": f"192.0.2.{n}"} for n, host in enumerate(MEMBERS, 1)
    },
    "cluster_secret": "Zq8RtV2mKx4pLs6wHd9cBn3fYg7jTa5u",
    "postgres_port": 5432,
    "rabbitmq_port": 5672,
    "rabbitmq_management_port": 15672,
}


def test_members_of_clusters_get_what_their_roles_would_install():
    found = {"haproxy": "worker", "redis": "redis", "postgres": "postgres"}
    for own, group in found.items():
        names = packages("haproxy") if own == "haproxy" else packages(f"{own}_cluster")
        names |= packages("etcd") if own == "postgres" else set()
        given = CLUSTERED | {"group_names": [group], "__wired_applications": [application()]}
        assert set(wired("__wired_cluster_packages", **given)) == names
    assert wired("__wired_cluster_packages", groups=ALONE, __wired_applications=[application()]) == []


def test_secrets_between_members_are_one_for_each_purpose():
    """A leak of one must not open the next door."""
    passwords = [wired("__wired_rabbitmq_cookie", **CLUSTERED)]
    for service in ("redis", "postgres"):
        passwords += wired(f"__wired_{service}_passwords", **CLUSTERED).values()
    assert len(set(passwords)) == len(passwords) == 7
    assert wired("__wired_redis_passwords") == wired("__wired_postgres_passwords") == {}


# --- what an application's parts become -----------------------------------------------------------------------------

GROUPS = {"web": ["w1"], "worker": ["k1", "k2"], "beat": ["b1"], "flower": [], "postgres": ["d1"], "redis": ["d1"]}
GROUPS |= {"rabbitmq": ["d1"]}
SCHEDULE = {"name": "nightly", "command": "tidy", "calendar": "daily"}


@pytest.fixture(scope="module", autouse=True)
def _plugins():
    init_plugin_loader()
    filter_loader.add_directory(str(PROJECT / "plugins" / "filter"))


def wired(name: str, **variables: Any) -> Any:
    """Return what a variable of the wiring comes to for the sample application on a host."""
    wiring = everything()
    given = {"groups": GROUPS, "hostvars": {}, "inventory_hostname": "w1", "group_names": ["web"]} | variables
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
    given = CLUSTERED | {"groups": groups, "__wired_chosen": [app], "__wired_applications": [app]}
    names = ("w1", "k1", "k2", "b1")
    runs = {name: wired("__wired_schedules", inventory_hostname=name, **given) for name in names}
    assert {name for name, schedules in runs.items() if schedules} == {host}
    assert [entry["application"] for entry in runs[host]] == ["garden"]
    shown = wired("__wired_status_units", inventory_hostname=host, group_names=["worker"], **given)
    assert shown == ["supervisor.service", "cloche-garden-nightly.timer", "haproxy.service"]


@pytest.mark.parametrize(("beat", "leased"), [(["b1"], False), (["b1", "b2"], True)])
def test_several_hosts_with_beat_have_a_lease(beat, leased):
    """Two without one would send every periodic task twice."""
    groups = GROUPS | {"beat": beat}
    assert wired("__wired_leased", groups=groups) is leased
    stage = yaml.safe_load((PROJECT / "playbooks/tasks/stage_application.yml").read_text())[0]["block"]
    (task,) = [entry for entry in stage if "celery_leased" in entry.get("vars", {})]
    assert task["vars"]["celery_leased"] == "{{ __wired_leased }}"


def test_a_backup_is_told_of_the_hosts_that_made_one():
    """Of a role that was not run, or had nothing to keep, there is no result or none that changed anything."""
    done, nothing = {"changed": True}, {"changed": False, "skipped": True}
    hosts = {"d1": {"__postgres_backup": done}, "w1": {"__app_backup": done}, "k1": {"__app_backup": nothing}}
    hostvars = {name: {"inventory_hostname": name, **hosts.get(name, {})} for name in ("d1", "w1", "k1", "k2", "b1")}
    assert wired("__wired_backups", hostvars=hostvars) == {"database.pgc": ["d1"], "files.tar": ["w1"]}


@pytest.mark.parametrize(("given", "backup"), [({}, "1"), ({"remove_backup": ""}, "1"), ({"remove_backup": 0}, "0")])
def test_a_removal_keeps_the_data_unless_it_is_told_not_to(given, backup):
    assert wired("__wired_remove_backup", **given) == backup


def test_web_hosts_under_one_name_ask_each_other_for_challenges():
    hosts = {
        "w1": {"address": "192.0.2.11"},
        "w2": {"address": "192.0.2.12", "ansible_host": "198.51.100.2"},
        "w3": {"address": "2001:db8::3"},
    }
    given = {"certificates_source": "acme", "__wired_applications": [application()], "hostvars": hosts}
    given |= {"groups": GROUPS | {"web": ["w1", "w2", "w3"]}}
    assert wired("__wired_challenge_peers", **given) == ["192.0.2.12:80", "[2001:db8::3]:80"]
    assert wired("__wired_challenge_peers", **given | {"inventory_hostname": "w2"}) == [
        "192.0.2.11:80",
        "[2001:db8::3]:80",
    ]
    assert wired("__wired_challenge_peers", **given | {"certificates_source": "pair"}) == []
    known = {"w1", "w2", "w3", "192.0.2.11", "192.0.2.12", "2001:db8::3", "198.51.100.2"}
    assert set(wired("__wired_certificate_hosts", **given)) == known


def test_behind_balancers_certificates_are_theirs():
    hosts = {"w1": {"address": "192.0.2.11"}, "b1": {"address": "192.0.2.41"}, "b2": {"address": "192.0.2.42"}}
    given = {"certificates_source": "acme", "__wired_applications": [application()], "hostvars": hosts}
    given |= {"groups": GROUPS | {"balancer": ["b1", "b2"]}, "balancer_address": "192.0.2.10"}
    assert wired("__wired_certificates", **given) == []
    assert wired("__wired_challenge_peers", **given) == []
    there = given | {"group_names": ["balancer"], "inventory_hostname": "b1"}
    assert [entry["name"] for entry in wired("__wired_certificates", **there)] == ["garden"]
    assert wired("__wired_certificates_reload", **there) == ["systemctl", "reload", "balancer"]
    assert wired("__wired_balancer_peers", **there) == ["192.0.2.42"]
    assert "balancer-challenges.service" in wired("__wired_balancer_units", **there)
    known = {"b1", "b2", "192.0.2.41", "192.0.2.42", "192.0.2.10"}
    assert set(wired("__wired_certificate_hosts", **there)) == known
    app = application()
    assert wired("__wired_balancer_application", app=app, **there)["timeout"] > app["web"]["timeout"] + 5


def test_a_balancer_that_runs_programs_keeps_haproxy_s_own_service():
    alone = CLUSTERED | {"__wired_applications": [application()], "group_names": ["balancer"]}
    assert wired("__wired_balancer_only", **alone) is True
    assert wired("__wired_balancer_only", **alone | {"group_names": ["balancer", "worker"]}) is False


def test_an_application_with_another_source_loses_its_certificate():
    own = {"certificate": "/a.pem", "key": "/a.key"}
    apps = [application(), application(app_certificate=own) | {"name": "own"}]
    given = {"certificates_source": "acme", "__wired_applications": apps}
    assert [entry["name"] for entry in wired("__wired_certificates", **given)] == ["garden"]
    assert wired("__wired_certificates_dropped", **given) == ["own"]


def test_each_host_backs_up_what_it_alone_has():
    """Files where they are uploaded or written, instances that lose nothing, definitions once."""
    further = [{"name": "queue", "port": 6395}, {"name": "pages", "port": 6396, "evict": True}]
    given = {"__wired_applications": [application(app_redis={"further": further})], "backup_target": {"kind": "local"}}

    def kept(*groups: str) -> list[tuple[str, str]]:
        sources = wired("__wired_backup_sources", group_names=list(groups), **given)
        return [(source["kind"], source["path"]) for source in sources]

    assert kept("web") == kept("worker") == kept("web", "worker") == [("media", "/srv/garden/shared")]
    assert kept("redis") == [("redis", "/var/lib/redis/garden-state"), ("redis", "/var/lib/redis/garden-queue")]
    assert kept("rabbitmq") == [("rabbitmq", "/var/lib/cloche/backup/definitions")]
    assert kept("postgres") == kept("beat") == []


@pytest.mark.parametrize(
    ("groups", "jobs"),
    [(["postgres"], ["database", "drill"]), (["redis"], ["files", "drill"]), (["beat"], [])],
)
def test_status_expects_the_jobs_that_a_host_has(groups, jobs):
    given = {"__wired_applications": [application()], "group_names": groups, "postgres_port": 5432}
    assert wired("__wired_status_backups", backup_target={"kind": "local"}, **given) == jobs
    assert wired("__wired_status_backups", backup_target={"kind": "none"}, **given) == []
    assert wired("__wired_archive_command", backup_target={"kind": "none"}, **given) == ""
