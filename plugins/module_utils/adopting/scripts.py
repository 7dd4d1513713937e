"""What a project's own deployment runs: workers in compose files, Procfiles and units, commands in its entrypoint."""

from __future__ import annotations

import re
import shlex
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
_MANAGE = re.compile(r"^[^#\n]*?\bmanage\.py\s+([a-z_]\w*)([^\n|&;>#]*)", re.MULTILINE)
#: The kit does these itself, or nobody does them at a release.
_KNOWN = frozenset(
    {"migrate", "collectstatic", "runserver", "runserver_plus", "check", "test", "shell", "shell_plus", "dbshell"}
    | {"makemigrations", "createsuperuser", "createcachetable", "wait_for_db", "flush", "showmigrations", "celery"}
)
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


def hooks(tree: Tree, manage: str) -> Guess | None:
    """Return app_hooks from the management commands that an entrypoint runs before it starts anything."""
    for name in _aside_left_out(tree, _BEFORE_ALL):
        found: dict[str, list[str]] = {"before_migrate": [], "prepare": [], "after_migrate": []}
        point = "before_migrate"
        commands = _MANAGE.findall(tree.text(name))
        for command, arguments in commands:
            if command == "migrate":
                point = "after_migrate"
            elif command not in _KNOWN and "$" not in arguments:
                words = f"python {manage} {command} {_plain(arguments)}".strip()
                found["prepare" if _MAKES.search(command) else point].append(words)
        if any(command == "migrate" for command, _ in commands) and any(found.values()):
            given = {key: value for key, value in found.items() if value}
            return Guess(given, f"{name}, which runs them at each start")
    return None


def _aside_left_out(tree: Tree, patterns: tuple[str, ...]) -> list[str]:
    return [name for name in tree.find(*patterns) if not _ASIDE.search(name)]


def _plain(arguments: str) -> str:
    try:
        return shlex.join(shlex.split(arguments))
    except ValueError:
        return ""
