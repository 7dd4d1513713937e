"""Which of a role's timers run, which go, and what goes with them: the module over a systemctl that notes its calls."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT

SYSTEMCTL = """#!/bin/sh
echo "$@" >> {calls}
[ "$1" = show ] || exit 0
shift 2
for unit; do
    state=$(cat {states}/$unit 2>/dev/null || echo active)
    printf 'Id=%s\\nActiveState=%s\\nUnitFileState=enabled\\n\\n' "$unit" "$state"
done
"""


@pytest.fixture
def host(tmp_path):
    """Return what runs the module on a host of three timers: (arguments, check) -> (result, systemctl's calls)."""
    units, stamps, bin_, states = (tmp_path / name for name in ("units", "stamps", "bin", "states"))
    for directory in (units, stamps, bin_, states):
        directory.mkdir()
    for name in ("shop-a.timer", "shop-b.timer", "shopping-a.timer", "shop-b.service"):
        (units / name).write_text("")
    (stamps / "stamp-shop-b.timer").write_text("")
    calls = tmp_path / "calls"
    program = bin_ / "systemctl"
    program.write_text(SYSTEMCTL.format(calls=calls, states=states))
    program.chmod(0o755)

    def run(check=False, **arguments):
        calls.write_text("")
        prelude = (
            f"import sys; sys.path.insert(0, {str(ROOT / 'plugins/modules')!r})\n"
            "import managed_timers as m; from pathlib import Path\n"
            f"m.UNITS, m.STAMPS = Path({str(units)!r}), Path({str(stamps)!r})\nm.main()"
        )
        given = {"ANSIBLE_MODULE_ARGS": arguments | {"_ansible_check_mode": check}}
        found = subprocess.run(
            [sys.executable, "-c", prelude],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            env={"PATH": f"{bin_}:/usr/bin:/bin"},
        )
        return json.loads(found.stdout), calls.read_text().splitlines()

    run.units, run.stamps, run.states = units, stamps, states
    return run


def test_what_runs_as_it_shall_is_asked_about_once(host):
    result, calls = host(timers=["shop-a.timer", "shop-b.timer"], owned=["shop-*.timer"])
    assert result["changed"] is False
    assert calls == ["show --property=Id,ActiveState,UnitFileState shop-a.timer shop-b.timer"]


def test_what_nobody_describes_any_more_goes_with_its_service_and_stamp(host):
    result, calls = host(timers=["shop-a.timer"], owned=["shop-*.timer"], stop_services=True)
    assert (result["changed"], result["removed"]) == (True, ["shop-b.timer"])
    assert calls[:3] == ["disable --now shop-b.timer", "stop shop-b.service", "daemon-reload"]
    assert sorted(path.name for path in host.units.iterdir()) == ["shop-a.timer", "shopping-a.timer"]
    assert list(host.stamps.iterdir()) == []


def test_a_service_stays_unless_told(host):
    _, calls = host(timers=["shop-a.timer"], owned=["shop-*.timer"])
    assert "stop shop-b.service" not in calls
    assert (host.units / "shop-b.service").exists()


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_what_does_not_run_is_started(host, state):
    (host.states / "shop-a.timer").write_text(state)
    result, calls = host(timers=["shop-a.timer", "shop-b.timer"], owned=[])
    assert result["started"] == ["shop-a.timer"]
    assert calls[-2:] == ["enable shop-a.timer", "restart shop-a.timer"]


def test_what_was_written_is_read_and_restarted(host):
    result, calls = host(timers=["shop-a.timer"], owned=[], written=[str(host.units / "shop-a.timer"), "/etc/other"])
    assert result["started"] == ["shop-a.timer"]
    assert calls[0] == "daemon-reload"


def test_check_mode_says_what_it_would_do_and_does_nothing(host):
    result, calls = host(check=True, timers=["shop-a.timer", "shop-new.timer"], owned=["shop-*.timer"])
    assert (result["changed"], result["removed"]) == (True, ["shop-b.timer"])
    assert [call for call in calls if not call.startswith("show")] == []
    assert (host.units / "shop-b.timer").exists()
