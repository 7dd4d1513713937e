"""From one host to three: `site.yml` with another inventory, while the environment is used."""

import time

import growing
import pytest
from growing import APP, BALANCED, DATA, GROWN, LIMIT, address, longest_pauses, missing, red, status
from members import whole
from polling import until
from scenario_host import play, shell

SERVICES = ["patroni", "rabbitmq-server", "redis"]
#: Tasks for later, and seconds until then: longer than it takes to grow.
LATER, COUNTDOWN = 20, 240


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Give what was written meanwhile, the load, the prefix of the tasks for later, and the seconds it took."""
    rows = growing.rows(DATA[0])
    with growing.Used(tmp_path_factory.mktemp("load")) as load, growing.writing() as confirmed:
        prefix = growing.ledger().send(LATER, countdown=COUNTDOWN)
        begun = time.monotonic()
        play("site", inventory=GROWN, timeout=900)
        took = time.monotonic() - begun
    print({"seconds": round(took), "pauses": longest_pauses(confirmed), "entries": round(load.longest_pause(), 1)})
    return {"confirmed": confirmed, "load": load, "prefix": prefix, "rows": rows}


def test_no_task_is_lost(grown):
    told = grown["load"].ledger()
    assert (told["lost"], told["forgotten"]) == (0, 0), told
    # At most what was under way: handed out, done, and not acknowledged yet.
    assert told["duplicated"] <= 6, told
    assert told["accepted"] > 100


def test_each_service_is_written_to_again_within_half_a_minute(grown):
    pauses = longest_pauses(grown["confirmed"])
    assert all(pause <= LIMIT for pause in pauses.values()), pauses
    assert grown["load"].longest_pause() <= LIMIT


def test_rows_messages_and_keys_are_kept(grown):
    assert min(len(found) for found in grown["confirmed"].values()) > 50
    assert missing(grown["confirmed"]) == {"postgres": [], "rabbitmq": [], "redis": []}


@pytest.mark.parametrize("host", DATA)
def test_each_host_is_a_member_of_everything(grown, host):
    assert until(lambda: whole(host), bool, 120)


def test_rows_of_before_are_on_every_member(grown):
    for host in DATA:
        assert growing.rows(host) >= grown["rows"]


def test_programs_have_moved_to_haproxy_on_their_own_host(grown):
    """Those that run, and not only what the next ones would be told."""
    environment = shell("cat /etc/cloche/garden.env", host=APP)
    assert f"@{BALANCED}:5432/" in environment and f"@{BALANCED}:5672/" in environment
    assert address(DATA[0]) not in environment
    # Of a draining worker nothing is left once it has ended.
    services = "'( dport = 5432 or dport = 5672 )'"
    direct = f"ss -Htnp state established dst {address(DATA[0])} {services} | grep -v haproxy || true"
    assert until(lambda: shell(direct, host=APP), "".__eq__, 120) == ""


def test_nothing_is_red_and_all_members_are_seen(grown):
    told = until(status, lambda document: not red(document), 120)
    for host in DATA:
        assert {entry["service"]: entry["missing"] for entry in told["hosts"][host]["members"]} == {
            "postgres": [], "rabbitmq": [], "garden-cache": [], "garden-state": [],
        }  # fmt: skip


def test_tasks_for_later_run_once(grown):
    assert growing.ledger().each_once(grown["prefix"], LATER, "tasks for later", COUNTDOWN + 60) == []
