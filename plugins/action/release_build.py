"""Build an application's release on the controller, once for a given source, lock and kind of target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_build
short_description: Build an application's release
description:
  - Packs the source, the wheels for each kind of target and a manifest into O(dist)/<name>-<id>.tar.
  - A bundle made from the same source, requirements and targets is used again.
  - Runs on the controller, in its own process.
options:
  name: {description: The application., type: str, required: true}
  source: {description: "V(app_source): path, or git with version and subdirectory, or package.", type: dict, required: true}
  requirements: {description: "The requirements file, lock or metadata inside the source.", type: str, default: requirements.txt}
  extras: {description: Extras of the project that are wanted., type: list, elements: str, default: []}
  further: {description: Requirements beside those of the project., type: list, elements: str, default: []}
  install: {description: Install the project's own package as well., type: bool, default: false}
  packages: {description: Debian packages that wheels without a binary are built with., type: list, elements: str, default: []}
  index: {description: "The application's own package index: url, username, password, extra.", type: dict}
  hooks: {description: "Commands that make something of the source before it is packed, run in a copy of it.", type: list, elements: str, default: []}
  project: {description: What a relative source path is relative to., type: path, required: true}
  dist: {description: Where bundles lie., type: path, required: true}
  cache: {description: Where wheels are kept., type: path, required: true}
  targets: {description: "List of C({python: '3.13', machine: x86_64, glibc: '2.41'})", type: list, elements: dict, required: true}
  installer: {description: "Pinned requirement of uv, which installs the wheels on hosts.", type: str, required: true}
  bundle: {description: Take this bundle of the application instead of building one., type: path}
  built: {description: "What is returned instead of building: C({id, bundle, venvs}), of what hosts have already.", type: dict}
  ahead:
    description: >-
      Where wheels have to be built in a container, return those that need not be, so that hosts begin with them: a second
      call builds then, and removes these.
    type: bool
    default: false
  dirty: {description: Accept a source with changes that are in no commit., type: bool, default: true}
author: Cloche
"""

