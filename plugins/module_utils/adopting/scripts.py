"""What a project's own deployment runs: workers and processes in compose files, Procfiles and units, and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

from .findings import Guess
from .tree import Tree

_RUNS = ("docker-compose*.y*ml", "compose*.y*ml", "Procfile", "*.service", "start", "start-*", "*worker*.sh")
_BEFORE_ALL = ("entrypoint*", "docker-entrypoint*", "release.sh", "start", "start.sh")
_ASIDE = re.compile(r"(^|[._/-])(dev|develop|development|local|test|tests|ci)([._/-]|$)")
_WORKER = re.compile(r"\bcelery\b[^\n#]*\bworker\b[^\n]*")
_OPTIONS = {
    "queues": re.compile(r"(?:\s-Q\s*|--queues[= ])([\w.,:-]+)"),
    "concurrency": re.compile(r"(?:\s-c\s*|--concurrency[= ])(\d+)"),
    "pool": re.compile(r"(?:\s-P\s*|--pool[= ])(prefork|threads|gevent|solo)\b"),
}
_MANAGE = re.compile(r"^([^#\n]*?)\bmanage\.py\s+([a-z_][\w-]*)([^\n|&;>#]*)")
#: Where one line is one process: Procfile's `name: command`, and what a supervisor of processes runs.
_PROCFILE = re.compile(
    r"^(?!release:|web:)([a-z][\w-]*):\s*(?:python3?\s+)?(?:\./)?manage\.py\s+([a-z_][\w-]*)([^\n|&;>#]*)", re.MULTILINE
)
_SUPERVISED = ("*/services.d/*/run", "*/s6-rc.d/svc*/run", "services.d/*/run")
#: The kit does these itself, or nobody does them at a release.
_KNOWN = frozenset(
    {"migrate", "collectstatic", "runserver", "runserver_plus", "check", "test", "shell", "shell_plus", "dbshell"}
    | {"makemigrations", "createsuperuser", "createcachetable", "wait_for_db", "flush", "showmigrations", "celery"}
)
#: What a container is started as is no condition: the web's has to be met somewhere.
_KIND = re.compile(r"\$\{?[1@*]")
#: They write beside the source, so they belong to a release and run before it is closed.
_MAKES = re.compile(r"compile|compress|build")


@dataclass
class Workers:
    """How a project starts its workers: ``queues`` of all, and ``concurrency`` and ``pool`` where one is started."""

    queues: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    place: str = ""


def workers(tree: Tree) -> Workers:
    """Return the first file's workers that names queues; an empty one where none does."""
    for name in _aside_left_out(tree, _RUNS):
        lines = _WORKER.findall(tree.text(name))
        given = [
            {key: match[1] for key, option in _OPTIONS.items() if (match := option.search(line))} for line in lines
        ]
        queues = [queue for found in given for queue in found.get("queues", "").split(",") if queue]
        if queues:
            alone = {key: value for key, value in given[0].items() if key != "queues"} if len(given) == 1 else {}
            return Workers(list(dict.fromkeys(queues)), alone, name)
    return Workers()


def hooks(tree: Tree, manage: str) -> tuple[Guess | None, list[str]]:
    """Return app_hooks from the management commands that an entrypoint runs before it starts anything, and notes.

    The notes tell of commands that it runs under a condition: whether they are wanted here nobody can guess.
    """
    for name in _aside_left_out(tree, _BEFORE_ALL):
        found: dict[str, list[str]] = {"before_migrate": [], "prepare": [], "after_migrate": []}
        notes, point, commands = [], "before_migrate", list(_commands(tree.text(name)))
        for command, arguments, condition in commands:
            if command == "migrate":
                point = "after_migrate"
            elif command not in _KNOWN and "$" not in arguments:
                words = f"python {manage} {command} {_plain(arguments)}".strip()
                hook = "prepare" if _MAKES.search(command) else point
                if condition:
                    notes.append(f"{name} runs `{words}` under `{condition}`: app_hooks.{hook} is the place for it.")
                else:
                    found[hook].append(words)
        if any(command == "migrate" for command, *_ in commands):
            given = {key: value for key, value in found.items() if value}
            return (Guess(given, f"{name}, which runs them at each start") if given else None), notes
    return None, []


def processes(tree: Tree, manage: str) -> Guess | None:
    """Return app_processes from the management commands that a project's own deployment keeps running."""
    found: dict[str, str] = {}
    places = []
    for name in _aside_left_out(tree, ("Procfile",)):
        for process, command, arguments in _PROCFILE.findall(tree.text(name)):
            if command not in _KNOWN and "$" not in arguments:
                found.setdefault(_program(process), f"python {manage} {command} {_plain(arguments)}".strip())
                places.append(name)
    for name in _aside_left_out(tree, _SUPERVISED):
        kept = (line for line in _commands(tree.text(name)) if line[0] not in _KNOWN and "$" not in line[1])
        for command, arguments, _ in kept:
            found.setdefault(_program(command), f"python {manage} {command} {_plain(arguments)}".strip())
            places.append(name)
    if not found:
        return None
    listed = [{"name": name, "command": command} for name, command in found.items()]
    return Guess(listed, f"{', '.join(dict.fromkeys(places))}; one at a time, on the worker hosts")


def _commands(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the management commands of a shell script: name, arguments, and the condition; empty for none."""
    conditions: list[str] = []
    for line in (line.strip() for line in text.replace("\\\n", " ").splitlines()):
        if opened := re.match(r"(?:if|elif|case)\s+(.+?)\s*(?:;\s*then.*|\s+in|)$", line):
            conditions = conditions[:-1] if line.startswith("elif") else conditions
            conditions.append("" if _KIND.search(opened[1]) else opened[1].rstrip("; "))
        guard = ""
        for part in re.split(r"\s*(?:&&|;)\s*", line):
            if match := _MANAGE.match(part):
                yield match[2], match[3], next(filter(None, reversed(conditions)), guard)
            guard = part if part.startswith(("[", "test ")) else ""
        if re.search(r"(^|[\s;])(fi|esac)$", line):
            conditions = conditions[:-1]


def _program(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name.lower())


def _aside_left_out(tree: Tree, patterns: tuple[str, ...]) -> list[str]:
    return [name for name in tree.find(*patterns) if not _ASIDE.search(name)]


def _plain(arguments: str) -> str:
    try:
        return shlex.join(shlex.split(arguments))
    except ValueError:
        return ""
