"""The way back."""

import time
import uuid

import pytest
import versions
from kit import ALL, current, deploy, history, load_plan, runs
from load import marks, verdict
from load.process import Load
from polling import until
from scenario_host import play, run, shell

NEW_TASK = '''

@shared_task(name="ledger.newcomer")
def newcomer(key: str) -> None:
    """A task that only this version knows: leaves a mark that old code cannot leave."""
    from django.core.cache import cache

    time.sleep(0.3)
    cache.set(f"newcomer:{key}", 1, 600)
'''


def test_it_drops_nothing(live, tmp_path):
    versions.new_code()
    deploy()
    newer = current()
    load = Load(load_plan(), tmp_path / "samples.ndjson")
    load.start()
    try:
        play("rollback", "-e", "release_verb=rollback")
    finally:
        load.stop()
    assert verdict.judge(load.path)["dropped"] == []
    assert current() == live
    assert history()[-1] | {"verb": "rollback", "release": live, "previous": newer} == history()[-1]


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`: another scenario beside it would be measured as well")
def test_it_takes_no_longer_than_a_deploy_without_its_build(live, tmp_path):
    versions.new_code()
    began = time.monotonic()
    deploy(marks=tmp_path / "marks.ndjson")
    forward = time.monotonic() - began
    plays = [span for span in marks.read(tmp_path / "marks.ndjson") if span.event == "play"]
    [build] = [span.until - span.at for span in plays if span.name == "Build the releases"]
    began = time.monotonic()
    play("rollback", "-e", "release_verb=rollback")
    back = time.monotonic() - began
    print(f"deploy {forward:.1f} s, of which its build {build:.1f} s; rollback {back:.1f} s")
    assert back <= forward - build


def test_a_task_that_only_the_newer_release_knows_is_not_lost(live):
    versions.write("tasks/tasks.py", NEW_TASK, append=True)
    deploy()
    newer, batch = current(), uuid.uuid4().hex
    send = f"""
import django
django.setup()
from celery import current_app
for n in range(40):
    current_app.send_task("ledger.newcomer", args=[f"{batch}-{{n}}"], queue="default")
"""
    shell(f"/srv/garden/releases/{newer}/run python -c '{send}'")
    play("rollback", "-e", "release_verb=rollback")
    assert current() == live
    count = f"""
import django
django.setup()
from django.core.cache import cache
print(sum(bool(cache.get(f"newcomer:{batch}-{{n}}")) for n in range(40)))
"""

    def done() -> int:
        return int(shell(f"/srv/garden/current/run python -c '{count}'").split()[-1])

    # What the newer workers held when they were told to end is still running.
    ran, waiting = until(lambda: (done(), parked()), lambda seen: sum(seen) >= 40, 30)
    assert ran + waiting == 40, f"{ran} ran, {waiting} wait among the dead letters"
    # What waits runs once the newer release is back.
    play("rollback", "-e", f"release_to={newer}")
    assert until(done, lambda seen: seen == 40, 30 + waiting * 0.3) == 40
    assert parked() == 0


def parked() -> int:
    """Return how many messages wait among the dead letters."""
    rows = shell("rabbitmqctl -q list_queues -p garden name messages").splitlines()
    return next(int(row.split()[1]) for row in rows if row.split()[0] == "dead-letter")


def test_it_refuses_where_the_schema_is_ahead_until_told_otherwise(live):
    name = versions.new_column()
    deploy()
    newer = current()
    done = run("rollback", "-e", "release_verb=rollback")
    said = done.stdout + done.stderr
    assert done.returncode != 0 and f"ledger.{name}" in said and "schema_ahead" in said, said
    assert current() == newer
    play("rollback", "-e", "release_verb=rollback", "-e", '{"release_allow": ["schema_ahead"]}')
    assert current() == live


def test_it_names_the_releases_that_are_there(live):
    done = run("rollback", "-e", "release_to=20200101000000-0000000-000000")
    assert done.returncode != 0
    assert live in done.stdout + done.stderr
    assert current() == live
    assert runs("none.") == []
