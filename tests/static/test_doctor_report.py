"""How findings are told: worst first, no wider than a terminal, with lines to copy; and what a strict run counts."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import pytest
from ansible.module_utils import doctor
from conftest import ROOT, plugin
from doctor_samples import definition, facts
from test_doctor_celery import CASES as CELERY
from test_doctor_web import CASES as WEB

doctor_filters = plugin("filter/doctor").FilterModule().filters()
ASKED = {"release": "20261102000000-bbbbbbb-222222", "state": "live", "error": ""}
CONF = "celery/settings"
CONFIRM = "broker_transport_options.confirm_publish"
#: Two that share a snippet, one that loses and one that advises.
SPOILT = {"celery/transport_options/confirm_publish": False, "celery/transport_options/user_timeout": False}


def reported(changes: dict[str, Any] | None = None, **app: Any) -> dict[str, Any]:
    result = ASKED | {"facts": facts(**(changes or {})), "item": definition(**app)}
    return doctor_filters["doctor_reports"]([result], "web1")[0]


def lines(*reports: dict[str, Any]) -> list[str]:
    return doctor_filters["doctor_lines"](list(reports)).splitlines()


def test_settings_that_are_right_leave_two_lines():
    assert lines(reported()) == [
        "garden: 20261102000000-bbbbbbb-222222 (live) on web1", "", "garden: loses 0, risks 0, advises 0"
    ]  # fmt: skip


def test_a_finding_says_what_is_lost_when_and_what_to_write():
    told = lines(reported(SPOILT))
    begun = told.index("LOSES  broker_transport_options.confirm_publish: not set (False)")
    assert [line.split(":")[0].strip() for line in told[begun + 1 : begun + 6] if ":" in line][:2] == ["lost", "when"]
    assert "              CELERY_BROKER_TRANSPORT_OPTIONS = {" in told
    assert told[-1] == "garden: loses 1, risks 0, advises 1"


def test_the_worst_comes_first_and_lines_to_copy_stand_there_once():
    told = lines(reported(SPOILT))
    heads = [line.split()[:2] for line in told if re.match("[A-Z]+  ", line)]
    assert heads == [
        ["LOSES", "broker_transport_options.confirm_publish:"],
        ["ADVISES", "broker_transport_options.socket_settings:"],
    ]
    assert sum("CELERY_BROKER_TRANSPORT_OPTIONS" in line for line in told) == 1
    assert "            as above, at broker_transport_options.confirm_publish" in told


@pytest.mark.parametrize("setting", CELERY | WEB)
def test_no_line_is_wider_than_a_terminal(setting):
    changes = (CELERY | WEB)[setting][0]
    app = {path: value for path, value in changes.items() if path.startswith("app_")}
    rest = {path: value for path, value in changes.items() if not path.startswith("app_")}
    assert [line for line in lines(reported(rest, **app)) if len(line) > 100 and "://" not in line] == []


@pytest.mark.parametrize(("changes", "lossy"), [({}, False), ({f"{CONF}/broker_heartbeat": 0}, False), (SPOILT, True)])
def test_advice_alone_fails_no_strict_run(changes, lossy):
    assert reported(changes)["lossy"] is lossy


def test_what_is_accepted_is_only_named():
    report = reported(SPOILT, app_doctor_accepts=[CONFIRM])
    assert (report["lossy"], report["accepted"]) == (False, [CONFIRM])
    assert f"  accepted: {CONFIRM} (app_doctor_accepts)" in lines(report)


def test_an_application_that_does_not_load_says_why_and_counts():
    failed = ASKED | {"facts": {}, "error": "doctor: ImportError: no config", "item": definition()}
    (report,) = doctor_filters["doctor_reports"]([failed], "web1")
    assert report["lossy"] is True
    assert "could not be asked" in lines(report)[0] and "ImportError: no config" in lines(report)[1]


def test_without_a_release_there_is_nothing_to_say():
    empty = {"release": "", "state": "", "error": "", "facts": {}, "item": definition()}
    (report,) = doctor_filters["doctor_reports"]([empty], "web1")
    assert report["lossy"] is False
    assert lines(report) == ["garden: no release on web1; `make deploy` brings one"]


def test_the_report_is_plain_json_without_the_definition():
    report = reported(SPOILT)
    assert json.loads(json.dumps(report)) == report
    assert set(report["findings"][0]) == {
        "setting", "value", "severity", "lost", "when", "instead", "snippet", "source"
    }  # fmt: skip


@pytest.mark.parametrize("setting", CELERY | WEB)
def test_lines_to_copy_into_python_are_python(setting):
    changes = (CELERY | WEB)[setting][0]
    app = {path: value for path, value in changes.items() if path.startswith("app_")}
    rest = {path: value for path, value in changes.items() if not path.startswith("app_")}
    (finding,) = [f for f in reported(rest, **app)["findings"] if f["setting"] == setting]
    python = finding["snippet"] if re.match(r"# in shop\.|import |from ", finding["snippet"]) else ""
    assert isinstance(ast.parse(python.replace("(…)", "()")), ast.Module)


def test_docs_have_a_row_for_each_rule_and_say_the_same():
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split(" | "))
        for line in (ROOT / "docs/doctor.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    rules = [rule for group in doctor.GROUPS.values() for rule in group]
    # The severities have a table of their own.
    rows = [row for row in rows if len(row) > 2]
    assert rows == [(f"`{r.setting}`", r.severity, r.lost, r.when, r.instead) for r in rules]
    assert len({rule.setting for rule in rules}) == len(rules)
