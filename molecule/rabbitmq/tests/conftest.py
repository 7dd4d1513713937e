"""What the tests of this scenario share: the passwords that converge.yml made, and clients."""

import os
from pathlib import Path

import pytest
from amqp import Client
from testinfra.host import Host

HOSTILE = "p% $#'\"\\:@/ ü"  # stands in converge.yml as well
API = """
import base64, sys, urllib.error, urllib.request
url, login = sys.argv[1:]
request = urllib.request.Request(url, headers={"Authorization": "Basic " + base64.b64encode(login.encode()).decode()})
try:
    print(urllib.request.urlopen(request, timeout=10).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


@pytest.fixture
def passwords() -> dict[str, str]:
    """Return the password of each user by its name."""
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
    random = {name: (folder / name).read_text(encoding="utf-8").strip() for name in ("operator", "garden", "orchard")}
    return {
        "operator": HOSTILE + random["operator"],
        "garden": HOSTILE + random["garden"],
        "orchard": random["orchard"],
    }


@pytest.fixture
def garden(host: Host, passwords: dict[str, str]) -> Client:
    """Return the first application's client, its exchange and queues declared and empty."""
    client = Client(host, "garden", passwords["garden"])
    client.declare("garden", "default", "slow", "mail")
    client.run(*[("queue_purge", {"queue": queue}) for queue in ("dead-letter", "unrouted")])
    return client


@pytest.fixture
def http_status(host: Host):
    """Return a function that gives the status of a management URL for a user and password."""

    def status(path: str, user: str, password: str) -> int:
        url = f"http://127.0.0.1:15672{path}"
        return int(host.check_output("python3 -c %s %s %s", API, url, f"{user}:{password}"))

    return status
