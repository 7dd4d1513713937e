"""Static and uploaded files of a Django project: where they lie, and under which path browsers ask for them."""

from __future__ import annotations

import ast

from ansible.module_utils.applications.rules import DJANGO_ADMIN

from .direct import directory
from .django_project import root_directory
from .environment import Reader
from .findings import Definition, Guess
from .places import shared
from .python_files import Module

_ROOTS = (("app_static_root", "STATIC_ROOT", "static"), ("app_media_root", "MEDIA_ROOT", "media"))
_STATIC_URL = "/static/"


def say_files(say: Definition, reader: Reader, below: str) -> None:
    """Add the directories and paths; ``below`` is where the project lies in its source."""
    for key, setting, usual in _ROOTS:
        path, names, place = root_directory(setting, reader, below)
        if not place:
            continue
        if setting in names:
            say.set(key, Guess(usual, f"{setting} in {place}, which reads the variable {setting}"))
        elif (start := directory(reader, setting)) and not start[1]:
            say.set(key, Guess(usual, f"{setting} in {place}, which reads {start[0]}"))
        elif path and key == "app_static_root":
            say.set(key, Guess(f"source/{path}", f"{setting} in {place}"))
        elif start and key == "app_media_root" and (name := _shared(start[0], reader)):
            say.set(key, Guess(f"{name}/{start[1]}", f"{setting} in {place}, which lies below {start[0]}"))
        else:
            say.set(key, Guess(usual, f"{setting} in {place}"))
            words = f"{setting} does not read the variable {setting}, which names the directory that nginx serves:"
            say.remark(key, f"{words} files go elsewhere until it does.")
    _say_urls(say, reader.modules)
    _say_compression(say, reader)


def _say_compression(say: Definition, reader: Reader) -> None:
    """Add django-compressor's command where pages want its files made beforehand, after static files are collected."""
    node = reader.constants.nodes.get("COMPRESS_OFFLINE")
    if node is None or reader.constants.value(node) is False:
        return
    manage = say.entries["app_manage"].value
    command = f"{manage if manage == DJANGO_ADMIN else f'python {manage}'} compress"
    hooks = say.entries.get("app_hooks", Guess({}, ""))
    before = [{"command": command, "everywhere": True}, *hooks.value.get("before_migrate", [])]
    module = next(module for module in reader.modules if "COMPRESS_OFFLINE" in module.named)
    reason = "; ".join(filter(None, [f"compress: COMPRESS_OFFLINE in {module.place(node)}", hooks.reason]))
    say.set("app_hooks", Guess({**hooks.value, "before_migrate": before}, reason))


def _shared(variable: str, reader: Reader) -> str:
    found = (entry for entry in reader.variables() if entry.name == variable)
    return next((shared(entry, reader) for entry in found), "")


def _say_urls(say: Definition, modules: list[Module]) -> None:
    static, media = _url("STATIC_URL", modules), _url("MEDIA_URL", modules)
    if static and static.value != _STATIC_URL and "app_static_root" in say.entries:
        say.set("app_web", Guess({"static_url": static.value}, static.reason))
    if media and "app_media_root" in say.entries:
        location = {"path": media.value.rstrip("/"), "files": say.entries["app_media_root"].value}
        reason = f"{media.reason}; remove it where a view decides who may see a file"
        say.set("app_locations", Guess([location], reason))


def _url(setting: str, modules: list[Module]) -> Guess | None:
    """Return the path on the site that a setting says in plain words; None for a URL elsewhere."""
    for module in modules:
        for node in reversed(module.named.get(setting, [])):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and value.strip("/") and "//" not in value:
                return Guess(f"/{value.strip('/')}/", f"{setting} in {module.place(node)}")
    return None
