"""What hosts of a scenario say to each other, as others on their network would hear it."""

from __future__ import annotations

import json
import subprocess
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager

from topology import HOSTS

#: Of the network between hosts, and of programs with HAProxy on their own.
BETWEEN, WITHIN = "eth0", "lo"
CA = "/etc/cloche/tls/ca.pem"
_LISTEN = """
    import select, socket, sys
    mark = sys.argv[2].encode()
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    ear.bind((sys.argv[1], 0))
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**24)
    print("listening", flush=True)
    frames = heard = 0
    # Until whoever has begun it hangs up, and what came before that is read.
    while (ready := select.select([ear, sys.stdin], [], [])[0]) and ear in ready:
        frame = ear.recv(65536)
        frames, heard = frames + 1, heard + (mark in frame)
    print(frames, heard)
"""
_ASK = """
    import json, socket, ssl, struct, sys
    given = json.loads(sys.argv[1])
    try:
        connection = socket.create_connection((given["address"], given["port"]), 3)
    except OSError as error:
        sys.exit(print(type(error).__name__))
    connection.settimeout(3)
    heard = b""
    try:
        if given["begin"]:
            connection.sendall(bytes.fromhex(given["begin"]))
            connection.recv(1)
        if given["ca"]:
            context = ssl.create_default_context(cafile=given["ca"])
            if given["pair"]:
                context.load_cert_chain(*given["pair"])
            connection = context.wrap_socket(connection, server_hostname=given["address"])
        connection.sendall(bytes.fromhex(given["words"]))
        heard = connection.recv(4096)
        connection.settimeout(0.5)
        while (more := connection.recv(4096) if heard else b""):
            heard += more
    except OSError as error:
        heard = heard or type(error).__name__.encode()
    print(heard.decode("latin-1"))
"""
_LOOK = """
    import hashlib, json, socket, ssl, sys
    given = json.loads(sys.argv[1])
    connection = socket.create_connection((given["address"], given["port"]), 3)
    if given["begin"]:
        connection.sendall(bytes.fromhex(given["begin"]))
        connection.recv(1)
    context = ssl.create_default_context(cafile=given["ca"])
    connection = context.wrap_socket(connection, server_hostname=given["address"])
    print(hashlib.sha256(connection.getpeercert(True)).hexdigest())
"""
#: What a client of PostgreSQL says before it speaks TLS.
SSL_REQUEST = "0000000804d2162f"


def python(host: str, script: str, *arguments: str, timeout: float = 60) -> str:
    """Run a script as root on a host and return what it prints."""
    argv = ["docker", "exec", host, "python3", "-c", textwrap.dedent(script), *arguments]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=timeout).stdout


@contextmanager
def overheard(host: str, device: str, mark: str) -> Iterator[list[int]]:
    """Listen to a device of a host meanwhile; the list gets how many frames passed, and how many had the mark in it."""
    argv = ["docker", "exec", "--interactive", host, "python3", "-c", textwrap.dedent(_LISTEN), device, mark]
    ear = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert ear.stdout is not None
    assert ear.stdout.readline().strip() == "listening"
    found: list[int] = []
    try:
        yield found
        time.sleep(1)
    finally:
        found += [int(number) for number in ear.communicate(timeout=60)[0].split()]


def answer(
    host: str, to: str, port: int, words: bytes, *, ca: str = "", begin: str = "", pair: tuple[str, str] | None = None
) -> str:
    """Return what a host hears from a port of another, "" where that hangs up, or the name of an error.

    Without `ca`, a file there, it speaks no TLS. `begin`: hex of what comes before TLS. `pair`: certificate and key.
    """
    given = {
        "address": HOSTS[to]["address"],
        "port": port,
        "words": words.hex(),
        "ca": ca,
        "begin": begin,
        "pair": pair,
    }
    return python(host, _ASK, json.dumps(given)).rstrip("\n")


def shown(host: str, to: str, port: int, begin: str = "") -> str:
    """Return a digest of the certificate that a server shows to a host."""
    given = {"address": HOSTS[to]["address"], "port": port, "ca": CA, "begin": begin}
    return python(host, _LOOK, json.dumps(given)).strip()


def other_authority(host: str, text: str) -> str:
    """Put the certificate of an authority on a host and return the file."""
    place = "/tmp/other-authority.pem"
    argv = ["docker", "exec", "--interactive", host, "tee", place]
    subprocess.run(argv, input=text, check=True, capture_output=True, text=True, timeout=20)
    return place
