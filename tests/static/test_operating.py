"""The verbs that look into hosts: where they go, over which connection, and what they never show."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible.module_utils.operating import everyday
from ansible.module_utils.operating.environment import Environment, OperatingError, chosen
from ansible.module_utils.operating.reach import reaching
from conftest import DATA, ROOT, load
from test_preflight_cli import SECRETS, write_inventory

SSH = {
    "ansible_connection": "ssh",
    "ansible_host": "192.0.2.7",
    "ansible_port": 2222,
    "ansible_user": "ops",
    "ansible_ssh_private_key_file": "/keys/id",
    "ansible_ssh_common_args": "-o UserKnownHostsFile=/keys/known",
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.fixture(scope="module")
def environment(inventory):
    return Environment(str(inventory), ROOT)


# --- how a host is reached ------------------------------------------------------------------------------------------


def test_a_container_is_reached_by_the_engine(environment):
    command = reaching("server", environment.variables("server") | {"ansible_become": False}, ["df", "-h"])
    assert command == ["docker", "exec", "--interactive", "server", "df", "-h"]


def test_a_server_is_reached_as_ansible_reaches_it():
    command = reaching("web-1", SSH, ["echo", "a b"], tty=False)
    assert command[0] == "ssh"
    assert command[-2:] == ["192.0.2.7", "sudo --non-interactive -- echo 'a b'"]
    text = " ".join(command)
    for part in (
        "-p 2222",
        "-l ops",
        "-i /keys/id",
        "UserKnownHostsFile=/keys/known",
        "BatchMode=yes",
        "ControlPersist",
    ):
        assert part in text


def test_a_person_has_a_terminal_and_may_type_sudos_password():
    command = reaching("web-1", SSH, ["psql"], tty=True)
    assert "-t" in command
    assert "BatchMode=yes" not in command
    assert command[-1] == "sudo -- psql"


def test_another_connection_is_named():
    with pytest.raises(OperatingError, match="'winrm'; this verb knows ssh, docker and local"):
        reaching("x", {"ansible_connection": "winrm"}, ["true"])


# --- where a verb belongs -------------------------------------------------------------------------------------------


def test_manage_runs_in_the_live_release_with_its_words_apart(environment):
    call = everyday.manage(environment, "", "", "shell -c 'print(1)'")
    assert (call.host, call.root) == ("server", True)
    assert call.argv[3:] == ["garden", "python", "manage.py", "shell", "-c", "print(1)"]


def test_psql_has_the_applications_rights_and_its_words_on_standard_input(environment):
    call = everyday.psql(environment, "", "", "select 'secret'", False)
    assert "PGOPTIONS=-c role=garden" in call.argv
    assert "--dbname=garden" in call.argv
    assert "--set=ON_ERROR_STOP=1" in call.argv
    assert call.given == "select 'secret'"
    assert "secret" not in " ".join(call.argv) + repr(call)


def test_no_command_line_has_a_secret(environment):
    calls = [
        everyday.shell(environment, "garden", "", True),
        everyday.manage(environment, "garden", "", "check"),
        everyday.psql(environment, "garden", "", "", True),
        everyday.flower(environment, "garden", ""),
        everyday.ssh(environment, "", ""),
    ]
    text = " ".join(" ".join(reaching(c.host, environment.variables(c.host), c.argv, c.root)) for c in calls)
    assert not [name for name, value in SECRETS.items() if value in text]


@pytest.mark.parametrize("name", ["other", ""])
def test_who_is_meant_has_to_be_said(name):
    with pytest.raises(OperatingError, match="there are garden, orchard"):
        chosen("APP", name, ["garden", "orchard"])


def test_a_verb_that_cannot_begin_ends_with_2_and_says_why(inventory):
    command = [sys.executable, ROOT / "bin/on", inventory, "ssh", "--host", "nope"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (2, "ssh: HOST is 'nope': there are server\n")
