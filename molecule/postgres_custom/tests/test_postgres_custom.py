"""Variables other than the defaults reach the running server."""

import os
from pathlib import Path

import pytest
from testinfra.backend.base import CommandResult
from testinfra.host import Host

SERVICES = ["postgresql"]

PORT = "5544"


@pytest.fixture
def psql(host: Host):
    """Return a function that runs SQL as the application, which `garden` is here."""
    password = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "garden").read_text(encoding="utf-8").strip()

    def run(sql: str, address: str = "127.0.0.1") -> CommandResult:
        command = "PGPASSWORD=%s PGCONNECT_TIMEOUT=5 psql -X -At -h %s -p %s -U garden -d garden -c %s"
        return host.run(command, password, address, PORT, sql)

    return run


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("port", PORT),
        ("max_connections", "40"),
        ("shared_buffers", "96MB"),  # postgres_settings wins over a quarter of the memory
        ("effective_cache_size", "96GB"),
        ("work_mem", "64MB"),  # capped
        ("maintenance_work_mem", "1GB"),  # capped
        ("log_min_duration_statement", "200ms"),
        ("jit", "off"),
    ],
)
def test_setting_is_in_force(psql, setting, value):
    assert psql(f"SHOW {setting}").stdout.strip() == value


def test_long_statement_is_cancelled(psql):
    assert "statement timeout" in psql("SELECT pg_sleep(10)").stderr


def test_idle_transaction_is_ended(host, psql):
    """A client that begins, then dawdles for longer than the limit, loses its session and its locks."""
    password = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "garden").read_text(encoding="utf-8").strip()
    dawdle = r"{ echo 'BEGIN;'; sleep 2; echo 'SELECT 1;'; }"
    result = host.run(f"{dawdle} | PGPASSWORD=%s psql -X -h 127.0.0.1 -p {PORT} -U garden garden", password)
    assert "idle-in-transaction timeout" in result.stderr


def test_listens_openly_but_pg_hba_refuses_foreign_networks(host, psql):
    assert host.socket(f"tcp://0.0.0.0:{PORT}").is_listening
    address = host.check_output("hostname -I").split()[0]
    assert "no pg_hba.conf entry" in psql("SELECT 1", address=address).stderr


def test_connections_above_the_limit_are_refused(host, psql):
    """The limit is 2: two sleepers take both places, a third is turned away."""
    password = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "garden").read_text(encoding="utf-8").strip()
    client = f"psql -X -h 127.0.0.1 -p {PORT} -U garden garden -c"
    sleeper = f"{client} 'SELECT pg_sleep(1.5)' & "
    result = host.run(f"export PGPASSWORD=%s; {sleeper * 2} sleep 0.7; {client} 'SELECT 1'; wait", password)
    assert "too many connections for role" in result.stderr


def test_slow_statement_is_logged(host, psql):
    assert psql("SELECT pg_sleep(0.4)").rc == 0
    assert host.run("grep -q 'SELECT pg_sleep(0.4)' /var/log/postgresql/postgresql-*-main.log").rc == 0
