"""Another release, and a beat that dies: nothing is sent twice, and nothing is lost."""

import shutil
from pathlib import Path

import demo
from polling import until
from scenario_host import INVENTORY, play, shell

SERVICES = ["supervisor", "rabbitmq-server"]
#: Beat ends, and the next one begins; two cores boot it behind what serves.
LONGEST_GAP = 8


def another(tmp_path: Path) -> Path:
    """Return an inventory with one more task at a time."""
    inventory = tmp_path / "inventory"
    shutil.copytree(INVENTORY, inventory)
    definition = inventory / "apps/celery_demo.yml"
    text = definition.read_text()
    assert text.count("concurrency: 2") == 1
    definition.write_text(text.replace("concurrency: 2", "concurrency: 3"))
    return inventory


def check_went_on(begin: float) -> None:
    """Fail unless beat has sent at its period since then, and does so now."""
    now = demo.now()
    until(lambda: [at for at in demo.sends("add-every-two-seconds") if at > now], lambda at: len(at) > 3, 60)
    demo.check_ledger(begin, LONGEST_GAP)


def test_a_release_hands_over_and_back(tmp_path):
    before, begin = demo.live(), demo.now()
    play("deploy", inventory=another(tmp_path))
    release = demo.live()
    assert release != before
    until(demo.programs, demo.programs_of(release).__eq__, 60)
    check_went_on(begin)
    play("rollback", "-e", "release_verb=rollback")
    until(demo.programs, demo.programs_of(before).__eq__, 60)
    check_went_on(begin)
    assert shell("rabbitmqctl -q list_queues --vhost celery_demo name messages | grep dead-letter").split() == [
        "dead-letter", "0",
    ]  # fmt: skip


def test_a_beat_that_is_killed_goes_on_where_it_was():
    begin = demo.now()
    shell(f"kill -9 $(supervisorctl pid celery_demo-beat-{demo.live()})")
    check_went_on(begin)
