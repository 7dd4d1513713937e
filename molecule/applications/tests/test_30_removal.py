"""One of the three goes with all its data; the two others serve throughout, and keep theirs."""

import uuid

import demo
import httpx
import pytest
from applications import servers, site
from loads import under_load
from polling import until
from scenario_host import pids, play, shell

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql", "redis-server"]
GONE, LEFT = "classic", ["garden", "celery_demo"]
PREFIX = f"removal.{uuid.uuid4().hex}."
#: A line for all that is there of an application: user, group, processes, files, programs, database, role, vhost, unit.
TRACES = """
getent passwd {0} || true; getent group {0} || true; ps -ww -eo user:32=,pid= | grep -w ^{0} || true
find /etc /srv /run /var /tmp -xdev -path '*{0}*' -not -path '/var/lib/rabbitmq/*' -not -path '*/systemd-private-*' \
    -not -path '/var/backups/*'
supervisorctl avail | grep {0} || true
psql -U postgres -qAt -c 'select datname from pg_database union all select rolname from pg_roles' | grep {0} || true
rabbitmqctl -q list_vhosts | grep {0} || true; rabbitmqctl -q list_users | grep {0} || true
systemctl list-units --all --plain --no-legend 'redis-server@{0}-*'
ss -Hltn | grep -E ':639[23] ' || true
"""


def completed() -> int:
    """Return how many of garden's entries under the prefix are done."""
    return site("garden").request("GET", "/ledger/summary/", params={"prefix": PREFIX}).json()["completed"]


@pytest.fixture(scope="module")
def removal(tmp_path_factory):
    """What the others had before it, and what there was of the one that went."""
    for number in range(3):
        assert site("garden").request("POST", "/ledger/", data={"key": f"{PREFIX}{number}"}).status_code == 202
    until(completed, lambda done: done == 3, 20)
    found = {
        "traces": traces(), "sums": len(demo.results()), "programs": {name: pids(name) for name in LEFT},
        "units": {unit: pid for unit, pid in servers().items() if GONE not in unit},
    }  # fmt: skip
    with under_load(LEFT, tmp_path_factory.mktemp("removal")):
        said = play("remove_app", "-e", f"remove_application={GONE}", "-e", f"remove_confirmed={GONE}")
    return found | {"said": said}


def traces() -> list[str]:
    """Return what there is of the application that goes."""
    return shell(TRACES.format(GONE)).splitlines()


def test_its_data_is_kept_aside(removal):
    [place] = shell(f"ls -d /var/backups/cloche/{GONE}-*").split()
    assert place in removal["said"]
    assert "notes_note" in shell(f"pg_restore --list {place}/database.pgc")


def test_nothing_else_is_left_of_it(removal):
    assert len(removal["traces"]) > 20
    assert traces() == []
    with pytest.raises(httpx.ConnectError):
        site(GONE).request("GET", "/")


def test_the_others_processes_and_servers_were_not_touched(removal):
    assert {name: pids(name) for name in LEFT} == removal["programs"]
    assert servers() == removal["units"]


def test_the_others_data_is_there(removal):
    assert completed() == 3
    assert len(demo.results()) >= removal["sums"]


def test_the_others_work(removal):
    assert site("garden").request("GET", "/readyz").status_code == 200
    assert demo.console("from celery_demo.tasks import add; print(add.delay(2, 2).get(timeout=20))") == 4
