"""Secrets of an application: which are refused, and that none is ever shown."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.applications.secrets import is_placeholder
from samples import filters, found, garden

PLACEHOLDERS = [
    "changeme", "CHANGE-ME", "change_me_please_"[:9], "secret", "password", "example", "xxx", "todo", "TODO: fill in",
    "<password>", "<the secret goes here>", "{{ secret }}", "${SECRET}", "your-secret-key", "password-password-123",
    "aaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdefghijkl", "swordfish-swordfish", "Secret1234567890",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholders_are_no_secrets(value, facts):
    problems = found(garden(app_secrets__broker=value), facts)
    assert [p[:2] for p in problems] == [("app_secrets.broker", f"({len(value)} characters)")]
    assert "left as a placeholder" in problems[0][2]


@pytest.mark.parametrize(
    "value",
    [
        "Zx81-secret-kT4!pQ9a",
        "p% $#'\"\\:@/ ü-Qm3vT8",
        "correct horse battery",
        "<aB3$x,9!kQ;7zR=>",
        "testudo4graeca9T",
    ],
)
def test_real_secrets_are_left_alone(value, facts):
    assert not is_placeholder(value)
    assert found(garden(app_secrets__broker=value), facts) == []


def test_a_short_secret_is_refused_by_length(facts):
    assert found(garden(app_secrets__broker="kT4!pQ9aZx81-7v"), facts)[0][1:] == (
        "(15 characters)",
        "shorter than 16 characters; generate one, for instance with `openssl rand -base64 32`",
    )


def test_a_secret_of_others_may_be_short_but_no_placeholder(facts):
    """The password of a mail provider is as long as it is."""
    definition = garden(app_secret_environment={"SMTP_PASSWORD": "kT4!pQ9", "API_TOKEN": "changeme"})
    assert [p[:2] for p in found(definition, facts)] == [("app_secret_environment.API_TOKEN", "(8 characters)")]


def test_the_password_of_a_package_index_is_judged_and_hidden(facts):
    index = {"url": "https://packages.invalid", "username": "me", "password": "changeme"}
    assert [p[:2] for p in found(garden(app_package_index=index), facts)] == [
        ("app_package_index.password", "(8 characters)")
    ]


def test_a_line_break_in_a_secret_is_refused(facts):
    """It would end the line of the environment file, and begin another variable."""
    problems = found(garden(app_secrets__broker="kT4!pQ9aZx81\nPATH=/tmp"), facts)
    assert "line break" in problems[0][2]


def test_the_environments_own_secrets_are_judged_as_well(facts):
    facts["secrets"]["operator_password"] = "changeme"
    assert [p[:2] for p in found(garden(), facts)] == [("operator_password", "(8 characters)")]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda v: {"app_secrets__broker": v},
        lambda v: {"app_secrets": v},
        lambda v: {"app_secrets": [v]},
        lambda v: {"app_secrets__brokr": v},
        lambda v: {"app_secret": {"broker": v}},
        lambda v: {"app_secret_enviroment": {"X": v}},
        lambda v: {"app_secret_environment": v},
        lambda v: {"app_secret_environment__X": [v]},
        lambda v: {"broker_password": v},
    ],
)
def test_no_problem_shows_a_secret(spoil, facts):
    """Preflight's output ends in CI logs and tickets."""
    value = "todo-todo-todo1"
    problems = filters.application_problems({"garden": garden(**spoil(value))}, facts)
    assert problems
    assert value not in json.dumps(problems)
