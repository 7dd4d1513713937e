"""What must be true on the host beyond single roles: sockets, users, programs, and where secrets are not."""

import subprocess
from urllib.parse import quote

import pytest
from programs import EXPECTED, complete, expected_kinds, kinds, supervised
from stack import HOST, PORTS, PRIVATE, docker, until

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "rabbitmq"]
OTHER = {"garden": "orchard", "orchard": "garden"}


def open_sockets(host) -> dict[str, str]:
    """Return every socket that is reachable from outside: protocol and address to program."""
    found = {}
    for line in host.check_output("ss -Hlntup").splitlines():
        protocol, address, program = line.split()[0], line.split()[4], line.partition('users:(("')[2].partition('"')[0]
        if not address.startswith(("127.", "[::1]")):
            found[f"{protocol} {address}"] = program
    return found


def test_only_nginx_and_ssh_are_reachable_from_outside(host):
    found = open_sockets(host)
    assert {address: program for address, program in found.items() if program not in {"nginx", "sshd"}} == {}
    assert {address.rpartition(":")[2] for address in found} == {"22", "80", "443"}


def test_it_is_published_on_loopback_only():
    published = docker("port", HOST).split()
    assert sorted(p for p in published if ":" in p) == sorted(f"127.0.0.1:{port}" for port in PORTS.values())


def test_exactly_the_described_programs_run(host):
    assert until(lambda: supervised(host), lambda those: those == EXPECTED, 15) == EXPECTED


def test_each_program_is_one_process_of_its_application_and_none_is_beside_them(host):
    """Children of supervisord by user: none is root's, none doubled."""
    assert kinds(host) == expected_kinds()
    assert complete(host)


@pytest.mark.parametrize("name", list(OTHER))
def test_secrets_belong_to_the_application_alone(host, name):
    secrets = host.file(f"/etc/cloche/{name}.env")
    assert (secrets.user, secrets.group, secrets.mode) == ("root", name, 0o640)
    assert host.run("runuser -u %s -- cat /etc/cloche/%s.env", name, name).rc == 0
    assert host.run("runuser -u %s -- cat /etc/cloche/%s.env", OTHER[name], name).rc != 0


@pytest.mark.parametrize("name", list(OTHER))
@pytest.mark.parametrize("path", ["/run/{}", "/var/log/{}"])
def test_no_application_reads_anothers_directories(host, name, path):
    assert host.run("runuser -u %s -- ls %s", name, path.format(name)).rc == 0
    assert host.run("runuser -u %s -- ls %s", OTHER[name], path.format(name)).rc != 0


@pytest.mark.parametrize("name", list(OTHER))
def test_no_application_reads_the_environment_of_anothers_processes(host, name):
    read = "runuser -u %s -- sh -c 'for p in $(pgrep -u %s); do cat /proc/$p/environ; done 2>/dev/null | wc -c'"
    assert int(host.check_output(read, name, name)) > 0
    assert int(host.check_output(read, OTHER[name], name)) == 0


# --- secrets -------------------------------------------------------------------------------------------------------


#: Files that hold the passphrase of backups: owner, group, mode.
BACKUP = {
    "/etc/cloche/backup.json": ("root", "root", 0o600),
    "/etc/pgbackrest/pgbackrest.conf": ("root", "postgres", 0o640),
}


@pytest.fixture(scope="module")
def patterns() -> str:
    """The random part of every secret, a line each, also as a URL carries it."""
    secrets = [path.read_text(encoding="utf-8").strip() for path in (PRIVATE / "secrets").iterdir()]
    assert len(secrets) == 11
    return "\n".join(sorted({form for secret in secrets for form in (secret, quote(secret, safe=""))}))


def matching(patterns: str, script: str) -> set[str]:
    """Run a script that has the patterns on its standard input, and return its lines."""
    command = ["docker", "exec", "-i", HOST, "bash", "-c", script]
    result = subprocess.run(command, input=patterns, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode in {0, 1}, result.stderr
    return set(result.stdout.splitlines())


def test_files_that_hold_secrets_are_known(patterns):
    """Also proves that the search below would find one."""
    found = matching(patterns, "grep -rlaF -f - /etc /srv --exclude-dir=venvs")
    assert found == {"/etc/cloche/garden.env", "/etc/cloche/orchard.env", *BACKUP}


def test_only_who_makes_backups_reads_their_passphrase(host):
    modes = {path: (host.file(path).user, host.file(path).group, host.file(path).mode) for path in BACKUP}
    assert modes == BACKUP


@pytest.mark.parametrize("place", ["/var/log", "/etc/supervisor", "/var/tmp", "/root"])
def test_no_secret_in(patterns, place):
    assert matching(patterns, f"grep -rlaF -f - {place}") == set()


@pytest.mark.parametrize(
    "source", ["journalctl --no-pager --all", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'"]
)
def test_no_secret_in_the_output_of(patterns, source):
    """The journal, and the command line of every process."""
    assert int(docker("exec", HOST, "bash", "-c", f"{source} | wc -l")) > 20
    assert matching(patterns, f"grep -aF -f /dev/fd/3 <({source}) 3<&0") == set()
