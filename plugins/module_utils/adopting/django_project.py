"""Django's part: manage.py, the settings for production, the web entry point, roots, a path that tells health."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from .environment import Reader
from .findings import Guess
from .python_files import Constants, Module, Project, dotted, strings
from .services import POSTGRES_DRIVERS
from .tree import Tree

_PRODUCTION = re.compile(r"(^|[._])(production|prod|live|deploy|deployment|heroku)($|[._])")
_ASIDE = re.compile(r"(^|[._])(test|tests|testing|ci|local|dev|development|docker_dev|example|fuzz)($|[._])")
#: Names of a health path, from what says most of whether an application can serve.
_HEALTH = [
    "readyz",
    "ready",
    "readiness",
    "healthz",
    "healthcheck",
    "health_check",
    "health-check",
    "health",
    "ht",
    "status",
    "ping",
    "livez",
    "alive",
]


def manage_file(tree: Tree) -> str | None:
    """Return the path of manage.py, the shallowest where there are several."""
    found = [name for name in tree.find("manage.py") if "execute_from_command_line" in tree.text(name)]
    return found[0] if found else None


def named_settings(project: Project, files: list[str]) -> dict[str, str]:
    """Return settings modules that files name as DJANGO_SETTINGS_MODULE, each with the file."""
    found: dict[str, str] = {}
    for file in files:
        pattern = r"DJANGO_SETTINGS_MODULE['\"]?\s*[,\]=:]+\s*['\"]?([\w.]+)"
        for name in re.findall(pattern, project.tree.text(file)):
            if project.module(name):
                found.setdefault(name, file)
    return found


def settings_module(project: Project, manage: str | None) -> Guess | None:
    """Return the settings to run with: those for production, else those that the entry points name."""
    places = [*project.tree.find("wsgi.py", "asgi.py", "celery.py", "celery_app.py"), *([manage] if manage else [])]
    named = named_settings(project, places)
    known = {module.name: module.path for module in project.modules() if _is_settings(module)} | {
        name: project.module(name).path for name in named
    }
    beside = {name.rpartition(".")[0] for name in named} - {""}
    for module in project.modules():
        if _PRODUCTION.search(module.name) and module.name.rpartition(".")[0] in beside and _takes_over(module):
            known[module.name] = module.path
    if live := [name for name in known if _PRODUCTION.search(name)]:
        chosen = min(live, key=lambda name: (name not in named, name.count("."), name))
        return Guess(chosen, f"{known[chosen]}, by its name")
    if stand_in := _standing_in(project, places):
        return stand_in
    if plain := [name for name in named if not _ASIDE.search(name)]:
        return Guess(plain[0], f"DJANGO_SETTINGS_MODULE in {named[plain[0]]}")
    if plain := [name for name in known if not _ASIDE.search(name)]:
        roots = [name for name in plain if name.endswith("settings")] or plain
        return Guess(roots[0], f"{known[roots[0]]}, which looks like settings") if len(roots) == 1 else None
    return next((Guess(name, f"DJANGO_SETTINGS_MODULE in {file}") for name, file in named.items()), None)


def _standing_in(project: Project, files: list[str]) -> Guess | None:
    """Return the settings beside those that the entry points name where the source has them only in variants.

    As shop.settings_docker for shop.settings, which is everybody's own to write.
    """
    for file in files:
        for name in re.findall(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", project.tree.text(file)):
            variants = [m for m in project.modules() if m.name.startswith(f"{name}_") and not _ASIDE.search(m.name)]
            if not project.module(name) and len(variants) == 1:
                return Guess(variants[0].name, f"{file} names {name}, which is not there, and {variants[0].path} is")
    return None


def settings_of_celery(project: Project, settings: Guess | None, file: str) -> Guess | None:
    """Return the settings that Celery's module names where they lie in another package than the others."""
    others = (name for name in named_settings(project, [file]) if not _ASIDE.search(name))
    found = next(others, None)
    if not settings or not found or found.partition(".")[0] == settings.value.partition(".")[0]:
        return None
    return Guess(found, f"DJANGO_SETTINGS_MODULE in {file}")


def _is_settings(module: Module) -> bool:
    """Tell whether a module looks like settings, in itself or by what it takes over with a star."""
    if "settings" not in module.name:
        return False
    names = {name for name in module.named if name.isupper()}
    return bool({"ROOT_URLCONF", "INSTALLED_APPS", "WSGI_APPLICATION"} & names) or _takes_over(module)


def _takes_over(module: Module) -> bool:
    imports = [node for node in module.syntax.body if isinstance(node, ast.ImportFrom)]
    return any(alias.name == "*" for node in imports for alias in node.names)


