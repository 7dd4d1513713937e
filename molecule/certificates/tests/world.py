"""This scenario's hosts, its ACME server and the kit's verbs; all times in seconds."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509

PROJECT = Path(__file__).resolve().parents[3]
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
PRIVATE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "private"
_HOSTS = yaml.safe_load((INVENTORY / "hosts.yml").read_text())["all"]["hosts"]
ACME = "cloche-certificates-acme"
#: Each web host with the port of the controller's loopback that leads to its TLS.
WEB = {name: int(host["container"]["ports"][0].split(":")[1]) for name, host in _HOSTS.items() if name != ACME}
STATE = "/var/lib/cloche/certificates"


def run(playbook: str, *arguments: str, inventory: Path = INVENTORY, callback: str = "default") -> Any:
    """Run a playbook of the kit, whatever comes of it."""
    command = ["ansible-playbook", "-i", str(inventory), *arguments, str(PROJECT / f"playbooks/{playbook}.yml")]
    environment = os.environ | {"ANSIBLE_STDOUT_CALLBACK": callback}
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def changed(told: str) -> list[str]:
    """Return what Ansible has told to be changed, by host, and the tasks that did it; fail where it ended early."""
    assert "PLAY RECAP" in told, told[-3000:]
    counts = [f"{host}: {count}" for host, count in re.findall(r"(?m)^(\S+) .*changed=([1-9]\d*)", told)]
    tasks = re.split(r"(?m)^(?=TASK \[|RUNNING HANDLER \[)", told)
    return counts and counts + [task[:300] for task in tasks if re.search(r"(?m)^changed: ", task)]


def shell(host: str, script: str, fails: bool = False) -> str:
    """Run a script as root on a host and return what it prints; `fails`: it has to end with another code than 0."""
    done = subprocess.run(
        ["docker", "exec", host, "bash", "-euc", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stdout


def start_authority() -> None:
    """Start the ACME server and wait for it to listen."""
    listens = "(exec 3<> /dev/tcp/127.0.0.1/14000) 2> /dev/null"
    shell(ACME, f"systemctl start pebble; timeout 30 bash -c 'until {listens}; do sleep 0.2; done'")


def status(inventory: Path = INVENTORY) -> dict[str, list[dict[str, Any]]]:
    """Return what `make status` says of certificates, by host."""
    document = json.loads(run("status", "-e", "format=json", inventory=inventory, callback="answer").stdout)
    return {host: document["hosts"][host]["certificates"] for host in WEB}


def raised(host: str, inventory: Path = INVENTORY) -> dict[str, str]:
    """Return the words of status for each certificate of a host that is red, by application."""
    found = (entry for entry in status(inventory)[host] if entry["level"] == "red")
    return {entry["path"].split("/")[5]: entry["note"] for entry in found}


def trust(host: str) -> ssl.SSLContext:
    """Return who a browser would trust: the ACME server's authority, whatever it is since its last start."""
    root = shell(
        ACME,
        "python3 - <<'E'\nimport ssl, urllib.request\nc = ssl._create_unverified_context()\n"
        "print(urllib.request.urlopen('https://127.0.0.1:15000/roots/0', context=c).read().decode())\nE",
    )
    return ssl.create_default_context(cadata=root)


@contextmanager
def connection(host: str, name: str, context: ssl.SSLContext) -> Iterator[tuple[ssl.SSLSocket, x509.Certificate]]:
    """Connect to a site as a client that knows its name; yield the connection and the certificate that it shows."""
    address = ("127.0.0.1", WEB[host])
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        yield secure, x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))


def shown(host: str, name: str, context: ssl.SSLContext | None = None) -> x509.Certificate:
    """Return the certificate that a host shows for a name, verified where a context is given."""
    if context is None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with connection(host, name, context) as (_, certificate):
        return certificate


def names(certificate: x509.Certificate) -> set[str]:
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return set(extension.value.get_values_for_type(x509.DNSName))


@contextmanager
def requests(host: str, name: str) -> Iterator[list[tuple[str, int]]]:
    """Send a site requests without a pause, each over its own connection; the list fills with outcome and serial."""
    answers: list[tuple[str, int]] = []
    ended = threading.Event()
    context = trust(host)

    def ask() -> tuple[str, int]:
        with connection(host, name, context) as (secure, certificate):
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            return secure.recv(1000).split(b"\r\n")[0].decode(), certificate.serial_number

    def again() -> None:
        while not ended.is_set():
            try:
                answers.append(ask())
            except OSError as error:
                answers.append((repr(error), 0))
            time.sleep(0.01)

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield answers
    finally:
        ended.set()
        thread.join()


def renew_before(host: str, app: str, left: str) -> None:
    """Have certbot renew a certificate, which lives for a day, once it has less than this left."""
    path = f"/etc/letsencrypt/renewal/cloche-{app}.conf"
    shell(host, f"sed -i /renew_before_expiry/d {path} && sed -i '1i renew_before_expiry = {left}' {path}")


def renew(host: str, fails: bool = False) -> None:
    """Do what the timer does, and wait for it."""
    shell(host, "systemctl start certbot.service", fails=fails)
