"""What deploys.log tells, also one that a full disk cut short, and where the links lead."""

from __future__ import annotations

import json
import os

import pytest
from ansible.module_utils.release import history
from ansible.module_utils.release.layout import Layout


@pytest.fixture
def layout(tmp_path):
    """Return the places of an application with three releases."""
    layout = Layout("garden", tmp_path)
    for identifier in "123":
        layout.release(identifier).mkdir(parents=True)
    return layout


def live(release, **more):
    return {"release": release, "outcome": "live", "who": "ana@desk"} | more


def write(layout, *entries):
    for entry in entries:
        history.append(layout, entry)


def test_a_host_without_a_log_has_no_history(layout):
    assert list(history.entries(layout)) == []
    assert history.last_live(layout, but=set()) is None


def test_entries_come_back_as_they_were_written_oldest_first(layout):
    written = [live("1"), live("2", outcome="failed", why="line one\nline two ü")]
    write(layout, *written)
    assert list(history.entries(layout)) == written
    assert len((layout.logs / history.NAME).read_text().splitlines()) == 2


def test_a_line_that_was_cut_short_costs_no_other_line(layout):
    """Neither those before nor the next, which is written when the disk has room again."""
    write(layout, live("1"), live("2"))
    log = layout.logs / history.NAME
    log.write_bytes(log.read_bytes()[:-20])
    assert list(history.entries(layout)) == [live("1")]
    write(layout, live("3"))
    assert list(history.entries(layout)) == [live("1"), live("3")]


@pytest.mark.parametrize("line", ["", "{", "\x00\x00"], ids=["empty", "half", "zeros"])
def test_what_is_no_entry_is_passed_over(layout, line):
    write(layout, live("1"))
    with (layout.logs / history.NAME).open("a") as file:
        file.write(f"{line}\n")
    assert list(history.entries(layout)) == [live("1")]
    assert history.last_live(layout, but=set()) == "1"


def test_the_last_release_that_was_live_is_one_to_go_back_to(layout):
    write(layout, live("1"), live("2"), live("3"), live("3", outcome="failed"))
    assert history.last_live(layout, but=set()) == "3"
    assert history.last_live(layout, but={"3", None}) == "2"
    assert history.last_live(layout, but={"3", "2", "1"}) is None


def test_a_release_that_failed_or_was_removed_is_none_to_go_back_to(layout):
    layout.release("2").rmdir()
    write(layout, live("1"), live("2"), live("3", outcome="failed"))
    assert history.last_live(layout, but=set()) == "1"


def test_a_release_that_was_live_again_counts_from_then_on(layout):
    write(layout, live("1"), live("2"), live("1", verb="rollback"))
    assert history.last_live(layout, but={"3"}) == "1"


# --- the links ------------------------------------------------------------------------------------------------------


def test_the_first_release_has_none_before_it(layout):
    assert (layout.current_id(), layout.previous_id()) == (None, None)
    assert layout.go_live("1")
    assert (layout.current_id(), layout.previous_id()) == ("1", None)


def test_the_one_before_is_the_one_that_was_live(layout):
    layout.go_live("1")
    assert layout.go_live("2")
    assert (layout.current_id(), layout.previous_id()) == ("2", "1")
    assert not layout.go_live("2")
    assert (layout.current_id(), layout.previous_id()) == ("2", "1")
    assert layout.go_live("1")
    assert (layout.current_id(), layout.previous_id()) == ("1", "2")


def test_a_cut_between_the_links_leaves_the_live_one_live_and_is_made_up_for(layout, monkeypatch):
    layout.go_live("1")
    layout.go_live("2")
    point = Layout.point
    monkeypatch.setattr(
        Layout, "point", lambda self, link, to: point(self, link, to) if link == self.previous else 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        layout.go_live("3")
    assert layout.current_id() == "2"
    monkeypatch.setattr(Layout, "point", point)
    assert layout.go_live("3")
    assert (layout.current_id(), layout.previous_id()) == ("3", "2")


def test_a_link_is_replaced_in_one_step(layout, monkeypatch):
    """While it is being replaced it leads to the old or the new place, never nowhere."""
    seen = []
    real = os.rename
    monkeypatch.setattr(os, "rename", lambda *names: (seen.append(os.readlink(layout.current)), real(*names)))
    layout.current.symlink_to(layout.release("1"))
    layout.current.with_name(".current.new").symlink_to("left by a crash")
    layout.point(layout.current, layout.release("2"))
    assert seen == [str(layout.release("1"))]
    assert layout.current_id() == "2"
    assert [path.name for path in layout.home.iterdir() if path.is_symlink()] == ["current"]


def test_an_entry_is_one_line_whatever_the_failure_said(layout):
    write(layout, live("1", why="Traceback:\n  x\r\n\x85\u2028"))
    (line,) = (layout.logs / history.NAME).read_bytes().decode().split("\n")[:-1]
    assert json.loads(line)["why"].startswith("Traceback")
    assert len(list(history.entries(layout))) == 1
