"""PostgreSQL lets each application into its own database with its own password, and nobody else anywhere."""

import time

import pytest

SERVICES = ["postgresql"]


@pytest.mark.parametrize("name", ["garden", "orchard"])
def test_application_owns_its_database(connect, passwords, name):
    """With its password, hostile characters included, an application connects over TCP and may make tables."""
    sql = "CREATE TABLE leaf (n int); INSERT INTO leaf VALUES (7); SELECT 'n=' || n FROM leaf; DROP TABLE leaf"
    result = connect(name, passwords[name], sql=sql)
    assert result.rc == 0, result.stderr
    assert "n=7" in result.stdout.split()


@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_or_no_password_is_refused(connect, password):
    result = connect("garden", password)
    assert result.rc != 0
    assert "password" in result.stderr


def test_password_of_another_application_is_refused(connect, passwords):
    assert "authentication failed" in connect("garden", passwords["orchard"]).stderr


@pytest.mark.parametrize("database", ["orchard", "postgres", "template1"])
def test_other_databases_are_closed(connect, passwords, database):
    """Not by pg_hba.conf alone: the database itself grants CONNECT to its owner only."""
    assert "no pg_hba.conf entry" in connect("garden", passwords["garden"], database).stderr


def test_databases_grant_nothing_to_the_public(ask):
    for database, allowed in (("orchard", "f"), ("garden", "t")):
        assert ask(f"SELECT has_database_privilege('garden', '{database}', 'CONNECT')") == allowed


def test_superuser_is_refused_over_tcp(connect):
    assert "no pg_hba.conf entry" in connect("postgres", "postgres").stderr


def test_unix_socket_is_the_superuser_s_alone(host):
    result = host.run("runuser -u nobody -- psql -X -U postgres -c 'SELECT 1'")
    assert result.rc != 0
    assert "Peer authentication failed" in result.stderr


def test_other_addresses_do_not_answer(host, connect, passwords):
    address = host.check_output("hostname -I").split()[0]
    assert "refused" in connect("garden", passwords["garden"], address=address).stderr
    assert {s for s in host.socket.get_listening_sockets() if s.endswith(":5432")} == {"tcp://127.0.0.1:5432"}


def test_passwords_are_stored_as_scram_verifiers(ask):
    stored = ask("SELECT DISTINCT split_part(rolpassword, '$', 1) FROM pg_authid WHERE rolpassword IS NOT NULL")
    assert stored == "SCRAM-SHA-256"


def test_applications_have_no_privilege_of_the_server(ask):
    flags = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
    assert ask(f"SELECT count(*) FROM pg_roles WHERE rolname IN ('garden', 'orchard') AND NOT ({flags})") == "2"


def test_connection_limit_holds(ask):
    assert ask("SELECT rolconnlimit FROM pg_roles WHERE rolname = 'orchard'") == "4"


def test_cluster_has_checksums_and_utf8(ask):
    assert ask("SHOW data_checksums") == "on"
    assert ask("SELECT DISTINCT pg_encoding_to_char(encoding) FROM pg_database") == "UTF8"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("shared_buffers", "64MB"),
        ("effective_cache_size", "192MB"),
        ("work_mem", "1024kB"),
        ("maintenance_work_mem", "16MB"),
        ("password_encryption", "scram-sha-256"),
        ("idle_in_transaction_session_timeout", "5min"),
        ("idle_session_timeout", "0"),
        ("log_min_duration_statement", "1s"),
        ("log_lock_waits", "on"),
        ("cluster_name", "it's a \\ test"),
    ],
)
def test_setting_is_in_force(ask, setting, value):
    """256 MiB of memory decide the sizes; a passed-through value survives quotes and backslashes."""
    expected = {"1024kB": "1MB"}.get(value, value)
    assert ask(f"SHOW {setting}") == expected


def test_nothing_waits_for_a_restart(ask):
    assert ask("SELECT count(*) FROM pg_settings WHERE pending_restart") == "0"
    assert ask("SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL") == "0"


@pytest.mark.parametrize("name", ["pg_hba.conf", "conf.d/10-cloche.conf"])
def test_configuration_is_private(host, name):
    path = host.check_output("ls -d /etc/postgresql/*/main") + "/" + name
    file = host.file(path)
    assert (file.user, file.group, file.mode) == ("postgres", "postgres", 0o640)


def test_no_rule_trusts_and_no_server_file_names_an_application(host):
    rules = host.check_output("grep -hv '^#' /etc/postgresql/*/main/pg_hba.conf").splitlines()
    assert rules == ["local all postgres peer map=root", "host samerole +applications 127.0.0.1/32 scram-sha-256"]
    assert host.run("grep -rlE 'garden|orchard|weed' /etc/postgresql /etc/systemd/system").stdout == ""


def test_removed_application_is_gone_and_left_the_others(host, ask):
    """converge.yml added `weed` and removed it while a session of it was open."""
    assert host.file("/var/lib/postgresql/weed-was-removed").exists
    assert ask("SELECT count(*) FROM pg_database WHERE datname = 'weed'") == "0"
    assert ask("SELECT count(*) FROM pg_roles WHERE rolname = 'weed'") == "0"
    assert ask("SELECT count(*) FROM pg_database WHERE datname IN ('garden', 'orchard')") == "2"


def test_killed_server_comes_back_by_itself(host, connect, passwords):
    pid = int(host.check_output("head -1 /run/postgresql/*-main.pid"))
    host.run_test("kill -9 %s", str(pid))
    deadline = time.monotonic() + 30
    while connect("garden", passwords["garden"]).rc != 0:
        assert time.monotonic() < deadline, host.check_output("journalctl -n 30 -u 'postgresql@*'")
        time.sleep(0.5)
    assert int(host.check_output("head -1 /run/postgresql/*-main.pid")) != pid


def test_stopped_server_stays_stopped(host, connect, passwords):
    """The restart is for accidents: an operator's stop must hold."""
    unit = host.check_output("systemctl list-units --plain --no-legend 'postgresql@*' | cut -d' ' -f1")
    host.check_output("systemctl stop %s", unit)
    try:
        time.sleep(4)
        assert connect("garden", passwords["garden"]).rc != 0
        assert host.run("pgrep -u postgres -x postgres").stdout == ""
    finally:
        host.check_output("systemctl start %s", unit)
    assert connect("garden", passwords["garden"]).rc == 0
