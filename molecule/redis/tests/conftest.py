"""What the tests of this scenario share: the passwords that converge.yml made, and a client."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from testinfra.host import Host

HOSTILE = "p% $#'\"\\:@/ ü"  # stands in converge.yml as well


@pytest.fixture
def passwords() -> dict[str, str]:
    """Return the password of each application by its name."""
    folder = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])
    random = {name: (folder / name).read_text(encoding="utf-8").strip() for name in ("garden", "orchard")}
    return {"garden": HOSTILE + random["garden"], "orchard": random["orchard"]}


@pytest.fixture
def redis(host: Host, passwords: dict[str, str]) -> Callable[..., str]:
    """Return a function that sends one command to a port as an application and gives the answer, errors included."""

    def send(port: int, *command: str, user: str = "garden", password: str | None = None) -> str:
        words = " ".join(["%s"] * len(command))
        return host.run(
            f"REDISCLI_AUTH=%s timeout 10 redis-cli -p %s --user %s --no-auth-warning {words}",
            passwords[user] if password is None else password,
            str(port),
            user,
            *command,
        ).stdout.strip()

    return send


@pytest.fixture
def fill(host: Host, passwords: dict[str, str]) -> Callable[[int, str, int], str]:
    """Return a function that writes so many values of 1 MiB to a port under a prefix and gives the answers."""

    def write(port: int, prefix: str, count: int) -> str:
        values = r"x=$(head -c 1048576 /dev/zero | tr '\0' x); for i in $(seq %s); do echo SET %s$i $x; done"
        client = "REDISCLI_AUTH=%s timeout 30 redis-cli -p %s --user garden --no-auth-warning"
        return host.check_output(f"({values}) | {client}", str(count), prefix, passwords["garden"], str(port))

    return write
