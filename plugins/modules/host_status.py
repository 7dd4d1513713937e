#!/usr/bin/python
"""Look at everything that an operator wants to know of a host, in one round trip."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_status
short_description: Look at everything that an operator wants to know of a host, in one round trip
description:
  - Services, supervised programs, live releases, queues, certificates, disk and memory. Judges nothing, changes nothing,
    and needs nothing but Python's standard library and what is looked at.
  - What cannot be looked at becomes an entry of RV(errors), so that the rest is still told.
options:
  units:
    description: systemd's units; one may be a pattern, of which at least one unit has to be loaded.
    type: list
    elements: str
    default: []
  applications:
    description: "Applications with programs here: C({name, kinds}); each kind has at least one program in a release."
    type: list
    elements: dict
    default: []
    suboptions:
      name: {description: Name of the application., type: str, required: true}
      kinds: {description: Kinds of programs that this host shall run., type: list, elements: str, required: true}
  broker:
    description: The broker of this host, by its management API; none where it is left out.
    type: dict
    suboptions:
      url: {description: Address with the path prefix but without C(/api)., type: str, required: true}
      user: {description: Name of a user with the tag monitoring or administrator., type: str, required: true}
      password: {description: Password of that user., type: str, required: true}
      queues: {description: Names of each application's queues; the virtual host has its name., type: dict, required: true}
  members:
    description: Services of several hosts of which this one is a member; none where it is left out.
    type: dict
    suboptions:
      own: {description: Name of this member., type: str, required: true}
      services: {description: "C({name, check, servers, login}): see module_utils/status/members.py.", type: list, elements: dict, required: true}
  certificates:
    description: PEM files whose first certificate is looked at, and what tells how their renewal went.
    type: list
    elements: dict
    default: []
    suboptions:
      path: {description: PEM file., type: path, required: true}
      outcome: {description: The role certificates' file on it; empty where somebody else renews it., type: str, default: ""}
  backups:
    description: Jobs of the backup program that this host has; none where it makes no backups.
    type: list
    elements: str
    default: []
  balancer:
    description: Where this host is a balancer, C(address), the one that balancers share; empty for none.
    type: dict
    suboptions:
      address: {description: Address of balancers., type: str, default: ""}
  maintenance:
    description: The directory in which a file C(<application>.conf) says that the application is in maintenance.
    type: path
author: Cloche
"""

EXAMPLES = r"""
- name: Look at the host
  host_status:
    units: [nginx.service, "postgresql@*.service"]
    certificates: [{path: /etc/nginx/tls/certificate.pem}]
"""

