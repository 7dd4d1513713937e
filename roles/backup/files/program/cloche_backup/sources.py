"""How each kind of source becomes a directory that restic can read, and how a restored one takes its place."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from .config import Config, Source
from .running import Failed, run

#: Of a set of append-only files, the one that names the others.
_MANIFEST = "*.manifest"
Opener = Callable[[Config, Source], AbstractContextManager[Path]]


def there(source: Source) -> bool:
    """Return whether a source has anything to keep; RabbitMQ's definitions are asked for."""
    return source.kind == "rabbitmq" or source.path.is_dir()


@contextmanager
def _media(config: Config, source: Source) -> Iterator[Path]:
    yield source.path


@contextmanager
def _redis(config: Config, source: Source) -> Iterator[Path]:
    """Give the append-only files of one moment, without asking Redis, whose users may not.

    What is complete never changes, the last file only grows, and where it ends in the middle of a command Redis leaves
    that out. So links to all of them are a copy, if no rewrite replaced the set meanwhile.
    """
    place = source.path.parent / f".backup-{source.name}"
    shutil.rmtree(place, ignore_errors=True)
    try:
        for _ in range(20):
            if _linked(source.path, place):
                break
            time.sleep(0.5)
        else:
            raise Failed(f"the files of {source} change too fast")
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _linked(data: Path, place: Path) -> bool:
    before = _named(data)
    shutil.rmtree(place, ignore_errors=True)
    try:
        shutil.copytree(data, place, copy_function=os.link)
    except (OSError, shutil.Error):
        return False
    for path in (data, *data.rglob("*")):
        kept = place / path.relative_to(data)
        if path.is_dir() and kept.is_dir():
            shutil.chown(kept, path.stat().st_uid, path.stat().st_gid)
    return before == _named(data)


def _named(data: Path) -> dict[str, str]:
    return {str(path): path.read_text(encoding="utf-8") for path in data.rglob(_MANIFEST)}


@contextmanager
def _rabbitmq(config: Config, source: Source) -> Iterator[Path]:
    """Give a directory with the definitions: vhosts, users with the hashes of their passwords, queues, policies."""
    source.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _export(source.path / "definitions.json")
        yield source.path
    finally:
        shutil.rmtree(source.path, ignore_errors=True)


def _export(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(run(["rabbitmqctl", "--quiet", "export_definitions", "-"]), encoding="utf-8")


def importable(text: str) -> str:
    """Return definitions without the bindings of queues that are not among them.

    A connection's own queues are left out of an export, their bindings are not; an import ends at the first of these.
    """
    definitions = json.loads(text)
    queues = {(queue["vhost"], queue["name"]) for queue in definitions.get("queues", [])}
    definitions["bindings"] = [
        binding
        for binding in definitions.get("bindings", [])
        if binding["destination_type"] != "queue" or (binding["vhost"], binding["destination"]) in queues
    ]
    return json.dumps(definitions)


OPEN: dict[str, Opener] = {"media": _media, "redis": _redis, "rabbitmq": _rabbitmq}


def put_back(config: Config, source: Source, restored: Path, stamp: str) -> Path:
    """Let what was restored take a source's place; return where what was there lies now.

    Nothing is removed. Failed or OSError where it cannot be done; then what was there is in its place again.
    """
    if source.kind == "rabbitmq":
        aside = config.records / f"definitions.before-{stamp}.json"
        _export(aside)
        # rabbitmqctl runs as rabbitmq, and imports from nothing but a file that this user may read.
        with tempfile.NamedTemporaryFile(dir="/var/lib/rabbitmq", suffix=".json") as file:
            file.write(importable((restored / "definitions.json").read_text(encoding="utf-8")).encode())
            file.flush()
            shutil.chown(file.name, "rabbitmq")
            run(["rabbitmqctl", "--quiet", "import_definitions", file.name])
        return aside
    unit = f"redis-server@{source.name}.service" if source.kind == "redis" else None
    aside = source.path.with_name(f"{source.path.name}.before-{stamp}")
    if unit:
        run(["systemctl", "stop", unit])
    try:
        if source.path.exists():
            source.path.rename(aside)
        try:
            restored.rename(source.path)
        except OSError:
            aside.rename(source.path)
            raise
    finally:
        if unit:
            run(["systemctl", "start", unit])
    return aside


def staging(config: Config, source: Source, stamp: str) -> Path:
    """Return a directory on the source's own file system, where it can be restored to and renamed from."""
    folder = config.records if source.kind == "rabbitmq" else source.path.parent
    return folder / f".restored-{source.name}-{stamp}"