RETURN = r"""
id: {description: The release's id, absent in check mode before it is built., type: str, returned: when built}
bundle: {description: Path of the bundle on the controller; empty where only hosts have what was in it., type: str, returned: when built}
ahead:
  description: "Directories of wheels by kind of target, named after the virtual environment; nothing is built yet."
  type: dict
  returned: with ahead, where something has to be built
venvs: {description: Name of the virtual environment for each kind of target., type: dict, returned: when built}
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.release import bundle, lockfiles
from ansible.module_utils.release.gathering import Means
from ansible.module_utils.release.markers import unpinned
from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.repository import SourceError
from ansible.module_utils.release.requirements import Requirements
from ansible.module_utils.release.source import Source, built, described, open_source
from ansible.module_utils.release.targets import Target, WheelhouseError
from ansible.module_utils.release.wheelhouse import fetched, prepare

OPTIONS = {
    "name": {"type": "str", "required": True},
    "source": {"type": "dict", "required": True},
    "requirements": {"type": "str", "default": "requirements.txt"},
    "extras": {"type": "list", "elements": "str", "default": []},
    "further": {"type": "list", "elements": "str", "default": []},
    "install": {"type": "bool", "default": False},
    "packages": {"type": "list", "elements": "str", "default": []},
    "index": {"type": "dict", "no_log": True},
    "hooks": {"type": "list", "elements": "str", "default": []},
    "project": {"type": "path", "required": True},
    "dist": {"type": "path", "required": True},
    "cache": {"type": "path", "required": True},
    "targets": {"type": "list", "elements": "dict", "required": True},
    "installer": {"type": "str", "required": True},
    "bundle": {"type": "path"},
    "built": {"type": "dict"},
    "ahead": {"type": "bool", "default": False},
    "dirty": {"type": "bool", "default": True},
}


def build(params: dict, check_mode: bool, display: Any) -> dict:
    """Return the module's result: the manifest's essentials, and whether a bundle was written.

    ``display`` is Ansible's: it is told how far the build is, and what the operator should know.
    """
    if params["built"]:
        return {"changed": False} | params["built"]
    dist, name = Path(params["dist"]), params["name"]
    if params["bundle"]:
        return {"changed": False} | given(Path(params["project"]) / params["bundle"], name)
    targets = sorted({Target(**target) for target in params["targets"]}, key=lambda target: target.name)
    index, say = PackageIndex(params["index"]), partial(tell, display, name)
    means = Means(params["installer"], Path(params["project"]), tuple(params["packages"]), index, say)
    with open_source(params["source"], Path(params["project"]), params["requirements"]) as source:
        if source.dirty and not params["dirty"]:
            raise SourceError(f"{source.root} has changes that are in no commit: commit them, or -e release_dirty=true")
        requirements = wanted(params, source)
        inputs = bundle.inputs_digest(source, params["hooks"], requirements, targets, means)
        manifest = bundle.find(dist, name, inputs)
        changed = manifest is None
        if changed and check_mode:
            return {"changed": True}
        if changed and params["ahead"] and (begun := begun_with(requirements, targets, Path(params["cache"]), means)):
            return {"changed": False, "ahead": begun}
        if changed:
            if loose := unpinned(requirements.text):
                # A line of the run: the kit's callback shows a task's warnings only where more is asked for.
                say(f"{params['requirements']} leaves the versions of {some(loose)} open; what is chosen now stays")
            cache = Path(params["cache"])
            with built(source, params["hooks"]) as result:
                # What hooks made of the source belongs to its own package.
                asked = replace(requirements, root=result.root / requirements.root.relative_to(source.root))
                wheelhouses = {target.name: prepare(asked, target, cache, means) for target in targets}
                manifest = bundle.make_manifest(result, name, inputs, wheelhouses)
                bundle.write(dist, result, manifest, wheelhouses)
    path = bundle.bundle_path(dist, manifest)
    return {"changed": changed, "id": manifest["id"], "bundle": str(path), "venvs": manifest["venvs"]}


def begun_with(requirements: Requirements, targets: list[Target], cache: Path, means: Means) -> dict[str, str]:
    """Return the directories of wheels that hosts can begin with, by kind of target."""
    found = {target.name: fetched(requirements, target, cache, means) for target in targets}
    return {name: str(directory) for name, directory in found.items() if directory}


def wanted(params: dict, source: Source) -> Requirements:
    """Return what wheels the application needs."""
    found = lockfiles.read(source.root, params["requirements"], params["extras"])
    found = replace(found, further=tuple(params["further"]))
    if not (params["install"] or found.local):
        return found
    version = described(source.root, source.time, source.revision) if params["install"] else ""
    return replace(found, install=version, source=" ".join([source.digest, version, *params["hooks"]]))


def tell(display: Any, name: str, words: str) -> None:
    """Say how far an application's build is, as a line of the run."""
    display.display(f"      {name}: {words}")


def some(names: list[str]) -> str:
    """Return names in words, the first ones of many."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} others" if len(names) > 5 else "")


def given(path: Path, name: str) -> dict:
    """Return the result for a bundle that was built before, on this machine or another."""
    manifest = bundle.read_manifest(path)
    if manifest["app"] != name:
        raise SourceError(f"{path} is a release of {manifest['app']}, not of {name}: say which application, APP=NAME")
    return {"id": manifest["id"], "bundle": str(path), "venvs": manifest["venvs"]}


class ActionModule(ActionBase):
    """What a module of this name would do, without the time that a module takes to reach its own controller."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what ``build`` does; raises AnsibleActionFail that names the application and what is wrong with it."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS)
        try:
            return build(options, self._task.check_mode, self._display)
        except (SourceError, WheelhouseError, bundle.BundleError) as error:
            raise AnsibleActionFail(f"{options['name']}: {error}") from None
