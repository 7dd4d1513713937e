"""What an application is (apps/<name>.yml): its schema, its rules, its timeouts. Pure Python, no templating."""

from __future__ import annotations

import re
from typing import Any

from .balancers import balancer_problems
from .connections import connection_problems
from .problems import Problem, problem
from .rules import application_rules, environment_rules
from .schema import checked, completed
from .secrets import secret_problems
from .timeouts import environment_timeout_problems, ladder, timeout_problems
from .topology import topology_problems

__all__ = ["NUMBERS", "InvalidApplication", "application_problems", "complete_applications", "ladder"]


#: Facts that are numbers.
NUMBERS = frozenset(
    {"consumer_timeout", "visibility_timeout", "stop_timeout", "nginx_timeout_margin", "max_connections"}
    | {"reserved_connections"}
)
#: A worker that is wrong would make its queues look unserved.
_TOGETHER = frozenset({"app_celery", "app_queues", "app_workers"})


class InvalidApplication(ValueError):
    """A definition that does not fit the schema; the message lists every problem."""


def complete_applications(applications: dict[str, Any], options: dict[str, Any]) -> list[dict[str, Any]]:
    """Return complete definitions, sorted by name: keys without `app_`, defaults filled in, types coerced.

    `applications` maps file stem to definition, `options` is the schema. Raises InvalidApplication.
    """
    complete = []
    for stem, definition in sorted(applications.items()):
        clean, problems = checked(definition, options, f"apps/{stem}.yml ")
        if problems:
            raise InvalidApplication("; ".join(f"{p['variable']} = {p['value']}: {p['remedy']}" for p in problems))
        complete.append(completed(clean, options))
    return sorted(complete, key=lambda app: app["name"])


def application_problems(applications: dict[str, Any], options: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    """Return every contradiction in an environment's applications; an empty list when there is none.

    `facts`: project (directory on the controller that app_source.path is relative to), groups (name -> hosts), secrets
    (variable -> value, of the environment), placeholders (further words that are no secrets), certificates (the
    environment's source, and the ACME account's directory, email, terms_agreed) and, in seconds,
    consumer_timeout, visibility_timeout (Redis as the broker), stop_timeout (supervisor's unit), nginx_timeout_margin;
    max_connections (PostgreSQL's) and reserved_connections (of them, for operators); cluster: see `topology_problems`;
    balancer: see `balancer_problems`.
    """
    found, apps = [], {}
    for stem, definition in sorted(applications.items()):
        where = f"apps/{stem}.yml "
        clean, problems = checked(definition, options, where)
        # What is wrong is left out, so that everything else is still judged in the same run.
        app = completed({"app_name": stem, "app_source": {}} | clean, options)
        wrong = _wrong_keys(where, problems)
        further = [
            *_stem(where, stem, app),
            *application_rules(where, app, facts),
            *timeout_problems(where, app, facts),
        ]
        found += problems + [p for p in further if not wrong & _keys(p["variable"].removeprefix(where))]
        apps[where] = app
    found += environment_rules(apps, facts)
    found += topology_problems(facts)
    found += balancer_problems(facts)
    found += environment_timeout_problems(apps, facts)
    found += connection_problems(apps, facts)
    found += secret_problems(apps, facts)
    return found


def _stem(where: str, stem: str, app: dict[str, Any]) -> list[Problem]:
    same = app["name"] == stem
    return [] if same else [problem(f"{where}app_name", app["name"], f"rename the file to {app['name']}.yml")]


def _wrong_keys(where: str, problems: list[Problem]) -> set[str]:
    """Return the keys that the problems are about, and those that a misspelt one was meant to be."""
    wrong = set()
    for found in problems:
        meant = re.search(r"did you mean (\w+)", found["remedy"])
        wrong |= _keys(found["variable"].removeprefix(where)) | (_keys(meant[1]) if meant else set())
    return wrong


def _keys(path: str) -> set[str]:
    """Return the top-level key of a path; queues and workers are judged together."""
    key = re.split(r"[.\[]", path)[0]
    return {key, *_TOGETHER} if key in _TOGETHER else {key}
