#!/usr/bin/python
"""Keep the users of one Redis instance, in its file and in the running server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: redis_users
short_description: Keep the users of one Redis instance
description:
  - Writes the C(user) lines that the instance's configuration includes, and gives a running server the same users without
    a restart, which its clients would notice. For that the file has a user of the kit's own, whose password this host
    makes and only root reads.
options:
  path: {description: The file of C(user) lines., type: path, required: true}
  users: {description: "Rules by name, passwords in them as hashes.", type: dict, required: true}
  address: {description: Where the instance listens., type: str, required: true}
  port: {description: Its port., type: int, required: true}
  authority: {description: File of the authority behind its certificate; without it there is no TLS., type: path}
  key: {description: File with the password of the kit's own user., type: path, default: /etc/redis/cloche.key}
author: Cloche
"""

RETURN = r"""
restart: {description: Whether the running server knows no user of the kit's, returned: always, type: bool}
"""

import grp
import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.redis_admin import RedisAdmin, RedisError, Refused

#: No application has a hyphen in its name.
ADMIN = "cloche-admin"


def admin_key(path: Path, check_mode: bool) -> str:
    """Return the password of the kit's user, which is made where there is none."""
    if path.exists():
        return path.read_text().strip()
    key = secrets.token_hex(32)
    if not check_mode:
        replace(path, key + "\n", 0o600, 0)
    return key


def replace(path: Path, text: str, mode: int, group: int) -> None:
    """Put a file in place in one step."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        os.fchown(file.fileno(), 0, group)
        os.fchmod(file.fileno(), mode)
        file.write(text)
    os.replace(name, path)


def write(path: Path, users: dict[str, str], check_mode: bool) -> bool:
    """Write the file; return whether it was another."""
    text = "".join(f"user {name} {' '.join(rules.split())}\n" for name, rules in users.items())
    if path.exists() and path.read_text() == text:
        return False
    if not check_mode:
        replace(path, text, 0o640, grp.getgrnam("redis").gr_gid)
    return True


def apply(module: AnsibleModule, key: str, users: dict[str, str]) -> tuple[bool, bool]:
    """Give the running server the users; return whether that changed it, and whether only a restart would."""
    params = module.params
    try:
        redis = RedisAdmin(params["address"], params["port"], ADMIN, key, authority=params["authority"])
    except Refused:
        return True, True
    except OSError:
        # It is not running, and will read the file.
        return False, False
    try:
        return redis.set_users(users), False
    finally:
        redis.close()


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "users": {"type": "dict", "required": True},
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "authority": {"type": "path"},
            "key": {"type": "path", "default": "/etc/redis/cloche.key", "no_log": False},
        },
        supports_check_mode=True,
    )
    try:
        key = admin_key(Path(module.params["key"]), module.check_mode)
        digest = hashlib.sha256(key.encode()).hexdigest()
        # By TLS it has to tell of a new certificate as well.
        further = " +config|set" if module.params["authority"] else ""
        users = module.params["users"] | {ADMIN: f"on #{digest} -@all +acl{further}"}
        written = write(Path(module.params["path"]), users, module.check_mode)
        applied, restart = (False, False) if module.check_mode else apply(module, key, users)
    except (OSError, RedisError) as error:
        module.fail_json(msg=f"redis_users: {error}")
    module.exit_json(changed=written or applied, restart=restart)


if __name__ == "__main__":
    main()
