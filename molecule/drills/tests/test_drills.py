"""Faults under load: nothing accepted is lost, little is done twice, and all of it ends well unaided."""

import subprocess

from scenario_host import INVENTORY, PROJECT

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql", "redis"]
SECONDS = 2400


def test_every_fault(host):
    """The command of `make drill`; it writes the report."""
    done = subprocess.run(
        [PROJECT / "bin/drill", INVENTORY], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
