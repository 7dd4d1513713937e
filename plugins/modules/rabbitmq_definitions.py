#!/usr/bin/python
"""Ansible module: RabbitMQ objects as one document, imported only where something differs."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rabbitmq_definitions
short_description: Keep virtual hosts, users, permissions, policies, exchanges, queues and bindings as one document
description:
  - Reads everything that the broker holds with one GET of its management API, compares the wanted subset with it and
    imports what differs with one POST. A converged run costs the GET.
  - Passwords are compared by recomputing the broker's salted hash. No secret appears in a result or a diff.
  - With O(path) the document is written to a file for C(load_definitions) instead, for a broker that has not started.
  - Needs nothing but Python's standard library on the target.
options:
  definitions:
    description:
      - Lists of objects by kind (vhosts, users, permissions, policies, exchanges, queues, bindings), as the API exports
        them, but users carry C(password) in clear. Keys left out are left to the broker.
    type: dict
    default: {}
  absent:
    description: Names of users and virtual hosts that must not exist. Deleting a virtual host deletes all it holds.
    type: dict
    default: {}
    suboptions:
      users: {description: Names of users., type: list, elements: str, default: []}
      vhosts: {description: Names of virtual hosts., type: list, elements: str, default: []}
  url:
    description: Address of the management API, path prefix included, without C(/api). Required unless O(path) is given.
    type: str
  user:
    description: Name of a user with the tag administrator. Required with O(url).
    type: str
  password:
    description: Password of that user. Required with O(url).
    type: str
  timeout:
    description: Seconds to wait for the API of a broker that is starting.
    type: int
    default: 60
  recovery_file:
    description:
      - A definitions file on the target. Where the API refuses O(user) and O(password) because the password was rotated
        in the inventory, it is imported once with C(rabbitmqctl), as root, before a second try.
    type: path
  path:
    description: Write the document to this file instead of talking to a broker; hashes that still match are kept.
    type: path
extends_documentation_fragment: [files]
attributes:
  check_mode: {support: full, description: Says what would be imported.}
  diff_mode: {support: full, description: Without secrets.}
author: Cloche
"""

EXAMPLES = r"""
- name: Keep an application's virtual host and user
  rabbitmq_definitions:
    url: http://127.0.0.1:15672/rabbitmq
    user: operator
    password: "{{ vault_operator_password }}"
    definitions:
      vhosts: [{name: shop}]
      users: [{name: shop, password: "{{ vault_shop_password }}"}]
      permissions: [{vhost: shop, user: shop, configure: ".*", write: ".*", read: ".*"}]
    absent: {users: [guest]}
"""

RETURN = r"""
imported: {description: Labels of the objects that were imported., type: list, elements: str, returned: always}
deleted: {description: Labels of the objects that were deleted., type: list, elements: str, returned: always}
unknown:
  description: Labels of permissions on the wanted virtual hosts that the document does not have. They are left alone.
  type: list
  elements: str
  returned: when it answered
version: {description: Version of the broker., type: str, returned: when it answered}
"""

import json
import os
import tempfile
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.rabbitmq import (
    Definitions,
    DefinitionsError,
    bootstrap,
    compare,
    importable,
    unknown_permissions,
)
from ansible.module_utils.rabbitmq_api import ApiError, ManagementApi, Refused, Unreachable

ARGUMENTS: dict[str, dict[str, Any]] = {
    "definitions": {"type": "dict", "default": {}, "no_log": False},
    "absent": {
        "type": "dict",
        "default": {},
        "options": {kind: {"type": "list", "elements": "str", "default": []} for kind in ("users", "vhosts")},
    },
    "url": {"type": "str"},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "timeout": {"type": "int", "default": 60},
    "recovery_file": {"type": "path"},
    "path": {"type": "path"},
}


def write_file(module: AnsibleModule) -> dict[str, Any]:
    """Write the bootstrap document, readable by its owner alone until the wanted owner and mode are set."""
    path = module.params["path"]
    try:
        with open(path, encoding="utf-8") as file:
            existing = json.load(file)
    except (OSError, ValueError):
        existing = {}
    document = bootstrap(module.params["definitions"], existing)
    changed = document != existing
    if changed and not module.check_mode:
        descriptor, temporary = tempfile.mkstemp(dir=module.tmpdir)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2, sort_keys=True)
        module.atomic_move(temporary, path)
    if not module.check_mode or os.path.exists(path):
        changed = module.set_fs_attributes_if_different(module.load_file_common_arguments(module.params), changed)
    return {"changed": changed, "imported": [], "deleted": []}


def read_broker(module: AnsibleModule, api: ManagementApi) -> dict[str, Any]:
    """What the broker holds; where it refuses the password, after the recovery file was imported."""
    try:
        return api.definitions()
    except Refused:
        recovery = module.params["recovery_file"]
        if recovery is None:
            raise
        if module.check_mode:
            module.exit_json(changed=True, imported=["users:" + module.params["user"]], deleted=[])
        module.run_command(["rabbitmqctl", "--quiet", "import_definitions", recovery], check_rc=True)
        return {**api.definitions(), "recovered": True}


def converge(module: AnsibleModule) -> dict[str, Any]:
    """Compare, import and delete over the management API."""
    parameters = module.params
    wait = 0 if module.check_mode else parameters["timeout"]
    api = ManagementApi(parameters["url"], parameters["user"], parameters["password"], wait=wait)
    try:
        existing = read_broker(module, api)
    except Unreachable as error:
        if not module.check_mode:
            raise
        module.warn(f"no broker to compare with: {error}")
        existing = {}
    differences = compare(parameters["definitions"], existing)
    names = {kind: {entry["name"] for entry in existing.get(kind, [])} for kind in ("vhosts", "users")}
    # Users first: a client that reconnects must not find its virtual host gone and its password still good.
    unwanted = [
        (kind, name)
        for kind in ("users", "vhosts")
        for name in parameters["absent"].get(kind) or []
        if name in names[kind]
    ]
    if not module.check_mode:
        if differences:
            api.import_definitions(importable(differences))
        for kind, name in unwanted:
            api.delete(kind, name)
    result = {
        "changed": bool(differences or unwanted or existing.get("recovered")),
        "imported": [difference.label for difference in differences],
        "deleted": [f"{kind}:{name}" for kind, name in unwanted],
        "unknown": unknown_permissions(parameters["definitions"], existing),
        "version": existing.get("rabbitmq_version", ""),
    }
    if module._diff:
        before: Definitions = {difference.label: difference.before for difference in differences if difference.before}
        before.update({f"{kind}:{name}": {} for kind, name in unwanted})
        after = {difference.label: difference.after for difference in differences}
        result["diff"] = {"before": _readable(before), "after": _readable(after)}
    return result


def _readable(objects: dict[str, Any]) -> str:
    return json.dumps(objects, indent=2, sort_keys=True) + "\n" if objects else ""


def main() -> None:
    module = AnsibleModule(
        ARGUMENTS,
        supports_check_mode=True,
        add_file_common_args=True,
        mutually_exclusive=[("url", "path")],
        required_one_of=[("url", "path")],
        required_by={"url": ("user", "password")},
    )
    # Passwords sit inside a free-form dict: no_log of the argument alone would hide nothing in a traceback or a log.
    module.no_log_values.update(
        user["password"] for user in module.params["definitions"].get("users") or [] if user.get("password")
    )
    try:
        result = write_file(module) if module.params["path"] else converge(module)
    except (DefinitionsError, Unreachable, Refused, ApiError) as error:
        module.fail_json(msg=f"rabbitmq_definitions: {error}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
