"""A protected environment: its name is typed, or nothing happens."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, load, playbooks, tasks_of
from test_preflight_cli import write_inventory

QUESTION = b"Type its name to go on"
REFUSAL = "shire is protected and its name was not typed: nothing was changed"
#: Comes after the question in every verb; touches nothing, and the inventory's missing applications end it.
NEXT_PLAY = "PLAY [Check the inventory on the controller]"
SECONDS = 30


@pytest.fixture
def inventory(tmp_path):
    """An inventory whose only host nobody can reach (RFC 5737)."""
    directory = write_inventory(tmp_path, {}, groups=(), host={"ansible_host": "192.0.2.1"})
    (directory / "group_vars/all/environment.yml").write_text("environment_name: shire\nenvironment_protected: true\n")
    return directory


def environment(**further: str) -> dict[str, str]:
    own = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}
    inherited = {name: value for name, value in os.environ.items() if name != "CLOCHE_CONFIRM"}
    return inherited | own | {"ANSIBLE_NOCOLOR": "1"} | further


def command(verb: str, inventory: Path, *arguments: str) -> list[str]:
    playbook = str(Path(sys.executable).with_name("ansible-playbook"))
    return [playbook, f"playbooks/{verb}.yml", "-i", str(inventory), *arguments]


def run(verb: str, inventory: Path, *arguments: str, typed: str = "", **further: str) -> tuple[int, str]:
    """Run a verb without a terminal; `typed` comes through a pipe, which is no answer."""
    done = subprocess.run(
        command(verb, inventory, *arguments), cwd=ROOT, env=environment(**further), input=typed, capture_output=True,
        text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def run_at_a_terminal(verb: str, inventory: Path, word: str) -> tuple[int, str]:
    """Run a verb and type a word when it asks; what is typed before that is thrown away."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        argv = command(verb, inventory)
        os.execve(argv[0], argv, environment())
    output, typed, deadline = b"", False, time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.3)[0]:
            try:
                output += os.read(terminal, 4096)
            except OSError:  # The other end was closed: it is over.
                break
        elif QUESTION in output and not typed:
            os.write(terminal, f"{word}\r".encode())
            typed = True
    else:
        os.kill(process, signal.SIGKILL)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), output.decode()


@pytest.mark.parametrize("verb", ["site", "remove_app"])
def test_without_a_terminal_it_refuses(inventory, verb):
    """Instead of hanging, and before the next play."""
    code, output = run(verb, inventory, typed="shire\n")
    assert code != 0
    assert REFUSAL in output
    assert "UNREACHABLE" not in output
    assert output.count("\nPLAY [") == 1, output


@pytest.mark.parametrize(("word", "goes_on"), [("shire", True), ("Shire", False)])
def test_only_the_name_is_an_answer(inventory, word, goes_on):
    code, output = run_at_a_terminal("site", inventory, word)
    assert QUESTION.decode() in output
    assert (NEXT_PLAY in output, REFUSAL in output) == (goes_on, not goes_on), output
    assert code != 0  # Where it goes on, preflight ends it.


@pytest.mark.parametrize(
    ("arguments", "further"),
    [(["-e", "confirm=true"], {}), ([], {"CLOCHE_CONFIRM": "1"}), (["--check"], {})],
    ids=["variable", "environment", "check mode"],
)
def test_what_goes_on_without_a_question(inventory, arguments, further):
    output = run("site", inventory, *arguments, **further)[1]
    assert NEXT_PLAY in output
    assert REFUSAL not in output


def test_a_limit_does_not_skip_the_question(inventory):
    """As it would with a play on localhost, which is within no limit."""
    code, output = run("site", inventory, "--limit", "server")
    assert (code != 0, REFUSAL in output) == (True, True), output


def test_the_name_of_another_application_is_no_yes(inventory):
    """`make remove-app` hands CONFIRM=name on, which answers the question about data, not this one."""
    assert REFUSAL in run("remove_app", inventory, CLOCHE_CONFIRM="orchard")[1]


def test_every_verb_that_changes_hosts_asks_first():
    """A verb that is not asked about is one that only reads, or a part of others. What is wrong may be said before."""
    harmless = {
        "backups",
        "build",
        "confirm",
        "doctor",
        "drift",
        "history",
        "preflight",
        "preflight_hosts",
        "preflight_inventory",
        "releases",
        "restore_drill",
        "secrets",
        "status",
        "topology",
        "welcome",
    }
    parts = {
        "applications", "converge", "stage", "activate", "lab", "newcomers", "record", "resources", "rotate_accept",
        "rotate_move", "rotate_withdraw", "turns",
    }  # fmt: skip
    for path in playbooks():
        if path.stem not in harmless | parts:
            entries = load(path)
            asked = [entry.get("ansible.builtin.import_playbook") for entry in entries]
            assert "confirm.yml" in asked, f"{path.name} does not import confirm.yml"
            before = entries[: asked.index("confirm.yml")]
            assert all("hosts" in entry for entry in before), f"{path.name} imports another playbook before confirm.yml"
            assert all("ansible.builtin.assert" in task for task in tasks_of(before)), f"{path.name} asks too late"
