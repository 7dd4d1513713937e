"""A host with data is gone for good: a fresh one of its name takes its place, by `site.yml`, while all is used."""

import subprocess
import time

import pytest
from growing import DATA, GROWN, LIMIT, Used, longest_pauses, missing, red, status, writing
from members import database_leader, redis_leader, whole
from polling import until
from scenario_host import play

SERVICES = ["patroni", "rabbitmq-server", "redis"]


@pytest.fixture(scope="module")
def replaced(tmp_path_factory):
    """Give what was written meanwhile, the load, the host, when it went, and what `make status` said before it came."""
    for host in DATA:
        until(lambda: whole(host), bool, 120)  # noqa: B023
    lost = database_leader()
    with Used(tmp_path_factory.mktemp("load")) as load, writing() as confirmed:
        gone = time.time()
        subprocess.run(["docker", "rm", "--force", lost], check=True, capture_output=True, timeout=60)
        leaders = until(lambda: (database_leader(), redis_leader()), lambda found: all(found) and lost not in found, 60)
        seen = status()
        play("lab", inventory=GROWN)
        play("site", inventory=GROWN, timeout=900)
    print({"lost": lost, "pauses": longest_pauses(confirmed), "entries": round(load.longest_pause(), 1)})
    return {"confirmed": confirmed, "load": load, "lost": lost, "gone": gone, "seen": seen, "leaders": leaders}


def test_its_absence_was_seen(replaced):
    assert (replaced["lost"], "errors") in [(host, kind) for host, kind, _ in red(replaced["seen"])]
    for host in set(DATA) - {replaced["lost"]}:
        members = {entry["service"]: entry for entry in replaced["seen"]["hosts"][host]["members"]}
        assert (members["rabbitmq"]["missing"], members["rabbitmq"]["level"]) == ([replaced["lost"]], "yellow")
    leader = replaced["seen"]["hosts"][replaced["leaders"][0]]["members"]
    assert [entry["missing"] for entry in leader if entry["service"] == "postgres"] == [[replaced["lost"]]]


def test_no_task_is_lost(replaced):
    told = replaced["load"].ledger()
    assert (told["lost"], told["forgotten"]) == (0, 0), told
    assert told["duplicated"] <= 6, told


def test_each_service_is_written_to_again_within_half_a_minute(replaced):
    pauses = longest_pauses(replaced["confirmed"])
    assert all(pause <= LIMIT for pause in pauses.values()), pauses
    assert replaced["load"].longest_pause() <= LIMIT


def test_rows_messages_and_keys_are_kept(replaced):
    """Redis confirms before a second member has it: what it was told within the last second may be gone."""
    confirmed = replaced["confirmed"]
    last = [n for n, at in confirmed["redis"] if replaced["gone"] - 1 < at < replaced["gone"] + 1]
    gone = missing(confirmed)
    assert (gone["postgres"], gone["rabbitmq"], set(gone["redis"]) - set(last)) == ([], [], set())


@pytest.mark.parametrize("host", DATA)
def test_each_host_is_a_member_of_everything(replaced, host):
    assert until(lambda: whole(host), bool, 120)


def test_who_led_meanwhile_still_leads(replaced):
    assert (database_leader(), redis_leader()) == replaced["leaders"]


def test_nothing_is_red(replaced):
    assert until(lambda: red(status()), lambda found: not found, 120) == []
