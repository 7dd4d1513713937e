"""A host's certificate: for what it is called, with a key that its readers alone can read and no other host has."""

import os
import subprocess
from pathlib import Path

import pytest
import testinfra
from polling import until

PROJECT = Path(__file__).parents[3]
PLACE = "/etc/cloche/tls"
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent


def at(name: str):
    return testinfra.get_host(f"docker://{name}")


def converged() -> None:
    playbook = str(PROJECT / "molecule/pki/converge.yml")
    command = ["ansible-playbook", "-i", str(INVENTORY), playbook]
    run = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("user", ["reader", "second"])
def test_a_reader_has_a_key_of_the_certificate(user):
    host = at("pki-1")
    key = host.file(f"{PLACE}/{user}.key")
    assert (key.user, key.mode) == (user, 0o400)
    found = host.check_output(f"runuser -u {user} -- openssl pkey -in {PLACE}/{user}.key -pubout")
    assert found == host.check_output(f"openssl x509 -in {PLACE}/host.pem -noout -pubkey")


def test_nobody_else_reads_it_and_no_other_host_has_one():
    assert at("pki-1").run(f"runuser -u nobodys -- cat {PLACE}/reader.key").rc != 0
    assert at("pki-1").check_output(f"ls {PLACE}").split() == ["ca.pem", "host.pem", "reader.key", "second.key"]
    assert at("pki-2").check_output(f"ls {PLACE}") == "ca.pem"


def test_other_hosts_know_it_by_name_and_by_address():
    host = at("pki-1")
    address = host.check_output("hostname -I").split()[0]
    serve = f"openssl s_server -accept 4433 -cert {PLACE}/host.pem -key {PLACE}/reader.key -quiet"
    host.check_output(f"systemctl stop greeter 2>/dev/null; systemd-run --collect --unit=greeter {serve}")
    until(lambda: host.run("ss -ltnH 'sport = 4433'").stdout, bool, 10)
    asked = f"openssl s_client -connect {address}:4433 -CAfile {PLACE}/ca.pem -verify_return_error"
    for name in ("-verify_hostname pki-1", f"-verify_ip {address}"):
        assert "Verification: OK" in at("pki-2").check_output(f"{asked} {name} </dev/null 2>&1")
    assert at("pki-2").run(f"{asked} -verify_hostname pki-2 </dev/null").rc != 0


def test_one_that_somebody_spoilt_is_made_anew_and_servers_are_told():
    host = at("pki-1")
    before = host.check_output(f"openssl x509 -in {PLACE}/host.pem -noout -serial")
    host.check_output(f"rm -f /run/told; openssl genpkey -algorithm ed25519 -out {PLACE}/second.key")
    converged()
    assert host.check_output(f"openssl x509 -in {PLACE}/host.pem -noout -serial") != before
    assert host.file("/run/told").exists
    test_a_reader_has_a_key_of_the_certificate("second")
