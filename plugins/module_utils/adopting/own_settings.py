"""Settings of the operator's own over a project's that read nothing from the environment: a file that a hook writes."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from . import absent
from .direct import directory
from .environment import Reader
from .findings import Definition, Guess
from .python_files import Project, dotted, strings
from .wiring import Wiring

_MODULE = "own_settings"
_DATABASE = ("name", "user", "password", "host", "port")
#: Variables that the file reads besides those which each process has: name to (template, reason).
_NAMES = {f"DATABASE_{fact.upper()}": (f"{{database.{fact}}}", "app_hooks.prepare") for fact in _DATABASE}
#: What plain settings may call: nothing that could have read a variable or a file.
_PLAIN = frozenset({"join", "dirname", "abspath", "realpath", "resolve", "joinpath", "Path", "str", "dict"})
_KEYS = "".join(f'    "{fact.upper()}": os.environ["DATABASE_{fact.upper()}"],\n' for fact in _DATABASE)
_LINES = {
    "SECRET_KEY": 'SECRET_KEY = os.environ["SECRET_KEY"]',
    "DEBUG": "DEBUG = False",
    "ALLOWED_HOSTS": 'ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")',
    "DATABASES": f'DATABASES["default"] = {{\n    "ENGINE": "django.db.backends.postgresql",\n{_KEYS}}}',
    "STATIC_ROOT": 'STATIC_ROOT = os.environ["STATIC_ROOT"]',
    "MEDIA_ROOT": 'MEDIA_ROOT = os.environ["MEDIA_ROOT"]',
}
_FIND_SITE = "site=$(python -c 'import sysconfig; print(sysconfig.get_path(\"purelib\"))')\n"
#: Those that a project leaves out have to be there behind a proxy.
_ADDED = {
    "CSRF_TRUSTED_ORIGINS": 'CSRF_TRUSTED_ORIGINS = os.environ["CSRF_TRUSTED_ORIGINS"].split(",")',
    "SECURE_PROXY_SSL_HEADER": 'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")',
}


def laid_over(
    settings: Guess, say: Definition, wiring: Wiring, project: Project, reader: Reader, dependencies: dict[str, str]
) -> Guess:
    """Return the settings to run with: a project's, or such as a hook lays over them, which is added then.

    The files of a package that is installed as it is lie where nobody may write to.
    """
    module = project.module(settings.value)
    installed = bool(project.tree.find("*.dist-info/METADATA"))
    reads = bool(module) and any(map(_reads_a_file, module.named.get("SECRET_KEY", [])))
    foreign = f"{'$site/' if installed else ''}{module.path}" if reads else ""
    plain = [setting for setting in _LINES if _is_plain(reader, setting) or (foreign and setting == "SECRET_KEY")]
    # Below a variable's directory: nginx serves from the release alone.
    below = "STATIC_ROOT" not in plain and bool((directory(reader, "STATIC_ROOT") or ("", ""))[1])
    lacking = absent.absent_applications(project, reader, dependencies) if installed else []
    wanted = {"SECRET_KEY", "DATABASES"} | ({"STATIC_ROOT"} if installed else set())
    if not (wanted & set(plain) or below or lacking):
        return settings
    plain += ["STATIC_ROOT"] if below else []
    hooks = say.entries.get("app_hooks", Guess({}, ""))
    given, prepare = dict(hooks.value), [_command(settings.value, project.base, plain, reader, foreign)]
    if lacking:
        prepare.insert(0, absent.command(lacking))
    if installed and (brought := _brought(project, reader)):
        prepare.append(f'{_FIND_SITE}cp -r "$site/{brought}/." "$STATIC_ROOT"\n')
        if f"{brought}/CACHE/manifest.json" in project.tree:
            # Compressed already.
            given.pop("before_migrate", None)
    given["prepare"] = [*prepare, *given.get("prepare", [])]
    words = f"prepare: {', '.join(plain)} in {settings.value}, which nothing outside of it can change" if plain else ""
    made = f"prepare: {', '.join(lacking)}, empty where nothing that is installed brings it" if lacking else ""
    say.set("app_hooks", Guess(given, "; ".join(filter(None, [made, words, hooks.reason]))))
    for key, usual in (("app_static_root", "static"), ("app_media_root", "media")):
        if key in say.entries and key.removeprefix("app_").upper() in plain:
            say.set(key, Guess(usual, "app_hooks.prepare, whose settings read it"))
            say.remarks.pop(key, None)
    if "DATABASES" in plain:
        wiring.names |= _NAMES
    if installed:
        wiring.environment["PYTHONPATH"] = (".", "the hook's file lies in the release's directory")
    return Guess(_MODULE, f"app_hooks.prepare, which lays it over {settings.value}")


def _command(settings: str, base: str, plain: list[str], reader: Reader, foreign: str) -> str:
    """Return the command; of the file ``foreign``, which can't be loaded on a host, it takes a copy that can."""
    lines = [_LINES[setting] for setting in plain]
    lines += [line for setting, line in _ADDED.items() if setting not in reader.constants.nodes]
    path = f"{base}/{_MODULE}.py" if base else f"{_MODULE}.py"
    # Where a folder bears a name that no statement can.
    named = f'globals().update(vars(importlib.import_module("{settings}")))'
    plain_name = all(part.isidentifier() for part in settings.split("."))
    start, copied = f"from {settings} import *" if plain_name else named, ""
    if foreign:
        start = "from settings_copy import *"
        find = _FIND_SITE if foreign.startswith("$") else ""
        copied = (
            f"{find}sed 's#^SECRET_KEY = .*#SECRET_KEY = \"\"#' {foreign} > {path.replace(_MODULE, 'settings_copy')}\n"
        )
    imports = ["import os"] if start.startswith("from") else ["import importlib", "import os"]
    text = "\n".join([*imports, "", start, "", *lines])
    return f"{copied}cat > {path} <<'END'\n{text}\nEND\n"


def _brought(project: Project, reader: Reader) -> str:
    """Return the directory of a package that holds its static files as they were collected; empty where none does."""
    for module in reader.modules:
        for node in module.named.get("STATIC_ROOT", []):
            path = str(PurePosixPath(module.path).parent.joinpath(*(text.strip("/") for text in strings(node))))
            if any(name.startswith(f"{path}/") for name in project.tree.files):
                return path
    return ""


def _reads_a_file(node: ast.expr) -> bool:
    """Tell whether a value comes from a file with a place of its own, as a container's secrets do."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    reads = any(dotted(call.func).rpartition(".")[2] == "open" or _named(call) == "read_text" for call in calls)
    return reads and any(text.startswith("/") for text in strings(node))


def _named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _is_plain(reader: Reader, setting: str) -> bool:
    """Tell whether a setting is there, and the same on every machine."""
    named = [node for module in reader.modules for node in module.named.get(setting, [])]
    nodes = [node for node in named if isinstance(node, ast.expr)]
    # Whoever lets in every host has it from nginx, which knows the names.
    if any(reader.constants.value(node) == ["*"] for node in nodes):
        return False
    return bool(nodes) and not any(reader.names(node) or _calls(node) for node in nodes)


def _calls(node: ast.expr) -> bool:
    called = (inner.func for inner in ast.walk(node) if isinstance(inner, ast.Call))
    return any(dotted(func).rpartition(".")[2] not in _PLAIN for func in called)
