"""Who did what to a host: lines of several hosts become one run, and every verb leaves one."""

from __future__ import annotations

import importlib.util
import json

import pytest
from ansible.module_utils.release import history as log
from conftest import ROOT, load, playbooks, plugin

words = plugin("filter/history")

#: They leave a line for each application themselves, with its release; `down` leaves no host.
THEIR_OWN = {"deploy", "rollback", "drain", "down"}


def imported(path) -> list[str]:
    return [entry.get("ansible.builtin.import_playbook", "") for entry in load(path)]


@pytest.mark.parametrize("path", [p for p in playbooks() if "confirm.yml" in imported(p)], ids=lambda path: path.stem)
def test_every_verb_that_changes_hosts_leaves_a_line(path):
    """One include: playbooks/record.yml, behind the question and the checks."""
    verbs = imported(path)
    assert path.stem in THEIR_OWN or verbs.index("record.yml") > verbs.index("confirm.yml")


def entry(**more):
    return {
        "run": "desk-1-2-site",
        "at": "2026-11-30 10:00:00 UTC",
        "who": "ann@desk",
        "verb": "site",
        "what": "",
        **more,
    }


def test_hosts_of_one_run_are_one_line_of_the_table():
    ended = entry(outcome="done", seconds=12.5, changed=3)
    runs = words.merged_history({"web-1": [ended], "web-2": [ended | {"seconds": 20.0}]})
    assert [(run["outcome"], run["seconds"], list(run["hosts"])) for run in runs] == [
        ("done", 20.0, ["web-1", "web-2"])
    ]
    assert words.history_table(runs).splitlines()[1].split("  ")[0] == "2026-11-30 10:00:00 UTC"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"outcome": "begun"}, "begun: it runs still, or was killed"),
        ({"outcome": "done", "changed": 0}, "done, nothing changed"),
        ({"outcome": "done", "changed": 2}, "done"),
        ({"outcome": "failed", "step": "Start nginx (web-1)"}, "failed at: Start nginx (web-1)"),
    ],
)
def test_the_outcome_is_said_in_words(given, said):
    assert words.history_table(words.merged_history({"h": [entry(**given)]})).endswith(said)


def test_the_newest_lines_are_the_last():
    found = {"h": [entry(run=str(n), at=f"2026-11-30 10:0{n}:00 UTC", outcome="done", changed=1) for n in range(5)]}
    assert [line[14:16] for line in words.history_table(words.merged_history(found), 2).splitlines()[1:]] == [
        "03",
        "04",
    ]


def test_an_environment_that_is_new_says_so():
    assert words.history_table(words.merged_history({"h": []})) == "nothing was written down yet"


@pytest.fixture
def module():
    spec = importlib.util.spec_from_file_location("history_list", ROOT / "plugins/modules/history_list.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_a_host_tells_its_own_verbs_and_its_applications(module, tmp_path):
    log.add(tmp_path / "cloche/deploys.log", entry(outcome="begun"))
    log.add(tmp_path / "cloche/deploys.log", entry(outcome="done", changed=1))
    deploy = {"at": "2026-11-30 09:00:00 UTC", "who": "bob@ci", "verb": "deploy", "release": "1-a", "outcome": "live"}
    log.add(tmp_path / "garden/deploys.log", deploy)
    found = module.entries(tmp_path)
    assert [(e["verb"], e["what"], e["outcome"]) for e in found] == [
        ("deploy", "garden 1-a", "live"),
        ("site", "", "done"),
    ]


def test_a_long_history_is_turned_over_and_still_read(tmp_path, monkeypatch):
    monkeypatch.setattr(log, "LARGEST", 400)
    for number in range(10):
        log.add(tmp_path / "deploys.log", {"number": number, "padding": "x" * 80})
    kept = [found["number"] for found in log.read(tmp_path / "deploys.log")]
    assert kept[-1] == 9
    assert kept == list(range(kept[0], 10))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3 * 400


def test_a_line_that_was_cut_short_is_passed_over(tmp_path):
    (tmp_path / "deploys.log").write_text('{"number": 1}\n{"numb')
    log.add(tmp_path / "deploys.log", {"number": 2})
    assert list(log.read(tmp_path / "deploys.log")) == [{"number": 1}, {"number": 2}]
    assert json.loads((tmp_path / "deploys.log").read_text().splitlines()[-1]) == {"number": 2}
