"""Where a rollback may go: to one release that every host still has."""

from __future__ import annotations

import pytest
from conftest import plugin
from release_samples import GARDEN, HOSTILE

release = plugin("filter/release")
GROUPS = {"web": ["w1", "w2"], "worker": ["w2"], "beat": ["w2"], "flower": []}
FIRST, SECOND, THIRD = (f"2026110{day}000000-abcdef{day}-12345{day}" for day in (1, 2, 3))


def way(target="", **hosts):
    """Return the way of the sample application; ``hosts`` says what differs from three, the second live."""
    status = {"live": SECOND, "previous": FIRST, "releases": [FIRST, SECOND, THIRD], "beside": []}
    statuses = {
        host: {key: {"garden": value} for key, value in (status | hosts.get(host, {})).items()} for host in ("w1", "w2")
    }
    (road,) = release.ways_back([GARDEN], statuses, GROUPS, target)
    return road


def test_without_a_name_it_goes_to_the_release_before():
    road = way()
    assert road["problem"] == ""
    assert road["release"] == {"app": "garden", "id": FIRST, "path": f"/srv/garden/releases/{FIRST}"}
    assert (road["way"], road["live"]) == ("backward", {"w1": SECOND, "w2": SECOND})
    assert road["hosts"] == {"all": ["w1", "w2"], "worker": ["w2"], "web": ["w1", "w2"]}


def test_a_named_release_that_is_newer_is_gone_to_as_a_deploy_goes():
    """Workers first: its tasks are the ones that nobody else knows."""
    assert (way(THIRD)["release"]["id"], way(THIRD)["way"]) == (THIRD, "forward")
    assert (way(FIRST)["release"]["id"], way(FIRST)["way"]) == (FIRST, "backward")
    # Newer than one host's and older than the other's: the one that knows more goes last.
    assert way(SECOND, w1={"live": FIRST}, w2={"live": THIRD})["way"] == "backward"


def test_the_same_code_in_another_configuration_is_not_newer():
    other = f"{SECOND.rpartition('-')[0]}-ffffff"
    assert way(other, w1={"releases": [other]}, w2={"releases": [other]})["way"] == "backward"


def test_a_release_that_a_host_lacks_is_refused_with_those_that_all_have():
    problem = way(THIRD, w2={"releases": [FIRST, SECOND]})["problem"]
    assert problem == (f"garden: {THIRD} is not on w2; every host has: {FIRST}, {SECOND} (-e release_to=ID)")


@pytest.mark.parametrize(
    "hosts",
    [
        {"w1": {"previous": None}, "w2": {"previous": None}},
        {"w1": {"previous": FIRST}, "w2": {"previous": THIRD}},
        {"w2": {"previous": None}},
    ],
    ids=["none", "two", "one host has none"],
)
def test_hosts_that_do_not_agree_on_the_one_before_need_a_name(hosts):
    assert way(**hosts)["problem"].startswith(
        "garden: one release before the live one is not on w1, w2; every host has:"
    )
    assert way(FIRST, **hosts)["problem"] == ""


def test_hosts_that_have_nothing_in_common_have_no_way():
    road = way(w1={"releases": [FIRST]}, w2={"releases": [SECOND], "previous": SECOND})
    assert "every host has: none" in road["problem"]


def test_no_road_knows_a_secret():
    """A failed task prints the item of its loop."""
    assert HOSTILE not in str(way()["app"].values())
    (road,) = release.lockable([GARDEN], ["w1"])
    assert not {"secrets", "secret_environment"} & (road["app"].keys() | way()["app"].keys())
    assert (road["app"]["name"], road["hosts"]["all"]) == ("garden", ["w1"])
