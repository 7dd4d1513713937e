"""Somebody drops a table while it is written to: the second before comes back, whole."""

from __future__ import annotations

import re
import time

from backups import back_up, drill, moment, psql, restore, settle, shown, writing
from polling import until
from scenario_host import Site, programs, run, shell

SERVICES = ["backup-", "postgresql", "supervisor"]
#: The data directory is lost, and a new one of the same version takes its place.
NEW_CLUSTER = """
version=$(ls /etc/postgresql); data=/var/lib/postgresql/$version/main
systemctl stop postgresql@$version-main
rm -r $data
su postgres -c "/usr/lib/postgresql/$version/bin/initdb -D $data --data-checksums --locale=C.UTF-8" > /dev/null
systemctl start postgresql@$version-main
"""


def test_a_backup_under_load_is_proven(host):
    """The manifest is one of a moment at which somebody writes; every table that it answers for must be as it says."""
    with writing() as confirmed:
        time.sleep(2)
        back_up()
        time.sleep(1)
    assert len(confirmed) > 100
    result = drill()
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_second_before_a_table_was_dropped(host):
    with writing() as confirmed:
        time.sleep(4)
        settle()
        at = int(time.time())
        time.sleep(0.2)
        psql("DROP TABLE written")
    told = restore(moment(at))
    held = {int(n) for n in psql("SELECT n FROM written").split()}
    before = {n for n, _, done in confirmed if done < at}
    after = {n for n, sent, _ in confirmed if sent > at}
    assert len(before) > 100
    assert before - held == set(), "committed before that second, and lost"
    assert after & held == set(), "committed after that second, and there"
    assert after, "nothing was written between that second and the end of the table"
    aside = re.search(r"/var/lib/postgresql/\d+/main\.before-\w+", told)[0]
    assert shell(f"test -s {aside}/PG_VERSION && stat -c %U {aside}").strip() == "postgres"


def test_everything_runs_again(host):
    site = Site("localhost")
    until(lambda: site.request("GET", "/readyz").status_code, lambda answered: answered == 200, 60)
    until(lambda: set(programs().values()), lambda states: states == {"RUNNING"}, 60)
    assert psql("SELECT pg_is_in_recovery()", "postgres") == "f"


def test_the_new_history_is_archived_and_proven(host):
    """A restore begins another timeline; what is written from then on can be restored as well."""
    back_up()
    with writing() as confirmed:
        time.sleep(2)
        settle()
        at = int(time.time())
        time.sleep(0.5)
    restore(moment(at))
    held = {int(n) for n in psql("SELECT n FROM written").split()}
    assert {n for n, _, done in confirmed if done < at} - held == set()
    back_up()
    result = drill()
    assert result.returncode == 0, result.stdout + result.stderr


def test_on_second_thoughts_a_later_second(host):
    """It is on the history that the first restore has left."""
    timeline = psql("SELECT timeline_id FROM pg_control_checkpoint()", "postgres")
    moments = []
    for thought in ("first", "second"):
        psql(f"CREATE TABLE {thought}_thought AS SELECT 1 AS n")
        settle()
        moments.append(moment(time.time()))
        settle()
    shown_as = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE tablename LIKE '%thought'"
    restore(moments[0])
    assert psql(shown_as) == "first_thought"
    restore(moments[1], "", "-e", f"restore_timeline={timeline}")
    assert psql(shown_as) == "first_thought second_thought"


def test_a_moment_before_all_backups_changes_nothing(host):
    before = psql("SELECT pg_postmaster_start_time()", "postgres")
    result = run("restore", "-e", '{"restore_at": "2001-01-01 00:00:00"}')
    assert result.returncode != 0
    assert "no backup had ended by then" in result.stdout + result.stderr
    assert psql("SELECT pg_postmaster_start_time()", "postgres") == before
    until(lambda: set(programs().values()), lambda states: states == {"RUNNING"}, 60)


def test_a_lost_cluster_comes_back_and_a_new_one_is_not_mixed_with_it(host):
    """What `make up` makes on a new host is another database: its backup is refused until the old one is back."""
    psql("CREATE TABLE precious AS SELECT generate_series(1, 1000) AS n")
    back_up()
    psql("INSERT INTO precious VALUES (1001)")
    psql("SELECT pg_switch_wal()", "postgres")
    until(lambda: shell("ls /var/lib/postgresql/*/main/pg_wal/archive_status/*.ready || true"), "".__eq__, 30)
    shell(NEW_CLUSTER)
    result = run("backup")
    assert result.returncode != 0
    assert shown()["database"][0] == "red"
    restore("latest")
    assert psql("SELECT count(*) FROM precious") == "1001"
    back_up()
    assert shown()["database"] == ("ok", "")
