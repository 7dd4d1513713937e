"""Who reaches which port: what a host's firewall opens, and what the picture shows of it."""

import xml.etree.ElementTree as ElementTree

import pytest
from ansible.errors import AnsibleFilterError
from conftest import ROOT, load, plugin
from test_wiring import GROUPS, _plugins, application, wired

__all__ = ["_plugins"]
traffic = plugin("filter/traffic")
PORTS = {
    **{
        "http": 80,
        "https": 443,
        "ssh": [22],
        "challenges": 0,
        "postgres": 5432,
        "rabbitmq": 5672,
        "redis": [6380, 6381],
    },
    **{"management": 15672, "patroni": 8008, "etcd": [2379, 2380], "sentinel": 26379, "distribution": [4369, 25672]},
}
PORTS |= {"balancer": [443, 80], "address": ""}
ONE = {name: ["h1"] for name in ("web", "worker", "beat", "flower", "postgres", "rabbitmq", "redis")}
DATA = {name: ["d1", "d2", "d3"] for name in ("postgres", "rabbitmq", "redis")}
MANY = {"web": ["w1", "w2"], "worker": ["k1"], "beat": ["k1"], "flower": ["w1"]} | DATA
HOSTS = ("w1", "w2", "k1", "d1", "d2", "d3", "h1", "h2")
ADDRESSES = {host: f"192.0.2.{number}" for number, host in enumerate(HOSTS, 1)}


def doors(host, groups, **ports):
    """Return {port: sources} of a host, "everybody" for no source."""
    found = traffic.traffic_doors(traffic.traffic_flows(groups, PORTS | ports), host, groups, ADDRESSES)
    opened = {}
    for door in found:
        for port in door["ports"]:
            opened.setdefault(port, set()).update(door["sources"] or ["everybody"])
    return opened


def test_a_host_alone_is_reached_by_browsers_and_operators():
    assert doors("h1", ONE) == {port: {"everybody"} for port in (22, 80, 443)}


def test_a_worker_lets_nobody_in_but_operators():
    assert doors("k1", MANY) == {22: {"everybody"}}


def test_a_member_lets_in_programs_and_members_each_where_it_has_to():
    programs = {ADDRESSES[host] for host in ("w1", "w2", "k1")}
    members = {ADDRESSES[host] for host in ("d2", "d3")}
    assert doors("d1", MANY) == {
        **{22: {"everybody"}, 15672: {ADDRESSES["w1"], ADDRESSES["w2"]}, 5672: programs},
        **dict.fromkeys((5432, 8008, 6380, 6381), programs | members),
        **dict.fromkeys((2379, 2380, 4369, 25672, 26379), members),
    }


def test_behind_a_balancer_a_web_host_serves_nobody_else():
    groups = MANY | {"balancer": ["h1"]}
    assert doors("w1", groups) == {22: {"everybody"}, 443: {ADDRESSES["h1"]}}
    assert doors("h1", groups) == {port: {"everybody"} for port in (22, 80, 443)}


def test_balancers_tell_each_other_alone_who_has_the_address():
    groups = MANY | {"balancer": ["h1", "h2"]}
    found = traffic.traffic_flows(groups, PORTS | {"address": "192.0.2.10"})
    opened = {host: traffic.traffic_doors(found, host, groups, ADDRESSES) for host in ("h1", "h2", "w1")}
    shared = {host: [door for door in doors if door["protocol"] == "vrrp"] for host, doors in opened.items()}
    assert {host: [door["sources"] for door in doors] for host, doors in shared.items()} == {
        "h1": [[ADDRESSES["h2"]]], "h2": [[ADDRESSES["h1"]]], "w1": [],
    }  # fmt: skip
    assert not [door for door in opened["h1"] if not door["ports"] and door["protocol"] == "tcp"]


def test_balancers_ask_each_other_for_challenges():
    groups = MANY | {"balancer": ["h1", "h2"]}
    assert doors("h1", groups, challenges=8402)[8402] == {ADDRESSES["h2"]}
    assert 8402 not in doors("w1", groups, challenges=8402)


