#!/usr/bin/python
"""Unpack a release and make its virtual environment, offline."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_stage
short_description: Unpack a release and make its virtual environment, offline
description:
  - The action plugin of this name is what playbooks call, with C(bundle), the path of a bundle on the controller. It asks
    which wheels the host lacks (without O(upload)), and calls again with a bundle of just these. Where the controller has
    no bundle, a release of the same one that is on the host is taken instead (O(again)).
  - With C(ahead), a directory of wheels on the controller, in place of C(bundle), the host begins to install these and the
    module does not wait for it; the environment is completed when the bundle comes.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release; none is meant with O(ahead)., type: str, default: ""}
  wheels: {description: "The bundle's wheels for this kind of target: file name to SHA-256.", type: dict, required: true}
  upload: {description: "The bundle on this host, perhaps without wheels that are here.", type: path}
  again: {description: Copy a release of the same bundle that is here., type: bool, default: false}
  ahead: {description: Begin to make the environment alone., type: bool, default: false}
  kind: {description: "The kind of target, as C(cp313-x86_64).", type: str, required: true}
  python: {description: Interpreter of the virtual environment., type: str, default: python3}
  venv: {description: Name of the virtual environment; releases with the same lock share one., type: str, required: true}
  writable:
    description: Directories of the release, relative to it, that the application's user fills, as for static files.
    type: list
    elements: str
    default: []
author: Cloche
"""

RETURN = r"""
path: {description: The release's directory., type: str, returned: always}
lacking: {description: Wheels that the host needs and has not., type: list, returned: without upload}
sent: {description: Bytes that were sent., type: int, returned: when staged}
"""

import shutil
from functools import partial
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release import ahead
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import StagingError, is_staged, lacking_wheels, stage, twin


def begin_ahead(module: AnsibleModule, layout: Layout, python: str) -> None:
    params = module.params
    try:
        begun = ahead.begin(layout, Path(params["upload"]), params["kind"], params["venv"], python)
    except StagingError as error:
        module.fail_json(msg=f"{params['app']}: {error}")
    module.exit_json(changed=begun, path=str(ahead.place_of(layout, params["venv"])))


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "default": ""},
            "wheels": {"type": "dict", "required": True},
            "upload": {"type": "path"},
            "again": {"type": "bool", "default": False},
            "ahead": {"type": "bool", "default": False},
            "kind": {"type": "str", "required": True},
            "python": {"type": "str", "default": "python3"},
            "venv": {"type": "str", "required": True},
            "writable": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    path = str(layout.release(params["id"]))
    staged = bool(params["id"]) and is_staged(layout, params["id"])
    if module.check_mode or staged:
        module.exit_json(changed=not staged, path=path)
    if not (params["upload"] or params["again"]):
        module.exit_json(changed=False, path=path, lacking=lacking_wheels(layout, params["venv"], params["wheels"]))
    python = shutil.which(params["python"])
    if python is None:
        module.fail_json(
            msg=f"{params['python']} is not on this host; set app_python, or name its package in app_packages"
        )
    if params["ahead"]:
        begin_ahead(module, layout, python)
    taken = twin(layout, params["id"], params["venv"]) if params["again"] else Path(params["upload"])
    if taken is None:
        module.fail_json(
            msg=f"{params['app']}: the bundle of {params['id']} is not on the controller, and no release of it is on this"
            " host: copy it into dist/ from where it was built, or make deploy"
        )
    begun = partial(ahead.take, layout, params["venv"])
    try:
        stage(layout, taken, params["id"], params["kind"], python, params["venv"], params["writable"], begun)
    except StagingError as error:
        module.fail_json(msg=f"{params['app']}: {error}")
    module.exit_json(changed=True, path=path)


if __name__ == "__main__":
    main()
