"""Which release `make doctor` asks, and what becomes of one that does not answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible.module_utils.release.agent import AgentError
from ansible.module_utils.release.layout import Layout
from conftest import plugin

module = plugin("modules/release_doctor")
OLD, NEW = "20261101000000-aaaaaaa-111111", "20261102000000-bbbbbbb-222222"
AGENT = {"__main__.py": "print(1)", "cloche_agent/cli.py": "# the kit's"}
OPTIONS = {"id": None, "agent": AGENT, "manage": "manage.py", "entry": None, "celery_app": "config", "timeout": 7}


@pytest.fixture
def layout(tmp_path):
    """Two releases; the one with the older name was staged last."""
    layout = Layout("garden", tmp_path)
    for identifier, moment in ((OLD, 200), (NEW, 100)):
        layout.release(identifier).mkdir(parents=True)
        launcher = layout.release(identifier) / "run"
        launcher.touch()
        os.utime(launcher, (moment, moment))
    return layout


@pytest.fixture
def asked(monkeypatch):
    """Collect what the agent is asked, and what it is."""
    found = []

    def ask(layout, release, *words, timeout, agent):
        files = {name: (Path(agent) / name).read_text() for name in AGENT}
        modes = {oct(path.stat().st_mode & 0o777) for path in (Path(agent), *Path(agent).rglob("*"))}
        assert (files, modes) == (AGENT, {"0o755", "0o644"})
        found.append((release, *words, timeout))
        return {"versions": {}}

    monkeypatch.setattr(module, "ask", ask)
    return found


def test_the_live_release_is_asked(layout, asked):
    layout.go_live(NEW)
    found = module.doctor(layout, OPTIONS)
    assert asked == [(NEW, "doctor", "--manage", "manage.py", "--celery", "config", 7)]
    assert found == {"release": NEW, "state": "live", "facts": {"versions": {}}, "error": ""}


def test_the_agent_is_gone_afterwards(layout, monkeypatch):
    places = []
    monkeypatch.setattr(module, "ask", lambda *_, agent, **__: places.append(agent) or {})
    module.doctor(layout, OPTIONS)
    assert len(places) == 1 and not Path(places[0]).exists()


def test_where_none_is_live_the_one_staged_last(layout, asked):
    assert module.doctor(layout, OPTIONS)["release"] == OLD
    assert module.doctor(layout, OPTIONS)["state"] == "staged"


def test_a_release_that_is_named_is_asked_before_it_is_live(layout, asked):
    layout.go_live(OLD)
    found = module.doctor(layout, OPTIONS | {"id": NEW})
    assert (found["release"], found["state"]) == (NEW, "staged")


@pytest.mark.parametrize("named", [None, NEW])
def test_where_there_is_none_nobody_is_asked(tmp_path, asked, named):
    nothing = {"release": "", "state": "", "facts": {}, "error": ""}
    assert module.doctor(Layout("garden", tmp_path), OPTIONS | {"id": named}) == nothing
    assert asked == []


def test_an_application_that_does_not_load_is_an_answer(layout, monkeypatch):
    def ask(*_, **__):
        raise AgentError("doctor: ImportError: no config")

    monkeypatch.setattr(module, "ask", ask)
    found = module.doctor(layout, OPTIONS)
    assert (found["error"], found["facts"]) == ("doctor: ImportError: no config", {})
