"""A task that is running when the release starts."""

import time
import uuid

import pytest
import versions
from kit import ALL, current, deploy, runs
from polling import until
from scenario_host import programs

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
SECONDS = 60


def test_a_long_task_ends_once_on_the_old_code_while_new_ones_run_on_the_new(site, live):
    long, short = f"long.{uuid.uuid4().hex}.", f"short.{uuid.uuid4().hex}."
    site.accept(long, queue="slow", seconds=SECONDS)
    until(lambda: runs(long), bool, 10)
    began = time.monotonic()
    versions.new_code()
    deploy()
    assert time.monotonic() - began < SECONDS, "the deploy waited for the task"
    new = current()
    assert runs(long)[0]["outcome"] == "running"
    site.accept(short, queue="slow")
    site.check_settled(short, 1, 20)
    assert [run["release"] for run in runs(short)] == [new]
    site.check_settled(long, 1, SECONDS + 20)
    assert [run["release"] for run in runs(long)] == [live]
    # Its worker goes by itself.
    until(lambda: [name for name, state in programs().items() if live in name and state == "STOPPING"], [].__eq__, 20)
