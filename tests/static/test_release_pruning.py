"""What stays on a host: everything that runs, may run again or still ends something; the rest goes."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.release import history, staging
from ansible.module_utils.release.layout import Layout

IDS = [f"2026110{day}000000-abcdef{day}-12345{day}" for day in range(1, 8)]
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = IDS


@pytest.fixture
def layout(tmp_path):
    """Return the places of an application with seven releases, each with an environment, a wheel and logs of its own.

    Their sources are as old as they are themselves, unless a test stages one anew.
    """
    layout = Layout("garden", tmp_path)
    layout.logs.mkdir(parents=True)
    for age, identifier in enumerate(reversed(IDS)):
        layout.release(identifier).mkdir(parents=True)
        layout.venv(f"v{identifier}").mkdir(parents=True)
        (layout.release(identifier) / "venv").symlink_to(layout.venv(f"v{identifier}"))
        wheels = {"cp313-x86_64": {"trowel-1.0-py3-none-any.whl": identifier[-6:], "shared.whl": "5ha4ed"}}
        (layout.release(identifier) / staging.STAGED).write_text(json.dumps({"wheels": wheels}))
        stage_again(layout, identifier, age)
        for digest in (identifier[-6:], "5ha4ed"):
            (layout.wheels / digest).mkdir(parents=True, exist_ok=True)
        for program in (f"garden-web-{identifier}", f"garden-worker-all-{identifier}", f"garden-web-{identifier}.2"):
            for suffix in (".log", ".log.1"):
                (layout.logs / f"{program}{suffix}").touch()
    (layout.logs / history.NAME).touch()
    layout.go_live(SEVENTH)
    return layout


def stage_again(layout, identifier, age):
    """Let a release be staged so many minutes ago."""
    launcher = layout.release(identifier) / "run"
    launcher.touch()
    os.utime(launcher, times=(1_795_000_000 - 60 * age,) * 2)


def kept(layout):
    """Return the releases that are still here; environments, wheels and logs must be theirs alone."""
    found = sorted(path.name for path in (layout.home / "releases").iterdir())
    assert sorted(path.name for path in (layout.home / "venvs").iterdir()) == [f"v{name}" for name in found]
    assert {path.name for path in layout.wheels.iterdir()} == {"5ha4ed", *(name[-6:] for name in found)}
    assert len(list(layout.logs.iterdir())) == 6 * len(found) + 1
    assert all(list(layout.logs.glob(f"*-{name}*")) for name in found)
    return found


def test_the_newest_stay(layout):
    assert staging.prune(layout, 3, []) == [FOURTH, THIRD, SECOND, FIRST]
    assert kept(layout) == [FIFTH, SIXTH, SEVENTH]
    assert staging.prune(layout, 3, []) == []


def test_the_newest_are_those_that_were_staged_last_whatever_the_age_of_their_sources(layout):
    """An old revision that is deployed anew is somebody's latest wish."""
    stage_again(layout, SECOND, age=-5)
    assert staging.prune(layout, 2, []) == [SIXTH, FIFTH, FOURTH, THIRD, FIRST]
    # Half of one, from a deploy that was cut off, is older than any.
    (layout.release(SECOND) / "run").unlink()
    assert staging.prune(layout, 1, []) == [SECOND]


def test_the_live_one_and_the_one_before_it_stay_however_old(layout):
    layout.go_live(FIRST)
    layout.go_live(THIRD)
    assert staging.prune(layout, 1, []) == [SIXTH, FIFTH, FOURTH, SECOND]
    assert kept(layout) == [FIRST, THIRD, SEVENTH]


@pytest.mark.parametrize("program", ["garden-worker-slow-{}", "garden-worker-slow-{}.2", "garden-web-{}.3"])
def test_a_release_of_which_something_has_yet_to_end_stays(layout, program):
    """Its long task may import a module only now."""
    busy = [program.format(SECOND), f"garden-web-{SEVENTH}", "orchard-web-20261101000000-0000000-000000"]
    assert SECOND not in staging.prune(layout, 1, busy)
    assert kept(layout) == [SECOND, SEVENTH]
    assert staging.prune(layout, 1, busy[1:]) == [SECOND]


def test_an_environment_that_two_releases_share_stays_with_one_of_them(layout):
    link = layout.release(SEVENTH) / "venv"
    link.unlink()
    link.symlink_to(layout.venv(f"v{FIRST}"))
    staging.prune(layout, 1, [])
    assert [path.name for path in (layout.home / "venvs").iterdir()] == [f"v{FIRST}"]


def test_what_interrupted_deploys_began_goes(layout):
    (layout.home / ".staging-x7" / "wheels").mkdir(parents=True)
    layout.venv("half").mkdir()
    (layout.wheels / "0ther" / "spade.whl").mkdir(parents=True)
    (layout.home / "shared").mkdir()
    assert staging.prune(layout, 7, []) == []
    places = {"current", "releases", "shared", "venvs", layout.wheels.name}
    assert {path.name for path in layout.home.iterdir()} == places
    assert kept(layout) == IDS


# --- one release ----------------------------------------------------------------------------------------------------


def removed(layout, identifier):
    staging.remove_release(layout, identifier)
    assert not layout.release(identifier).exists()
    assert not layout.venv(f"v{identifier}").exists()
    # They say why it was removed.
    assert len(list(layout.logs.glob(f"*-{identifier}*"))) == 6
    assert sorted(path.name for path in (layout.home / "releases").iterdir()) == [n for n in IDS if n != identifier]


def test_a_failed_release_goes_but_for_its_logs(layout):
    layout.go_live(SIXTH)
    removed(layout, FIFTH)
    assert (layout.current_id(), layout.previous_id()) == (SIXTH, SEVENTH)


def test_the_way_back_leads_past_a_failed_release_to_what_was_live_before(layout):
    """It had been live for a moment: `previous` would lead nowhere, and its page's assets with it."""
    for identifier, outcome in ((FIRST, "live"), (THIRD, "live"), (FOURTH, "failed"), (FIFTH, "live")):
        history.append(layout, {"release": identifier, "outcome": outcome})
    layout.go_live(FIFTH)
    layout.go_live(SIXTH)
    layout.go_live(FIFTH)
    assert layout.previous_id() == SIXTH
    removed(layout, SIXTH)
    assert (layout.current_id(), layout.previous_id()) == (FIFTH, THIRD)


def test_before_the_first_is_live_the_environment_of_one_that_failed_stays_for_the_next_attempt(layout):
    """To send and install it again may take minutes."""
    layout.current.unlink()
    staging.remove_release(layout, FIFTH)
    assert not layout.release(FIFTH).exists()
    assert layout.venv(f"v{FIFTH}").is_dir() and (layout.wheels / FIFTH[-6:]).is_dir()
    layout.go_live(SIXTH)
    staging.prune(layout, 7, [])
    assert not layout.venv(f"v{FIFTH}").exists() and not (layout.wheels / FIFTH[-6:]).exists()


def test_where_nothing_was_live_before_no_link_says_so(layout):
    layout.go_live(SIXTH)
    layout.go_live(SEVENTH)
    removed(layout, SIXTH)
    assert (layout.current_id(), layout.previous_id()) == (SEVENTH, None)
    assert not layout.previous.is_symlink()


def test_removing_what_is_gone_is_no_error(layout):
    removed(layout, FIRST)
    staging.remove_release(layout, FIRST)
