"""Which kind of target an application has on a host: by the host's own Python, or by the one that it names."""

from __future__ import annotations

from typing import Any

#: The host's own, of which its facts tell the version.
OWN = "python3"


def named_interpreters(applications: list[dict]) -> list[dict[str, str]]:
    """Return ``{app, python}`` for each application that names an interpreter."""
    return [{"app": app["name"], "python": app["python"]} for app in applications if app["python"] != OWN]


def interpreter_versions(answers: list[dict[str, Any]]) -> dict[str, str]:
    """Return application to version (``3.12.4``), out of what a host said of each interpreter."""
    return {answer["interpreter"]["app"]: answer["stdout"].strip() for answer in answers if answer.get("rc") == 0}


def interpreter_problems(answers: list[dict[str, Any]], host: str) -> list[dict[str, str]]:
    """Return what is wrong with the interpreters that a host was asked for."""
    remedy = "no CPython answers there: install it on each host of web, worker, beat and flower, or correct the path"
    return [
        {"variable": f"host {host}: app_python of {answer['interpreter']['app']}"}
        | {"value": answer["interpreter"]["python"], "remedy": remedy}
        for answer in answers
        if answer.get("rc") != 0
    ]


def application_target(target: dict[str, str], app: str, versions: dict[str, str]) -> dict[str, str]:
    """Return an application's kind of target on a host, whose own is ``target``."""
    full = versions.get(app, target["python_full"])
    return target | {"python": full.rpartition(".")[0], "python_full": full}


def application_targets(names: list[str], hosts: list[dict[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """Return each application's kinds of target over ``hosts``, of which each has ``target`` and ``versions``."""
    found: dict[str, list[dict[str, str]]] = {name: [] for name in names}
    for host in hosts:
        for name, targets in found.items():
            target = application_target(host["target"], name, host["versions"])
            targets += [target] if target not in targets else []
    return found


def target_kinds(names: list[str], target: dict[str, str], versions: dict[str, str]) -> dict[str, str]:
    """Return the name of each application's kind of target on a host, as wheels and manifests have it."""
    targets = {name: application_target(target, name, versions) for name in names}
    return {name: f"cp{found['python'].replace('.', '')}-{found['machine']}" for name, found in targets.items()}


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        return {
            "named_interpreters": named_interpreters,
            "interpreter_versions": interpreter_versions,
            "interpreter_problems": interpreter_problems,
            "application_targets": application_targets,
            "target_kinds": target_kinds,
        }
