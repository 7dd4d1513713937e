"""What is to be deployed: applications, their bundles, and what tells one configured release from another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

#: Keys of a definition that a build needs.
BUILT_FROM = ("name", "source", "requirements", "extras", "further_requirements", "install", "build_packages")
#: Keys that change nothing that a release runs.
_NOT_RELEASED = ("schedules", "package_index", "certificate", "logins")
#: Keys that hold secrets.
_SECRET = ("secrets", "logins", "secret_environment", "package_index", "certificate")


def release_sources(applications: list[dict]) -> list[dict]:
    """Return what a build needs of each application, and no secret: a dictionary of BUILT_FROM and ``hooks``.

    ``hooks`` are the commands that make something of the source, as ``npm run build`` does.
    """
    return [{"hooks": app["hooks"]["build"], **{key: app[key] for key in BUILT_FROM}} for app in applications]


def package_indexes(applications: list[dict]) -> dict[str, dict]:
    """Return the applications' own package indexes, by name, with their passwords."""
    return {app["name"]: app["package_index"] for app in applications if app["package_index"]}


def beginnings(builds: list[dict], kinds: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """Return with which wheels which host can begin: ``app``, ``host``, ``kind`` and ``directory``.

    ``builds`` are results of release_build, ``kinds`` each application's kind of target by host.
    """
    return [
        {"app": build["source"]["name"], "host": host, "kind": kind, "directory": build["ahead"][kind]}
        for build in builds
        for host, by_name in kinds.items()
        if (kind := by_name.get(build["source"]["name"], "")) in build.get("ahead", {})
    ]


def fingerprint(configuration: Any, places: list[str]) -> str:
    """Return six hex digits over a configuration and over every file of ``places``, which are files or directories.

    The release of a host is a bundle *and* its configuration: whoever changes a concurrency, a secret or a template of
    the kit gets a new release, which old processes hand over to, instead of files changed under running ones.
    """
    digest = hashlib.sha256(json.dumps(configuration, sort_keys=True, default=str).encode())
    for start in map(Path, places):
        for path in sorted(start.rglob("*")) or [start]:
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(start.parent).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:6]


def deployments(
    applications: list[dict],
    builds: list[dict],
    environment: Any,
    places: list[str],
    kinds: dict[str, str] | None = None,
) -> list[dict]:
    """Return ``{app, release}`` for each application.

    ``builds`` are the results of the action release_build, ``environment`` is what else a release's settings depend on,
    ``places`` hold what the kit contributes to a release, ``kinds`` are the host's kinds of target by application.
    ``release`` has app, id, path, bundle and, on a host, kind and venv; without a build (check mode) there is no
    deployment.
    """
    found = []
    built = {build["source"]["name"]: build for build in builds if build.get("id")}
    for app in applications:
        build = built.get(app["name"])
        if build is None:
            continue
        # Schedules are the host's, the certificate is nginx's; whose password opens an index, and what else a service
        # accepts, is nothing that runs: no other release for them.
        released = {key: value for key, value in app.items() if key not in _NOT_RELEASED}
        kind = (kinds or {}).get(app["name"], "")
        identifier = f"{build['id']}-{fingerprint([released, environment], places)}"
        release = {
            "app": app["name"],
            "id": identifier,
            "path": f"/srv/{app['name']}/releases/{identifier}",
            "bundle": build["bundle"],
            "kind": kind,
            "venv": build["venvs"].get(kind),
        }
        found.append({"app": app, "release": release})
    return found


def wanted_releases(found: list[dict], groups: list[str]) -> list[dict]:
    """Return ``{app, id, kinds}`` for each deployment: what release_status compares a host of these groups with."""
    return [
        {"app": entry["release"]["app"], "id": entry["release"]["id"], "kinds": program_kinds(entry["app"], groups)}
        for entry in found
    ]


def files_below(directory: str, destination: str) -> list[dict]:
    """Return ``{path, src}`` for every Python file below a directory of the controller, for managed_files."""
    start = Path(directory)
    return [
        {"path": f"{destination}/{path.relative_to(start)}", "src": str(path)} for path in sorted(start.rglob("*.py"))
    ]


def files_read(directory: str) -> dict[str, str]:
    """Return the text of every Python file below a directory of the controller, by its path from there."""
    start = Path(directory)
    return {str(path.relative_to(start)): path.read_text(encoding="utf-8") for path in sorted(start.rglob("*.py"))}


def program_kinds(app: dict, groups: list[str]) -> list[str]:
    """Return the kinds of programs that an application has on a host of these groups."""
    parts = {
        "worker": app["celery"] and app["workers"],
        "web": app["wsgi"] or app["asgi"],
        "beat": app["beat"] is not None,
        "flower": app["flower"] is not None,
    }
    processes = any(process["group"] in groups for process in app["processes"])
    return [kind for kind, present in parts.items() if present and kind in groups] + ["process"] * processes


