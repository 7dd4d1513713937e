"""Asking a release's agent: its last line counts, and whatever goes wrong comes back as one error with the reason."""

from __future__ import annotations

import os
import shlex
import time

import pytest
from ansible.module_utils.release import agent
from ansible.module_utils.release.layout import Layout

RELEASE = "20261102000000-bbbbbbb-222222"


@pytest.fixture
def layout(tmp_path):
    layout = Layout("garden", tmp_path)
    layout.release(RELEASE).mkdir(parents=True)
    return layout


def answers(layout, script):
    """Let the release's launcher be this shell script; it notes its arguments and how nice it is."""
    launcher = layout.release(RELEASE) / "run"
    launcher.write_text(f'#!/bin/sh\necho "$(nice)" "$@" > {shlex.quote(str(layout.root))}/arguments\n{script}\n')
    launcher.chmod(0o755)


def ask(layout, *arguments, timeout=20.0, **options):
    return agent.ask(layout, RELEASE, "workers", *arguments, timeout=timeout, **options)


def test_the_agent_runs_in_the_release_s_own_environment(layout):
    answers(layout, "echo '{\"answered\": []}'")
    assert ask(layout, "--await", "a b") == {"answered": []}
    niceness, *words = (layout.root / "arguments").read_text().split()
    assert words == ["python", agent.AGENT, "workers", "--await", "a", "b"]
    # Whatever serves on the host comes first.
    assert int(niceness) == min(os.nice(0) + 10, 19)


def test_celery_is_asked_in_the_environment_of_its_processes(layout):
    """Where it has one of its own; Django is asked in the other, and the answers are one."""
    layout.celery_environment(RELEASE).touch()
    of_celery, of_django = '{"tasks": ["a"], "migrations": []}', '{"tasks": [], "migrations": ["m"]}'
    answers(layout, f"case $1 in --celery) echo '{of_celery}' ;; *) echo '{of_django}' ;; esac")
    assert ask(layout, "--celery", "shop") == {"tasks": ["a"], "migrations": []}
    assert (layout.root / "arguments").read_text().split()[1:3] == ["--celery", "python"]
    both = ask(layout, "--manage", "manage.py", "--celery", "shop", "--static")
    assert both == {"tasks": ["a"], "migrations": ["m"]}
    last = (layout.root / "arguments").read_text().split()[1:]
    assert last == ["--celery", "python", agent.AGENT, "workers", "--celery", "shop"]


def test_what_the_application_prints_before_is_no_answer(layout):
    answers(layout, "echo 'loading {...}'; echo '{\"half\": 1'; echo '{\"answered\": [1]}'; echo; echo warning >&2")
    assert ask(layout) == {"answered": [1]}


def test_an_agent_that_says_no_is_quoted_and_its_answer_kept(layout):
    answers(layout, 'echo noise >&2; echo \'{"error": "no answer from a@h", "missing": ["a@h"]}\'; exit 1')
    with pytest.raises(agent.AgentError, match=r"^workers: no answer from a@h$") as raised:
        ask(layout)
    assert raised.value.answer["missing"] == ["a@h"]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'ImportError: no config' >&2; exit 1", "ImportError: no config"),
        ("echo 'Killed'; exit 137", "Killed"),
        ("echo 'no object' >&2; echo '[1]'", "no object"),
        ("echo 'printed, then ended'; exit 0", "printed, then ended"),
        ("echo '{\"answered\": []}'; echo 'Fatal Python error' >&2; exit 139", "Fatal Python error"),
    ],
)
def test_without_an_answer_there_is_the_reason(layout, script, words):
    answers(layout, script)
    with pytest.raises(agent.AgentError, match=f"^workers: {words}"):
        ask(layout)


def test_of_a_long_complaint_the_end_is_quoted(layout):
    answers(layout, "yes frame | head -n 2000 >&2; echo 'ValueError: last' >&2; exit 1")
    with pytest.raises(agent.AgentError, match=r"ValueError: last$") as raised:
        ask(layout)
    assert len(str(raised.value)) < 3100


def test_an_agent_that_hangs_is_ended(layout):
    answers(layout, "exec sleep 30")
    begun = time.monotonic()
    with pytest.raises(agent.AgentError, match="workers did not end within 0 s"):
        ask(layout, timeout=0.3)
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("output", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('noise\n{"a": 1}\n\n', {"a": 1}),
        ('{"a": 1}\nnoise', None),
        ('{"a": 1}\n{"b": 2}', {"b": 2}),
        ("", None),
        ("\n", None),
        ("[1]", None),
        ("null", None),
        ('{"a"', None),
    ],
)
def test_the_answer_is_the_object_on_the_last_line(output, found):
    assert agent.last_object(output) == found