RETURN = r"""
services: {description: See module_utils/status/units.py., type: list, returned: always}
programs: {description: See module_utils/status/programs.py., type: list, returned: always}
members: {description: See module_utils/status/members.py., type: list, returned: always}
releases: {description: "C({application, release, since}); release is none before the first.", type: list, returned: always}
queues: {description: See module_utils/status/queues.py., type: list, returned: always}
backups: {description: See module_utils/status/backups.py., type: list, returned: always}
certificates: {description: See module_utils/status/certificates.py., type: list, returned: always}
addresses: {description: "C({address, here}) of a balancer that shares one.", type: list, returned: always}
web_hosts: {description: See module_utils/status/balancer.py., type: list, returned: always}
maintenance: {description: "C({application, seconds}) since it began.", type: list, returned: always}
drained: {description: "C({application, seconds}) since this host was taken out of its service.", type: list, returned: always}
disk: {description: "C({path, total_mb, free_mb}) of the root.", type: dict, returned: always}
memory: {description: "C({total_mb, available_mb}).", type: dict, returned: always}
errors: {description: "C({part, reason}) for what could not be looked at.", type: list, returned: always}
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.rabbitmq_api import ApiError, ManagementApi, Refused, Unreachable
from ansible.module_utils.release.supervisor import SupervisorError
from ansible.module_utils.status import (
    backups,
    balancer,
    certificates,
    machine,
    members,
    programs,
    queues,
    releases,
    units,
)

SUPERVISORD_LOG = Path("/var/log/supervisor/supervisord.log")
# Of a log that may have 50 MB, enough for thousands of exits.
LOG_BYTES = 2**20
# Seconds for an answer of the broker; one that takes longer is no healthy one.
BROKER_SECONDS = 3.0
FAILURES = (OSError, ValueError, KeyError, ImportError, SupervisorError, Unreachable, Refused, ApiError)


def look_at_services(module: AnsibleModule) -> list[dict[str, Any]]:
    wanted = module.params["units"]
    _, out, _ = module.run_command(units.command(wanted), check_rc=True) if wanted else (0, "", "")
    return units.parse(out, wanted, time.time())


def look_at_releases(module: AnsibleModule) -> list[dict[str, Any]]:
    return releases.live(module.params["applications"], time.time())


def look_at_programs(module: AnsibleModule) -> list[dict[str, Any]]:
    if not module.params["applications"]:
        return []
    supervisor = programs.Inspector()
    ended = programs.exits(log_tail(SUPERVISORD_LOG)) if SUPERVISORD_LOG.is_file() else None
    wanted = releases.programs(module.params["applications"])
    return programs.describe(supervisor.processes(), ended, wanted, supervisor.configured())


def log_tail(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_BYTES))
        return log.read().decode(errors="replace")


def look_at_queues(module: AnsibleModule) -> list[dict[str, Any]]:
    broker = module.params["broker"]
    if not broker:
        return []
    api = ManagementApi(broker["url"], broker["user"], broker["password"], call_timeout=BROKER_SECONDS)
    return queues.describe(api.queues(), broker["queues"])


def look_at_members(module: AnsibleModule) -> list[dict[str, Any]]:
    given = module.params["members"]
    return members.look(given["own"], given["services"], module.params["broker"]) if given else []


def look_at_backups(module: AnsibleModule) -> list[dict[str, Any]]:
    return backups.look(module.params["backups"], time.time())


def look_at_certificates(module: AnsibleModule) -> list[dict[str, Any]]:
    return [certificates.describe(**entry, now=time.time()) for entry in module.params["certificates"]]


def look_at_addresses(module: AnsibleModule) -> list[dict[str, Any]]:
    address = (module.params["balancer"] or {}).get("address")
    if not address:
        return []
    _, out, _ = module.run_command(balancer.ADDRESSES, check_rc=True)
    return [{"address": address, "here": balancer.has(address, out)}]


def look_at_web_hosts(module: AnsibleModule) -> list[dict[str, Any]]:
    return balancer.web_hosts(balancer.ask("show stat")) if module.params["balancer"] else []


def look_at_maintenance(module: AnsibleModule) -> list[dict[str, Any]]:
    directory = module.params["maintenance"]
    files = sorted(Path(directory).glob("*.conf")) if directory else []
    return [{"application": path.stem, "seconds": int(time.time() - path.stat().st_mtime)} for path in files]


def look_at_drained(module: AnsibleModule) -> list[dict[str, Any]]:
    return releases.drained(module.params["applications"], time.time())


def look_at_disk(module: AnsibleModule) -> dict[str, Any]:
    figures = os.statvfs("/")
    return machine.disk("/", figures.f_frsize, figures.f_blocks, figures.f_bavail)


def look_at_memory(module: AnsibleModule) -> dict[str, Any]:
    return machine.memory(Path("/proc/meminfo").read_text())


PARTS: dict[str, tuple[Callable[[AnsibleModule], Any], Any]] = {
    "services": (look_at_services, []),
    "members": (look_at_members, []),
    "programs": (look_at_programs, []),
    "releases": (look_at_releases, []),
    "queues": (look_at_queues, []),
    "backups": (look_at_backups, []),
    "certificates": (look_at_certificates, []),
    "addresses": (look_at_addresses, []),
    "web_hosts": (look_at_web_hosts, []),
    "maintenance": (look_at_maintenance, []),
    "drained": (look_at_drained, []),
    "disk": (look_at_disk, {}),
    "memory": (look_at_memory, {}),
}


def main() -> None:
    application = {"name": {"type": "str", "required": True}}
    application["kinds"] = {"type": "list", "elements": "str", "required": True}
    certificate = {"path": {"type": "path", "required": True}, "outcome": {"type": "str", "default": ""}}
    broker = {key: {"type": "str", "required": True} for key in ("url", "user")}
    broker["password"] = {"type": "str", "required": True, "no_log": True}
    broker["queues"] = {"type": "dict", "required": True}
    member = {"own": {"type": "str", "required": True}}
    member["services"] = {"type": "list", "elements": "dict", "required": True}
    module = AnsibleModule(
        argument_spec={
            "units": {"type": "list", "elements": "str", "default": []},
            "applications": {"type": "list", "elements": "dict", "options": application, "default": []},
            "broker": {"type": "dict", "options": broker},
            "members": {"type": "dict", "options": member},
            "backups": {"type": "list", "elements": "str", "default": []},
            "certificates": {"type": "list", "elements": "dict", "options": certificate, "default": []},
            "balancer": {"type": "dict", "options": {"address": {"type": "str", "default": ""}}},
            "maintenance": {"type": "path"},
        },
        supports_check_mode=True,
    )
    result: dict[str, Any] = {"errors": []}
    for part, (look, nothing) in PARTS.items():
        try:
            result[part] = look(module)
        except FAILURES as error:
            result[part] = nothing
            result["errors"].append({"part": part, "reason": str(error)})
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