def entry_points(project: Project, constants: Constants, dependencies: dict[str, str]) -> dict[str, Guess]:
    """Return app_wsgi or app_asgi: ASGI where settings or requirements speak of it, WSGI otherwise."""
    found: dict[str, Guess] = {}
    for kind in ("wsgi", "asgi"):
        named = constants.value(constants.nodes.get(f"{kind.upper()}_APPLICATION"))
        modules = [m for m in project.modules() if kind in m.name.split(".") and "application" in m.named]
        modules.sort(key=lambda module: module.name.rpartition(".")[2] != kind)
        if isinstance(named, str) and project.module(named.rpartition(".")[0]):
            module, _, name = named.rpartition(".")
            found[kind] = Guess(f"{module}:{name}", f"{kind.upper()}_APPLICATION in the settings")
        elif modules:
            found[kind] = Guess(f"{modules[0].name}:application", modules[0].path)
    speaks = next((name for name in ("channels", "uvicorn", "daphne", "hypercorn") if name in dependencies), None)
    if "asgi" in found and ("wsgi" not in found or speaks):
        reason = f"; {dependencies[speaks]} asks for {speaks}" if speaks else ""
        return {"app_asgi": Guess(found["asgi"].value, found["asgi"].reason + reason)}
    return {"app_wsgi": found["wsgi"]} if "wsgi" in found else {}


def further(entries: dict[str, Guess], dependencies: dict[str, str], django: bool) -> Guess | None:
    """Return the requirements that the kit has and a project does not: it may bring another server, or no driver."""
    asgi = "app_asgi" in entries
    wanted = (["uvicorn-worker"] if asgi else ["gunicorn"]) if entries else []
    if asgi and not {"websockets", "wsproto", "uvicorn[standard]"} & set(dependencies) and "channels" in dependencies:
        wanted.append("websockets")
    lacking = [name for name in wanted if name not in dependencies]
    reasons = ["what the web processes run"] if lacking else []
    if django and not set(POSTGRES_DRIVERS) & set(dependencies):
        # Of the two that Django knows the one that all its versions take.
        lacking.append("psycopg2-binary")
        reasons.append("PostgreSQL's driver")
    return Guess(lacking, f"{' and '.join(reasons)}, which the requirements do not name") if lacking else None


def other_entry_points(project: Project) -> dict[str, Guess]:
    """Return app_wsgi or app_asgi of an application without Django: an object of a well-known framework."""
    kinds = {"Flask": "app_wsgi", "FastAPI": "app_asgi", "Starlette": "app_asgi"}
    for module in project.modules():
        for node in module.syntax.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = dotted(node.value.func).rpartition(".")[2]
                if called in kinds and (name := dotted(node.targets[0])):
                    return {kinds[called]: Guess(f"{module.name}:{name}", f"{called}() in {module.place(node)}")}
    return {}


def health_path(project: Project) -> Guess | None:
    """Return a path that tells health by its name, else the admin's sign-in, which anybody may see."""
    admin, found = None, {}
    for module in project.modules():
        if PurePosixPath(module.path).name not in {"urls.py", "routers.py"}:
            continue
        routes = [node for node in module.nodes if _is_route(node)]
        # What stands within another one has the other's path before its own.
        inner = {id(n) for route in routes for part in route.args[1:] for n in ast.walk(part)}
        for node in (route for route in routes if id(route) not in inner):
            route = next(iter(strings(node.args[0])), "") if node.args else ""
            route = route.lstrip("^/").removesuffix("$")
            if (name := route.rstrip("/")) in _HEALTH:
                words = f"{module.place(node)}; it has to answer 200 without a sign-in"
                found.setdefault(_HEALTH.index(name), Guess(f"/{route}", words))
            if re.fullmatch(r"[\w/-]*", route) and "admin.site.urls" in ast.unparse(node):
                admin = Guess(
                    f"/{route.rstrip('/')}/login/", f"{module.place(node)}: no path for health, so the admin's page"
                )
    return found[min(found)] if found else admin


def _is_route(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"path", "re_path", "url"}


def root_directory(name: str, reader: Reader, source: str) -> tuple[str | None, list[str], str]:
    """Return where STATIC_ROOT or MEDIA_ROOT is: its path below the source (None where not plain), variables, place.

    The place is empty where the setting is nowhere.
    """
    node = reader.constants.nodes.get(name)
    if node is None or (isinstance(node, ast.Constant) and not node.value):
        return None, [], ""
    module = next(module for module in reader.modules if name in module.named)
    place = module.place(node) if node in module.named[name] else module.path
    parts = [
        part.strip("/") for part in strings(node) if part.strip("/.") and not part.startswith(("http", "./", "../"))
    ]
    path = "/".join(filter(None, [source, *parts])) if parts and not reader.names(node) else None
    return path, reader.names(node), place
