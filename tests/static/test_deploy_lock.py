"""One deploy at a time: the lock's directory, with real directories and real processes."""

from __future__ import annotations

import errno
import json
import multiprocessing
import time
from functools import partial
from pathlib import Path

import pytest
from ansible.module_utils.release import lock
from ansible.module_utils.release.lock import DeployLock

RACERS = multiprocessing.get_context("fork")


def owner(token: str) -> dict:
    return {"token": token, "who": f"{token}@controller", "verb": "deploy", "release": "1-a"}


def race(*runners) -> list:
    """Return what each function returned; they begin at the same moment, in processes of their own."""
    gate, answers = RACERS.Barrier(len(runners)), RACERS.SimpleQueue()

    def run(number):
        gate.wait()
        answers.put((number, runners[number]()))

    processes = [RACERS.Process(target=run, args=(number,)) for number in range(len(runners))]
    for process in processes:
        process.start()
    found = dict(answers.get() for _ in processes)
    for process in processes:
        process.join()
    return [found[number] for number in range(len(runners))]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_of_two_that_ask_at_once_one_gets_it_and_the_other_hears_who(tmp_path):
    for attempt in range(20):
        directory = tmp_path / str(attempt)
        first, second = race(*(partial(DeployLock("garden", directory).take, owner(token)) for token in ("a", "b")))
        assert [first, second].count(None) == 1
        assert (first or second) == owner("b" if first else "a")
        assert DeployLock("garden", directory).holder() == (first or second)
        assert names(directory) == ["garden.lock"]


def test_applications_are_locked_apart(tmp_path):
    assert DeployLock("garden", tmp_path).take(owner("a")) is None
    assert DeployLock("orchard", tmp_path).take(owner("b")) is None
    assert DeployLock("garden", tmp_path).take(owner("b")) == owner("a")


def test_who_has_it_may_take_it_again(tmp_path):
    held = DeployLock("garden", tmp_path)
    assert held.holder() is None
    assert held.take(owner("a")) is None
    assert held.take(owner("a")) is None
    assert held.holder() == owner("a")


def test_only_its_holder_gives_it_back(tmp_path):
    held = DeployLock("garden", tmp_path)
    assert not held.free("a")
    held.take(owner("a"))
    assert not held.free("b")
    assert held.take(owner("b")) == owner("a")
    assert held.free("a")
    assert names(tmp_path) == []
    assert not held.free("a")
    assert held.take(owner("b")) is None


def test_a_directory_without_a_holder_is_no_lock(tmp_path):
    """What a crash could leave must not need a person with a shell on the host."""
    (tmp_path / "garden.lock").mkdir()
    held = DeployLock("garden", tmp_path)
    assert held.holder() is None
    assert not held.free("a")
    assert held.take(owner("a")) is None
    assert held.holder() == owner("a")


def test_what_cannot_be_a_lock_is_an_error_that_names_it(tmp_path):
    (tmp_path / "garden.lock" / "somebody's").mkdir(parents=True)
    with pytest.raises(OSError, match=r"garden\.lock"):
        DeployLock("garden", tmp_path).take(owner("a"))
    assert names(tmp_path) == ["garden.lock"]


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(lock.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        DeployLock("garden", tmp_path).take(owner("a"))
    assert names(tmp_path) == []


def test_of_two_that_take_over_an_abandoned_lock_one_gets_it(tmp_path, monkeypatch):
    """Both have read that its holder is dead: the second must not free what the first took meanwhile."""
    DeployLock("garden", tmp_path).take(owner("dead"))
    rmtree = lock.shutil.rmtree

    def take_over(token):
        held = DeployLock("garden", tmp_path)
        held.free("dead")
        return held.take(owner(token))

    def slowly():
        # Between the look at the holder and the removal.
        monkeypatch.setattr(lock.shutil, "rmtree", lambda path, **options: (time.sleep(0.4), rmtree(path, **options)))
        return take_over("a")

    def meanwhile():
        time.sleep(0.1)
        return take_over("b")

    first, second = race(slowly, meanwhile)
    assert [first, second].count(None) == 1
    assert json.loads((tmp_path / "garden.lock" / "holder.json").read_text()) == owner("b" if first else "a")