def test_a_service_that_no_application_uses_is_closed():
    assert 5432 not in doors("d1", MANY | {"postgres": ["d1"]}, postgres=0)


def test_who_has_no_address_is_named():
    with pytest.raises(AnsibleFilterError, match=r"w2 has no address in hosts\.yml, and d1 is to let it in"):
        traffic.traffic_doors(traffic.traffic_flows(MANY, PORTS), "d1", MANY, ADDRESSES | {"w2": ""})


def test_the_wiring_names_the_ports_that_applications_have():
    app = application(app_redis={"further": [{"name": "queue", "port": 6395}]})
    given = {"__wired_applications": [app], "groups": GROUPS | {"rabbitmq": [], "all": []}, "hostvars": {}}
    given |= {
        "postgres_port": 5433,
        "rabbitmq_port": 5672,
        "rabbitmq_management_port": 15672,
        "__wired_project_dir": str(ROOT),
    }
    ports = wired("__wired_traffic_ports", **given)
    assert (ports["postgres"], ports["redis"], ports["ssh"]) == (5433, [6380, 6381, 6395], [22])


# --- the picture ----------------------------------------------------------------------------------------------------


def drawn(groups):
    text = traffic.traffic_picture(traffic.traffic_flows(groups, PORTS), "sample & co", groups, ADDRESSES)
    root = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    texts = [element.text for element in root.iter(f"{name}text")]
    return root, texts, [element.get("class") for element in root.iter(f"{name}path")]


def test_every_host_address_service_and_port_is_in_the_picture():
    _, texts, _ = drawn(MANY)
    assert set(texts) >= {
        "w1",
        "192.0.2.1",
        "d3",
        "PostgreSQL",
        "5432",
        "6380 6381",
        "4369 25672",
        "sample & co: 6 hosts",
    }


def test_the_address_that_balancers_share_is_in_the_picture():
    groups = MANY | {"balancer": ["h1", "h2"]}
    found = traffic.traffic_flows(groups, PORTS | {"address": "192.0.2.10"})
    text = traffic.traffic_picture(found, "s", groups, ADDRESSES)
    assert ">keepalived: 192.0.2.10<" in text
    assert "balancer to balancer on vrrp (192.0.2.10)" in text


def test_ports_in_a_row_are_first_and_last():
    text = traffic.traffic_picture(
        traffic.traffic_flows(MANY, PORTS | {"distribution": [4369, 1, 2, 3]}), "s", MANY, {}
    )
    assert ">4369 1-3<" in text
    assert ">2379 2380<" not in text
    assert "2379 2380" in text


def test_lines_lead_from_what_opens_connections_to_each_service():
    _, _, lines = drawn(MANY)
    sources = ["Gunicorn of w1", "Flower of w1", "Gunicorn of w2", "workers of k1", "beat of k1"]
    assert lines.count("line redis") == len(sources)
    # Patroni is asked who leads.
    assert lines.count("line postgres") == 2 * len(sources)
    assert lines.count("line web") == len(["w1", "w2"])


def test_what_stays_on_one_host_is_no_line():
    _, _, lines = drawn(ONE)
    assert lines == ["line web"]


def test_nothing_is_drawn_outside_the_page():
    root, _, _ = drawn(MANY | {"balancer": ["h1"]})
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for element in root.iter("{http://www.w3.org/2000/svg}rect"):
        assert float(element.get("x", 0)) + float(element.get("width")) <= width
        assert float(element.get("y", 0)) + float(element.get("height")) <= height


def test_the_picture_in_the_docs_is_of_staging_as_it_is():
    """Made by `make topology ENV=staging TO=docs/topology-staging.svg`."""
    text = (ROOT / "docs/topology-staging.svg").read_text()
    hosts = load(ROOT / "inventories/staging/hosts.yml")["all"]
    for host, variables in hosts["hosts"].items():
        assert f">{host}<" in text
        assert f">{variables['address']}<" in text
    assert f">staging: {len(hosts['hosts'])} hosts<" in text
