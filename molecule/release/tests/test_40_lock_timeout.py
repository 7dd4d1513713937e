"""A lock that somebody holds in the database."""

import subprocess
import time

import pytest
import versions
from kit import ALL, current, history, left_of, load_plan
from load import verdict
from load.process import Load
from scenario_host import HOST, run, shell

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")

# Reading goes on: only what needs the same lock would queue behind the migration.
HOLD = "begin; lock table ledger_run in share mode; select pg_sleep(60)"
END = "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()"


def test_a_migration_gives_up_after_five_seconds(live, tmp_path):
    versions.new_column()
    holder = subprocess.Popen(["docker", "exec", HOST, "psql", "-U", "postgres", "garden", "-c", HOLD])
    load = Load(load_plan(post_rate=0.0), tmp_path / "samples.ndjson")
    try:
        time.sleep(1)
        load.start()
        done = run("deploy")
    finally:
        load.stop()
        shell(f'psql -U postgres -qAt -c "{END}"')
        holder.wait(10)
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "within 5 s" in said, said
    assert verdict.judge(load.path)["dropped"] == []
    assert current() == live
    assert left_of(history()[-1]["release"]) == []
    # The lock of the deploy is free: the same release goes through now.
    assert run("deploy").returncode == 0
