"""Web hosts and balancers take turns to be away, restarted or updated, while the others serve."""

import subprocess

import pytest
from behind import BALANCERS, WEB, done, failed, holders, nothing_lost, play, under_load, until_whole
from topology import inside

LOAD = {"get_rate": 20, "post_rate": 5, "browsers": 8, "timeout": 20}


@pytest.fixture(autouse=True)
def _whole():
    until_whole()


def begun(host: str, unit: str) -> str:
    """Return since when a unit runs, on systemd's clock."""
    return inside(host, "systemctl", "show", "--property=ActiveEnterTimestampMonotonic", "--value", unit).strip()


def booted(host: str) -> str:
    argv = ["docker", "inspect", "--format", "{{.State.StartedAt}}", host]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def test_web_hosts_are_restarted_and_nothing_fails(tmp_path):
    units = ("nginx", "supervisor")
    before = [begun(host, unit) for host in WEB for unit in units]
    run, samples = under_load(tmp_path / "samples.ndjson", lambda: play("rolling_restart", "rolling_group=web"), **LOAD)
    done(run)
    assert failed(samples) == []
    nothing_lost(tmp_path / "samples.ndjson")
    after = [begun(host, unit) for host in WEB for unit in units]
    assert not set(before) & set(after)


def test_balancers_are_restarted_and_the_address_moves_once(tmp_path):
    (before,) = holders()
    run, samples = under_load(
        tmp_path / "samples.ndjson", lambda: play("rolling_restart", "rolling_group=balancer"), **LOAD
    )
    done(run)
    # Those under way on connections that the move has ended.
    assert len(failed(samples)) <= LOAD["browsers"]
    nothing_lost(tmp_path / "samples.ndjson")
    assert holders() == [host for host in BALANCERS if host != before]


def test_hosts_are_updated_and_restarted_under_load(tmp_path):
    before = [booted(host) for host in WEB]
    run, samples = under_load(
        tmp_path / "samples.ndjson", lambda: play("update", "update_group=web", "update_reboot=always"), **LOAD
    )
    done(run)
    assert failed(samples) == []
    nothing_lost(tmp_path / "samples.ndjson")
    assert not set(before) & {booted(host) for host in WEB}


def test_workers_on_one_host_are_restarted_only_when_that_is_confirmed():
    asked = play("rolling_restart", "rolling_group=worker")
    assert asked.returncode != 0
    assert "worker has one host, mb-data: meanwhile tasks wait" in asked.stdout + asked.stderr
    before = begun("mb-data", "supervisor")
    done(play("rolling_restart", "rolling_group=worker", "confirm=true"))
    assert begun("mb-data", "supervisor") != before