def release_roads(
    found: list[dict], statuses: dict[str, dict], groups: dict[str, list[str]], unfinished: list[str]
) -> list[dict]:
    """Return ``{app, release, way, live, hosts}`` for each deployment that is pending on any host.

    Also for the applications in ``unfinished``, whose deploy was interrupted: where it came to is not to be seen from
    what runs, and each step is safe to repeat.

    ``statuses`` is what the module release_status said of each host. ``live`` is each host's release until now, or
    None; ``hosts`` are lists of host names: all, worker and web.
    """
    roads = []
    for entry in found:
        name = entry["app"]["name"]
        if name in unfinished or any(name in status["pending"] for status in statuses.values()):
            live = {host: status["live"][name] for host, status in statuses.items()}
            beside = {host: status["beside"][name] for host, status in statuses.items()}
            release = {key: entry["release"][key] for key in ("app", "id", "path")}
            roads.append(
                {"app": without_secrets(entry["app"]), "release": release, "way": "forward"}
                | {"live": live, "beside": beside, "hosts": hosts_by_part(list(statuses), groups)}
            )
    return roads


def never_released(statuses: dict[str, dict]) -> list[str]:
    """Return the names of the applications that the module release_status found live on no host."""
    live = [status["live"] for status in statuses.values()]
    return sorted({name for hosts in live for name in hosts if not any(host.get(name) for host in live)})


def without_secrets(app: dict) -> dict:
    """Return a definition as the road of a release may know it: a failed task prints its loop's item."""
    return {key: value for key, value in app.items() if key not in _SECRET}


def lockable(applications: list[dict], hosts: list[str]) -> list[dict]:
    """Return as much of a road for each application as looking at its lock takes."""
    return [{"app": without_secrets(app), "release": {"id": ""}, "hosts": {"all": hosts}} for app in applications]


def here(applications: list[dict]) -> list[dict]:
    """Return ``{app, id, kinds}`` for each application, with which release_status looks and compares nothing."""
    return [{"app": app["name"], "id": "", "kinds": []} for app in applications]


def ways_back(
    applications: list[dict], statuses: dict[str, dict], groups: dict[str, list[str]], target: str
) -> list[dict]:
    """Return a road for each application to the release ``target``, else to the one before the live one.

    Its ``problem`` says why there is no such way, "" where there is one. The way is ``backward``, web before workers,
    unless the release is newer than what is live.
    """
    roads = []
    for app in applications:
        name, hosts = app["name"], list(statuses)
        live = {host: statuses[host]["live"][name] for host in hosts}
        found = {target or statuses[host]["previous"][name] for host in hosts}
        identifier = found.pop() if len(found) == 1 else None
        lacking = [host for host in hosts if identifier not in statuses[host]["releases"][name]]
        kept = sorted(set.intersection(*(set(statuses[host]["releases"][name]) for host in hosts)))
        newer = identifier and all(identifier.rpartition("-")[0] > (current or "") for current in live.values())
        problem = (
            f"{name}: {identifier or 'one release before the live one'} is not on {', '.join(lacking)}; "
            f"every host has: {', '.join(kept) or 'none'} (-e release_to=ID)"
        )
        roads.append(
            {
                "app": without_secrets(app),
                "release": {"app": name, "id": identifier, "path": f"/srv/{name}/releases/{identifier}"},
                "way": "forward" if newer else "backward",
                "live": live,
                "beside": {host: statuses[host]["beside"][name] for host in hosts},
                "hosts": hosts_by_part(hosts, groups),
                "problem": problem if lacking else "",
            }
        )
    return roads


def hosts_by_part(hosts: list[str], groups: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return which of the hosts have which part in a release: all, worker, web."""
    parts = ("worker", "web")
    return {"all": hosts} | {part: [host for host in hosts if host in groups.get(part, [])] for part in parts}


def hook_runs(road: dict, hook: str) -> list[dict]:
    """Return ``{host, command, timeout}`` for each run of a hook's commands, in order; ``timeout`` in seconds.

    A command runs on the first host alone or everywhere, and on all of its hosts before the next one begins.
    """
    return [
        {"host": host, "command": entry["command"], "timeout": entry["timeout"]}
        for entry in road["app"]["hooks"][hook]
        for host in road["hosts"]["all"][: None if entry["everywhere"] else 1]
    ]


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict:
        return {
            "release_sources": release_sources,
            "beginnings": beginnings,
            "package_indexes": package_indexes,
            "fingerprint": fingerprint,
            "deployments": deployments,
            "wanted_releases": wanted_releases,
            "release_roads": release_roads,
            "lockable": lockable,
            "never_released": never_released,
            "here": here,
            "ways_back": ways_back,
            "program_kinds": program_kinds,
            "hook_runs": hook_runs,
            "files_below": files_below,
            "files_read": files_read,
            "without_secrets": without_secrets,
        }
