"""The command line that runs another on a host, by the connection that the inventory gives it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from .environment import OperatingError

DOCKER = ("docker", "community.docker.docker")
SSH = ("ssh", "ansible.builtin.ssh", "smart")
LOCAL = ("local", "ansible.builtin.local")
CONTROL = Path("~/.ansible/cp").expanduser()


def reaching(host: str, variables: dict[str, Any], argv: list[str], root: bool = True, tty: bool = False) -> list[str]:
    """Return the argument vector, on the controller, that runs ``argv`` on a host.

    ``variables`` are the host's ``ansible_*``. ``root``: through sudo, unless the inventory says that there is no need;
    ``tty``: with a terminal, for a person. Standard input, output and the exit code are those of ``argv``.
    """
    kind = variables.get("ansible_connection", "ssh")
    if root:
        argv = [*_sudo(variables, tty), *argv]
    if kind in LOCAL:
        return argv
    if kind in DOCKER:
        return _docker(host, variables, argv, tty)
    if kind in SSH:
        return _ssh(host, variables, argv, tty)
    raise OperatingError(f"{host} is reached by '{kind}'; this verb knows ssh, docker and local")


def _sudo(variables: dict[str, Any], tty: bool) -> list[str]:
    if str(variables.get("ansible_become", True)).lower() in {"false", "no", "0"}:
        return []
    # Without a terminal nobody could type a password: it fails at once instead of waiting for ever.
    return ["sudo", *([] if tty else ["--non-interactive"]), "--"]


def _docker(host: str, variables: dict[str, Any], argv: list[str], tty: bool) -> list[str]:
    container = variables.get("ansible_docker_host") or variables.get("ansible_host") or host
    extra = shlex.split(variables.get("ansible_docker_extra_args") or "")
    user = variables.get("ansible_user")
    flags = ["--interactive", *(["--tty"] if tty else []), *(["--user", user] if user else [])]
    return ["docker", *extra, "exec", *flags, container, *argv]


def ssh_options(host: str, variables: dict[str, Any]) -> list[str]:
    """Return ``ssh`` with all that Ansible itself would give it for this host, in front of the host's address."""
    plugin = connection_loader.get("ansible.builtin.ssh", PlayContext(), None)
    plugin.set_options(var_options={"inventory_hostname": host, **variables})
    option = plugin.get_option
    command = [option("ssh_executable"), *shlex.split(option("ssh_args") or "")]
    if "ControlPersist" in " ".join(command):
        # Its own: a master that a verb of Ansible has opened could end below us.
        CONTROL.mkdir(mode=0o700, parents=True, exist_ok=True)
        command += ["-o", f"ControlPath={CONTROL}/operator-%C"]
    if not option("host_key_checking"):
        command += ["-o", "StrictHostKeyChecking=no"]
    given = {"-p": option("port"), "-l": option("remote_user"), "-i": option("private_key_file")}
    for flag, value in given.items():
        command += [flag, str(value)] if value else []
    command += ["-o", f"ConnectTimeout={option('timeout')}"]
    for name in ("ssh_common_args", "ssh_extra_args"):
        command += shlex.split(option(name) or "")
    return command


def _ssh(host: str, variables: dict[str, Any], argv: list[str], tty: bool) -> list[str]:
    flags = ["-t"] if tty else ["-T", "-o", "BatchMode=yes"]
    address = variables.get("ansible_ssh_host") or variables.get("ansible_host") or host
    # ssh hands a string to the login shell.
    return [*ssh_options(host, variables), *flags, address, shlex.join(argv)]
