"""Which tasks a play or a file of tasks comes to, through everything that it includes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conftest import ROOT, load, tasks_of

#: What expressions in the names of included files come to.
VALUES = {"{{ road.way }}": ("forward", "backward")}


def reached_by_play(playbook: Path, play: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a play, those of the roles and files that it includes as well."""
    seen: set[Path] = set()
    yield from _follow([play], playbook.parent, seen)
    for entry in play.get("roles", []):
        for path in _of_role(entry if isinstance(entry, dict) else {"role": entry}):
            yield from _file(path, seen)


def reached_by_file(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a file, those of the files that it includes as well."""
    yield from _file(path, set())


def _file(path: Path, seen: set[Path]) -> Iterator[dict[str, Any]]:
    if path not in seen:
        seen.add(path)
        yield from _follow(load(path), path.parent, seen)


def _follow(block: Any, directory: Path, seen: set[Path]) -> Iterator[dict[str, Any]]:
    for task in tasks_of(block):
        yield task
        for key, value in task.items():
            paths = []
            if key.endswith((".include_role", ".import_role")):
                paths = _of_role(value)
            elif key.endswith((".include_tasks", ".import_tasks")):
                paths = _matching(directory, value if isinstance(value, str) else value["file"])
            for path in paths:
                yield from _file(path, seen)


def _of_role(entry: dict[str, Any]) -> list[Path]:
    name = entry.get("name") or entry["role"]
    return _matching(ROOT / "roles" / name / "tasks", f"{entry.get('tasks_from', 'main')}.yml")


def _matching(directory: Path, name: str) -> list[Path]:
    """Return the files that a name stands for; for an expression in it, those of all its values."""
    names = [name]
    for expression, values in VALUES.items():
        names = [each.replace(expression, value) for each in names for value in values]
    paths = [directory / each for each in dict.fromkeys(names)]
    assert all(path.is_file() for path in paths), f"{directory} has no {name}"
    return paths
