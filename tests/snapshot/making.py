"""The host that a snapshot is made of: the lab's topology, provisioned by the kit's own playbooks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import yaml

from snapshot.key import PROJECT, SUITE
from snapshot.shelf import docker

SECONDS = 1200
#: A scenario on a copy says the same: all data of the broker lies under its name.
NODE = "stack"
#: The release goes, because a copy has another in any case: its ports and its name are in it. So a copy has one release
#: and no history, like a host that began bare; database, queues and virtual environment stay.
#: The machine's id must not be the same on two hosts. Empty, not gone: that would be a first boot.
FORGET = """
systemctl stop supervisor
rm -rf /etc/supervisor/conf.d/* /srv/garden/releases/* /var/log/garden/* /var/log/journal/*
find /srv/garden -maxdepth 1 -type l -delete
apt-get clean
truncate -s 0 /etc/machine-id
"""


def make(host: str, folder: Path) -> Path:
    """Make a host of that name and stop it; return its private directory, which lies in ``folder``."""
    inventory, private = folder / "inventory", folder / "private"
    write_inventory(inventory, host, private)
    for playbook in ("lab", "site"):
        run([str(PROJECT / "bin/play"), str(inventory), playbook])
    docker("exec", host, "sh", "-ec", FORGET)
    # As a server is shut down: what the services have in memory gets to the disk.
    docker("stop", "--time", "180", host)
    return private


def remove(host: str, folder: Path) -> None:
    """Remove what ``make`` made, whole or not."""
    docker("rm", "--force", "--volumes", host, check=False)
    docker("network", "rm", host, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def write_inventory(inventory: Path, host: str, private: Path) -> None:
    """Write the lab's inventory with one host of another name, and the sample application alone."""
    lab = PROJECT / "inventories/lab"
    topology = yaml.safe_load((lab / "hosts.yml").read_text())["all"]
    hosts = {host: {"ansible_connection": "docker", "container": {"suite": SUITE}}}
    children = {group: {"hosts": {host: None}} for group in topology["children"]}
    everything = inventory / "group_vars/all"
    everything.mkdir(parents=True)
    (inventory / "apps").mkdir()
    # JSON is YAML.
    (inventory / "hosts.yml").write_text(json.dumps({"all": {"hosts": hosts, "children": children}}))
    (inventory / "apps/garden.yml").symlink_to(lab / "apps/garden.yml")
    own = {"environment_name": "snapshot", "lab_dir": str(private), "lab_network": host, "rabbitmq_node_host": NODE}
    for path in (lab / "group_vars").iterdir():
        if path.name != "all":
            (inventory / "group_vars" / path.name).symlink_to(path)
    for path in (lab / "group_vars/all").iterdir():
        (everything / path.name).symlink_to(path)
    # Read after main.yml and vault.yml.
    (everything / "zz-snapshot.yml").write_text(json.dumps(own))


def run(command: list[str]) -> None:
    """Run one of the kit's commands as a person would: a scenario's settings are not for it. Raises RuntimeError."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "MOLECULE_"))}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
