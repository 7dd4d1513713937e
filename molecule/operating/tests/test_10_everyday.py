"""Shells, commands, psql and Flower: where they belong, as pipes and as people use them, and without a secret."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

import httpx
import pytest
from operating import INVENTORY, ON, on, said, secrets
from scenario_host import HOST, current, shell

SERVICES = ["supervisor", "nginx"]


def test_a_command_runs_in_the_live_release_as_the_applications_user(inventory):
    script = "import os, getpass; print(getpass.getuser(), os.environ['RELEASE_ID'], os.getcwd())"
    done = on("manage", "--app", "garden", "--command", f'shell --verbosity 0 -c "{script}"', inventory=inventory)
    release = current("garden")
    assert done.stdout.split() == ["garden", release, f"/srv/garden/releases/{release}/source"], said(done)
    assert done.returncode == 0


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_handed_on(inventory, code):
    assert on("ssh", "--command", f"exit {code}", inventory=inventory).returncode == code


def test_a_failing_command_of_manage_fails_here():
    done = on("manage", "--command", "no_such_command")
    assert done.returncode == 1
    assert "Unknown command" in done.stderr


def test_a_script_can_be_piped_into_the_shell(inventory):
    done = on("shell", "--app", "garden", given="print(6 * 7)\n", inventory=inventory)
    assert done.stdout.strip().endswith("42"), said(done)
    assert done.returncode == 0


def test_without_manage_py_it_is_python_with_the_applications_packages():
    done = on("shell", "--app", "celery_demo", given="import celery, getpass; print(getpass.getuser())\n")
    assert done.stdout.strip() == "celery_demo", said(done)


def test_who_is_meant_has_to_be_said():
    done = on("shell")
    assert (done.returncode, done.stderr) == (2, "shell: say which with APP=: there are celery_demo, garden\n")


def test_psql_has_the_applications_rights_alone(inventory):
    done = on("psql", given="\\pset tuples_only\nselect current_user, current_database();\n", inventory=inventory)
    assert re.search(r"garden +\| garden", done.stdout), said(done)
    assert on("psql", "--command", "create role mallory").returncode == 3
    done = on("psql", "--role", "postgres", "--command", "select rolsuper from pg_roles where rolname = current_user")
    assert " t\n" in done.stdout, said(done)


def test_the_first_error_of_a_pipe_is_its_end():
    done = on("psql", given="select 1/0;\nselect 'never' || 'theless';\n")
    assert done.returncode == 3
    assert "division by zero" in done.stderr
    assert "nevertheless" not in done.stdout


def test_no_secret_is_in_a_command_line_or_an_answer():
    known = secrets()
    with subprocess.Popen([*ON, str(INVENTORY), "psql", "--command", "select pg_sleep(4)"], stdout=subprocess.PIPE):
        time.sleep(2.5)
        lines = shell("ps -ww -eo args=")
        mine = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    assert "PGOPTIONS=-c role=garden" in mine
    assert not [number for number, secret in enumerate(known) if secret in lines + mine]
    shown = said(on("manage", "--command", "check")) + said(on("shell", "--app", "garden", given="print(1)"))
    assert not [number for number, secret in enumerate(known) if secret in shown]


def typed(verb: list[str], keys: str, wanted: str, seconds: float = 30) -> tuple[str, int]:
    """Type into a verb on a terminal once it has shown a prompt; return what the terminal showed and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(ON[0], [*ON, str(INVENTORY), *verb])
    shown, sent, deadline = "", False, time.monotonic() + seconds
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.3)[0]:
            try:
                shown += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
        if not sent and re.search(r"(>>>|=[>#]|[$#]) *(\x1b\[[0-9;?]*[a-zA-Z])*$", shown):
            os.write(terminal, keys.encode())
            sent = True
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert wanted in shown, shown
    return shown, code


def test_a_person_has_a_terminal_in_psql():
    _, code = typed(["psql"], "select 'on a ' || 'terminal';\n\\q\n", "on a terminal")
    assert code == 0


def test_a_person_has_a_terminal_on_a_host():
    _, code = typed(["ssh"], "tty; hostname; exit 5\n", HOST)
    assert code == 5


def test_flower_is_on_a_port_of_this_machine_alone(inventory):
    command = [*ON, str(inventory), "flower", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tunnel:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/flower/", tunnel.stdout.readline())[0]
            with httpx.Client(trust_env=False, timeout=20) as client:
                assert "Flower" in client.get(address).text
                # Several connections at a time, as a browser has them.
                assert client.get(f"{address}api/workers").status_code in {200, 401}
            port = int(address.split(":")[2].split("/")[0])
            listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True)
            assert [line.split()[3] for line in listening.stdout.splitlines()] == [f"127.0.0.1:{port}"]
        finally:
            tunnel.terminate()
