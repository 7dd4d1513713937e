#!/usr/bin/python
"""Keep a host's certificate, with a key that never leaves it, where each of its servers may read that."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_certificate
short_description: Keep a host's certificate, with a key that never leaves it
description:
  - The action plugin of this name signs on the controller and calls this module on the host, once where nothing is to be
    done. The certificate is C(host.pem); each user who may read the key has a copy of it of its own, C(<user>.key).
  - Needs the command openssl on the host.
options:
  step:
    description: >-
      C(look) tells what there is, C(request) makes a key and a request for it, C(install) puts the certificate in place.
      The action plugin says it, and needs instead O(authority_key), O(names), O(addresses) and O(days).
    type: str
    choices: [look, request, install]
  directory: {description: Where they lie., type: path, required: true}
  owners: {description: Users who may read the key., type: list, elements: str, required: true}
  certificate: {description: PEM of what is to be installed., type: str, default: ""}
  authority_key: {description: Private key (PEM) of the authority; it stays on the controller., type: str}
  names: {description: Names of the host that the certificate is for., type: list, elements: str}
  addresses: {description: The same for addresses., type: list, elements: str}
  days: {description: How long it is to be valid., type: int}
author: Cloche
"""

RETURN = r"""
reason: {description: Why there is a new one; empty for none., type: str, returned: by the action plugin}
renewed: {description: Whether it took the place of another., type: bool, returned: by the action plugin}
certificate: {description: What there is (PEM)., type: str, returned: on look}
request: {description: The request (PEM)., type: str, returned: on request}
"""

import os
import pwd
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

CERTIFICATE, PENDING = "host.pem", "pending.key"


def key_files(module: AnsibleModule) -> dict[str, Path]:
    """Return where each user has the key."""
    place = Path(module.params["directory"])
    return {owner: place / f"{owner}.key" for owner in module.params["owners"]}


def put(path: Path, text: str, mode: int, owner: str = "root") -> None:
    """Put a file in place in one step; nobody sees it before it is its owner's."""
    user = pwd.getpwnam(owner)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(file.fileno(), mode)
        os.fchown(file.fileno(), user.pw_uid, user.pw_gid)
        file.write(text)
    os.replace(name, path)


def public(module: AnsibleModule, *command: str) -> str:
    """Return the public key that openssl finds; "" for none."""
    code, out, _ = module.run_command(["openssl", *command])
    return out if code == 0 else ""


def look(module: AnsibleModule) -> dict:
    """Return the certificate, "" where it is not the one of the key that every owner has, and whether there ever was one."""
    path, keys = Path(module.params["directory"]) / CERTIFICATE, key_files(module)
    files = [path, *keys.values()]
    if not all(file.is_file() for file in files):
        return {"certificate": "", "there": any(file.is_file() for file in files)}
    texts = {key.read_bytes() for key in keys.values()}
    owned = all(key.stat().st_uid == pwd.getpwnam(owner).pw_uid for owner, key in keys.items())
    first = str(next(iter(keys.values())))
    same = public(module, "x509", "-in", str(path), "-noout", "-pubkey") == public(
        module, "pkey", "-in", first, "-pubout"
    )
    return {"certificate": path.read_text() if len(texts) == 1 and owned and same else "", "there": True}


def request(module: AnsibleModule) -> dict:
    """Make a key, which waits beside the one in use, and return a request for it."""
    pending = Path(module.params["directory"]) / PENDING
    curve = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    _, key, _ = module.run_command(["openssl", "genpkey", *curve], check_rc=True)
    put(pending, key, 0o400)
    _, text, _ = module.run_command(
        ["openssl", "req", "-new", "-key", str(pending), "-subj", "/CN=host"], check_rc=True
    )
    return {"request": text}


def install(module: AnsibleModule) -> dict:
    """Put the key that waited and its certificate in place."""
    place = Path(module.params["directory"])
    key = (place / PENDING).read_text()
    for owner, path in key_files(module).items():
        put(path, key, 0o400, owner)
    put(place / CERTIFICATE, module.params["certificate"], 0o444)
    (place / PENDING).unlink()
    return {}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "step": {"type": "str", "choices": ["look", "request", "install"], "required": True},
            "directory": {"type": "path", "required": True},
            "owners": {"type": "list", "elements": "str", "required": True},
            "certificate": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    step = module.params["step"]
    try:
        found = {"look": look, "request": request, "install": install}[step](module)
    except (OSError, KeyError) as error:
        module.fail_json(msg=f"host_certificate: {error}")
    module.exit_json(changed=step != "look", **found)


if __name__ == "__main__":
    main()
