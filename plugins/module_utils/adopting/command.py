"""What `make new-app` does: writes the definition, adds secrets where an environment makes its own, tells the rest."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.applications.connections import connection_problems
from ansible.module_utils.applications.questions import asked
from ansible.module_utils.applications.rules import name_problems
from ansible.module_utils.applications.timeouts import stop_seconds

from . import vault
from .completing import complete, connection_facts
from .describe import Inspection
from .fetching import fetched
from .findings import Definition
from .inventory import Environment, read_environment
from .rendering import render
from .tree import Tree


class NewAppError(Exception):
    """Nothing was written; the message says why and what to do."""


def new_app(name: str, environment: str, source: str, project: Path) -> str:
    """Write the definition and return what to tell the operator. Raises NewAppError or SourceError."""
    directory = project / (environment if "/" in environment else f"inventories/{environment}")
    if not environment or not directory.is_dir():
        there = ", ".join(sorted(path.name for path in (project / "inventories").iterdir()))
        raise NewAppError(f"no environment '{environment}'; there are: {there}")
    if problems := name_problems(name):
        raise NewAppError(f"NAME={name}: {problems[0]['remedy']}")
    if not source:
        raise NewAppError("give SOURCE: a directory, git+ssh://HOST/PATH@REF, or pypi:project[extra]==5.*")
    target = directory / "apps" / f"{name}.yml"
    if target.exists():
        raise NewAppError(f"{_shown(target, project)} is there already; edit it, or remove it first")
    known = read_environment(directory)
    with fetched(source, project) as found:
        tree = Tree(found.root)
        if not tree.files:
            raise NewAppError(f"{source} holds no files")
        definition = Inspection(tree, name, found.source, known).describe()
    target.parent.mkdir(exist_ok=True)
    # Exclusive: not even one that appeared meanwhile is overwritten.
    with target.open("x") as file:
        file.write(render(definition, source))
    grown, shown = read_environment(directory), _shown(directory / "group_vars", project)
    said = [f"{_shown(target, project)}: written", *_secrets(definition, name, directory, project)]
    said += [f"{shown}/{words}" for words in (*_time_to_stop(grown), *_connections(grown))]
    return "\n".join([*said, *_next(definition, environment)])


def _shown(path: Path, project: Path) -> Path:
    """Return a path as the operator writes it: an environment may lie beside the kit."""
    return path.relative_to(project) if path.is_relative_to(project) else path


def _secrets(definition: Definition, name: str, directory: Path, project: Path) -> list[str]:
    path = directory / "group_vars/all/vault.yml"
    values = definition.values()
    wanted = vault.lines(name, list(values.get("app_secrets", {})))
    shown = _shown(path, project)
    said = []
    if vault.makes_its_own(path):
        said = [f"{shown}: added {line.partition(':')[0]}" for line in vault.add(path, wanted)]
    elif wanted:
        said = [f"{shown}: add {variable}" for variable in wanted]
    foreign = [value for value in values.get("app_secret_environment", {}).values() if value.strip("{ }") not in wanted]
    return said + [f"{shown}: add {value.strip('{ }')}, which only you know" for value in foreign]


def _time_to_stop(environment: Environment) -> list[str]:
    """Say what a further application costs when a host stops; preflight would refuse it otherwise."""
    limit = environment.main.get("supervisor_stop_timeout")
    total = sum(sum(stop_seconds(complete(*item)).values()) for item in environment.applications.items())
    if not isinstance(limit, int) or total < limit:
        return []
    words = "the programs of all applications, one after the other, may take that long to stop"
    return [f"all/main.yml: raise supervisor_stop_timeout ({limit}) above {total}: {words}"]


def _connections(environment: Environment) -> list[str]:
    """Say what preflight would refuse: more connections than PostgreSQL has."""
    apps = {stem: complete(stem, definition) for stem, definition in environment.applications.items()}
    found = connection_problems(apps, connection_facts(environment))
    return [f"postgres/postgres.yml: {p['variable']} is {p['value']}: {p['remedy']}; then make up" for p in found]


def _next(definition: Definition, environment: str) -> list[str]:
    questions = {}
    for key, value in definition.values().items():
        parts = value.items() if isinstance(value, dict) else ()
        questions |= {key: asked(value)} | {f"{key}.{name}": asked(item) for name, item in parts}
    said = [f"to be filled in: {key}: {words}" for key, words in questions.items() if words]
    return [*said, f"next: read it, then make preflight ENV={environment}"]
