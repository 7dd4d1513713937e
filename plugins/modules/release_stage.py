#!/usr/bin/python
"""Unpack a release and make its virtual environment, offline."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_stage
short_description: Unpack a release and make its virtual environment, offline
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  bundle: {description: The bundle on this host; removed once the release is staged., type: path, required: true}
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
"""

import shutil
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.staging import StagingError, is_staged, stage


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "bundle": {"type": "path", "required": True},
            "kind": {"type": "str", "required": True},
            "python": {"type": "str", "default": "python3"},
            "venv": {"type": "str", "required": True},
            "writable": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params, layout = module.params, Layout(module.params["app"])
    path, bundle = str(layout.release(params["id"])), Path(params["bundle"])
    if module.check_mode:
        module.exit_json(changed=not is_staged(layout, params["id"]), path=path)
    python = shutil.which(params["python"])
    if python is None:
        module.fail_json(
            msg=f"{params['python']} is not on this host; set app_python, or name its package in app_packages"
        )
    try:
        changed = stage(layout, bundle, params["id"], params["kind"], python, params["venv"], params["writable"])
    except StagingError as error:
        module.fail_json(msg=f"{params['app']}: {error}")
    bundle.unlink(missing_ok=True)
    module.exit_json(changed=changed, path=path)


if __name__ == "__main__":
    main()
