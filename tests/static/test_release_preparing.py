"""What an application makes of its source on a host: once, as the source's owner, and never longer than it takes."""

from __future__ import annotations

import os
import stat

import pytest
from ansible.module_utils.release import preparing
from ansible.module_utils.release.commands import CommandError
from ansible.module_utils.release.layout import Layout

RELEASE = "1-a"
ME = (os.getuid(), os.getgid())
NOW = {"command": "date > made", "timeout": 10}


@pytest.fixture
def given(monkeypatch):
    """Return whom the source was given to, in order."""
    owners = []
    monkeypatch.setattr(preparing, "give", lambda tree, before, after: owners.append((tree.name, before, after)))
    return owners


@pytest.fixture
def layout(tmp_path):
    layout = Layout("garden", tmp_path)
    source = layout.release(RELEASE) / "source"
    source.mkdir(parents=True)
    launcher = layout.release(RELEASE) / "run"
    launcher.write_text(f'#!/bin/bash\ncd {source}\nexec "$@"\n')
    launcher.chmod(0o755)
    return layout


USER, ROOT = (990, 990), (0, 0)
ROUND_TRIP = [("source", ROOT, USER), ("source", USER, ROOT)]


def test_the_commands_run_one_after_the_other_while_the_source_is_the_user_s(layout, given):
    assert not preparing.is_prepared(layout, RELEASE)
    preparing.prepare(layout, RELEASE, [NOW, {"command": "mv made kept", "timeout": 10}], USER)
    assert (layout.release(RELEASE) / "source" / "kept").is_file()
    assert given == ROUND_TRIP
    assert preparing.is_prepared(layout, RELEASE)


@pytest.mark.parametrize("command", ["exit 3", "sleep 60"])
def test_it_goes_back_to_root_also_when_a_command_fails_and_is_then_not_prepared(layout, given, command):
    commands = [{"command": command, "timeout": 0.3}, NOW]
    with pytest.raises(CommandError):
        preparing.prepare(layout, RELEASE, commands, USER)
    assert given == ROUND_TRIP
    assert not (layout.release(RELEASE) / "source" / "made").exists()
    assert not preparing.is_prepared(layout, RELEASE)


def test_what_was_made_can_be_read_by_all_and_written_by_its_owner(tmp_path):
    """Commands write with the masks and temporary files of their own; workers read it as somebody else."""
    (tmp_path / "deep").mkdir(mode=0o700)
    modes = {"private": (0o600, 0o644), "open": (0o666, 0o644), "deep/program": (0o750, 0o755), "odd": (0o6711, 0o755)}
    for name, (mode, _) in modes.items():
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    preparing.give(tmp_path, ME, ME)
    assert {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in modes} == {
        name: mode for name, (_, mode) in modes.items()
    }
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o755


def test_no_link_is_followed(tmp_path):
    """The application's user may have planted one to what is root's."""
    tree, outside = tmp_path / "source", tmp_path / "outside"
    tree.mkdir()
    outside.mkdir(mode=0o700)
    (outside / "secret").touch(mode=0o600)
    (tree / "file").symlink_to(outside / "secret")
    (tree / "directory").symlink_to(outside)
    (tree / "nowhere").symlink_to(tmp_path / "missing")
    preparing.give(tree, ME, ME)
    assert stat.S_IMODE((outside / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(outside.stat().st_mode) == 0o700


def test_what_belongs_to_somebody_else_stays_theirs(tmp_path):
    """A second name of a secret of root's would be given away, or opened to everybody."""
    (tmp_path / "secret").touch(mode=0o600)
    preparing.give(tmp_path, (ME[0] + 1, ME[1]), ME)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_pipe_is_passed_by(tmp_path):
    """Opening one would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    preparing.give(tmp_path, ME, ME)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
