#!/usr/bin/python
"""Keep directories and files as told, all in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: managed_files
short_description: Keep directories and files as told, all in one round trip
description:
  - What ansible.builtin.file and ansible.builtin.copy do for one path each, for a role's whole configuration at once.
    On a converged host each round trip costs as much as everything that it then finds unchanged.
  - Directories are made before files, in the order given. A file that differs is written beside its place, validated, and
    renamed into it. Supports check mode and diff.
  - The action plugin of this name makes O(files[].content) of the other two; the module knows only that.
options:
  directories:
    description: Directories to keep; parents are made as well.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      owner: {description: Owner's name., type: str, default: root}
      group: {description: Group's name., type: str, default: root}
      mode: {description: "Octal mode, as '0755'.", type: str, default: "0755"}
  files:
    description: Files to keep.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: Absolute path., type: path, required: true}
      content: {description: "The whole content; or, rendered and read on the controller:", type: str}
      template: {description: Name of a template of the role., type: str}
      src: {description: Name of a file of the role., type: str}
      owner: {description: Owner's name., type: str, default: root}
      group: {description: Group's name., type: str, default: root}
      mode: {description: "Octal mode, as '0644'.", type: str, default: "0644"}
      validate: {description: "Command that must accept the new file, given as C(%s), before it takes its place.", type: str}
author: Cloche
"""

RETURN = r"""
paths: {description: What was changed., type: list, elements: str, returned: always}
"""

import os
import shlex
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DIRECTORY = {
    "path": {"type": "path", "required": True},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "str", "default": "0755"},
}
FILE = DIRECTORY | {
    "mode": {"type": "str", "default": "0644"},
    "content": {"type": "str", "required": True},
    "validate": {"type": "str"},
}


def difference(path: str, before: str, after: str) -> dict:
    """Return what Ansible shows with --diff."""
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def set_attributes(module: AnsibleModule, entry: dict, diff: list[dict]) -> bool:
    """Set owner, group and mode; return whether that changed, or would change, anything."""
    wanted = {key: entry[key] for key in ("path", "owner", "group", "mode")}
    seen: dict = {}
    changed = module.set_fs_attributes_if_different(module.load_file_common_arguments(wanted), False, seen)
    if changed:
        sides = (
            "".join(f"{key}: {value}\n" for key, value in seen.get(side, {}).items() if key != "path")
            for side in ("before", "after")
        )
        diff.append(difference(entry["path"], *sides))
    return changed


def keep_directory(module: AnsibleModule, entry: dict, diff: list[dict]) -> bool:
    """Make a directory where it is missing; return whether anything changed."""
    path = Path(entry["path"])
    missing = not path.is_dir()
    if missing:
        diff.append(difference(entry["path"], "", "a directory\n"))
        if module.check_mode:
            return True
        path.mkdir(parents=True)
    return set_attributes(module, entry, diff) or missing


def replace(module: AnsibleModule, entry: dict, content: bytes) -> None:
    """Write new content beside a file, have it validated, and rename it into its place."""
    path = Path(entry["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp makes it private: what it holds is nobody's business before it has its owner and mode.
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if entry["validate"]:
            command = [part.replace("%s", scratch) for part in shlex.split(entry["validate"])]
            code, out, err = module.run_command(command)
            if code:
                module.fail_json(msg=f"{path} is refused by `{entry['validate']}`: {(err or out).strip()}")
        module.set_fs_attributes_if_different(
            module.load_file_common_arguments({k: entry[k] for k in ("owner", "group", "mode")} | {"path": scratch}),
            False,
        )
        Path(scratch).rename(path)
    finally:
        Path(scratch).unlink(missing_ok=True)


def keep_file(module: AnsibleModule, entry: dict, diff: list[dict]) -> bool:
    """Give a file its content and attributes; return whether anything changed."""
    path, content = Path(entry["path"]), entry["content"].encode()
    present = path.read_bytes() if path.is_file() else None
    if present == content:
        return set_attributes(module, entry, diff)
    before = "" if present is None else present.decode(errors="replace")
    diff.append(difference(str(path), before, entry["content"]))
    if not module.check_mode:
        replace(module, entry, content)
    return True


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "directories": {"type": "list", "elements": "dict", "options": DIRECTORY, "default": []},
            "files": {"type": "list", "elements": "dict", "options": FILE, "default": []},
        },
        supports_check_mode=True,
    )
    diff: list[dict] = []
    paths = [entry["path"] for entry in module.params["directories"] if keep_directory(module, entry, diff)]
    paths += [entry["path"] for entry in module.params["files"] if keep_file(module, entry, diff)]
    module.exit_json(changed=bool(paths), paths=paths, diff=diff if module._diff else [])


if __name__ == "__main__":
    main()
