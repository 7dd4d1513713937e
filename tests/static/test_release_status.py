"""Whether a host runs what it shall: the link, the programs of its kinds, and the socket that nginx connects to."""

from __future__ import annotations

import functools

import pytest
from ansible.module_utils.release.layout import Layout
from conftest import plugin

status = plugin("modules/release_status")
LIVE, OLD = "20261102000000-bbbbbbb-222222", "20261101000000-aaaaaaa-111111"
WORKER, WEB, BEAT = (f"garden-{kind}-{LIVE}" for kind in ("worker-all", "web", "beat"))
WANTED = {"app": "garden", "id": LIVE, "kinds": ["worker", "web"]}


@pytest.fixture
def layout(tmp_path, monkeypatch):
    """Return the places of an application whose release is live and served."""
    layout = Layout("garden", tmp_path)
    for identifier in (LIVE, OLD):
        layout.programs(identifier).mkdir(parents=True)
    for program in (WORKER, WEB, BEAT):
        (layout.programs(LIVE) / f"{program}.conf").touch()
    layout.go_live(LIVE)
    layout.point(layout.web_link, layout.socket(LIVE))
    monkeypatch.setattr(status, "Layout", functools.partial(Layout, root=tmp_path))
    return layout


def up(*names, **states):
    return dict.fromkeys(names, "RUNNING") | states


def test_a_release_is_live_with_every_program_of_the_host_s_kinds(layout):
    assert status.faults(WANTED, up(WORKER, WEB)) == []
    assert status.faults(WANTED, up(WORKER))
    assert status.faults(WANTED, up(WEB, BEAT))
    # Beat is another host's.
    assert status.faults(WANTED | {"kinds": ["worker", "web", "beat"]}, up(WORKER, WEB))


def test_another_release_is_not_the_wanted_one_although_all_its_programs_run(layout):
    layout.go_live(OLD)
    assert status.faults(WANTED, up(WORKER, WEB))
    layout.current.unlink()
    assert status.faults(WANTED, up(WORKER, WEB))


def test_a_release_that_nginx_does_not_connect_to_is_not_live(layout):
    layout.point(layout.web_link, layout.socket(OLD))
    assert status.faults(WANTED, up(WORKER, WEB))
    layout.web_link.unlink()
    assert status.faults(WANTED, up(WORKER, WEB))
    # A host without web processes has no such link.
    assert status.faults(WANTED | {"kinds": ["worker"]}, up(WORKER)) == []


@pytest.mark.parametrize("state", ["STOPPING", "STOPPED", "EXITED", "FATAL"])
def test_a_program_that_ends_or_has_ended_does_not_run(layout, state):
    assert status.faults(WANTED, up(WEB, **{WORKER: state}))


@pytest.mark.parametrize("state", ["RUNNING", "STARTING", "BACKOFF"])
def test_supervisord_sees_to_a_program_that_starts(layout, state):
    assert status.faults(WANTED, up(WEB, **{WORKER: state})) == []


def test_a_program_that_came_back_beside_itself_runs(layout):
    assert status.faults(WANTED, up(WEB, f"{WORKER}.2", **{WORKER: "STOPPING"})) == []
    assert status.faults(WANTED, up(WEB, **{WORKER: "STOPPING", f"{WORKER}.2": "STOPPING"}))


def test_what_an_interrupted_deploy_left_is_told(layout):
    left = (f"garden-web-{OLD}", f"garden-worker-all-{OLD}.2")
    ends = {f"garden-beat-{OLD}": "STOPPING", f"garden-flower-{OLD}": "EXITED"}
    assert status.beside(layout, up(*left, WORKER, f"{WEB}.2", f"orchard-web-{OLD}", **ends)) == list(left)
    assert status.beside(layout, up(WORKER, WEB)) == []


def test_before_the_first_release_all_that_runs_is_left_over(layout):
    layout.current.unlink()
    assert status.beside(layout, up(WEB, WORKER)) == [WEB, WORKER]


def test_a_drained_host_lacks_no_worker(layout):
    layout.drained.touch()
    assert status.faults(WANTED, up(WEB)) == []
    assert status.faults(WANTED, up())


def test_what_is_wrong_is_said_in_words(layout):
    assert status.faults(WANTED, up(WEB)) == [f"{WORKER} should run"]
    assert status.faults(WANTED | {"id": "other"}, up(WEB)) == [f"other should be live, and {WANTED['id']} is"]
