#!/usr/bin/python
"""Whether the controller's container engine answers, and whether the ports for its containers are free."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.container_ports import can_bind, problems, published
from ansible.module_utils.unix_http import UnixConnection

DOCUMENTATION = r"""
module: container_preflight
short_description: Looks whether containers could be created on this machine
description:
  - Asks the container engine (C(DOCKER_HOST) or its default socket) for an answer, and tries each port.
  - Changes nothing.
options:
  ports:
    description: Host of the inventory to the ports that its container publishes, C([address:]port:port[/protocol]).
    type: dict
    required: true
  timeout:
    description: Seconds to wait for the engine.
    type: int
    default: 10
attributes:
  check_mode:
    support: full
"""

RETURN = r"""
problems:
  description: What stands in the way; empty when nothing does. Each has variable, value and remedy.
  type: list
  elements: dict
  returned: always
"""

_START = "start it (systemctl start docker, or bin/bootstrap), or set DOCKER_HOST to one that answers"


def engine_containers(timeout: int) -> list[dict[str, Any]]:
    """Return the running containers as the engine lists them; raises OSError, ValueError or what docker raises.

    The usual socket is asked directly: importing the Docker SDK takes longer than everything else here.
    """
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        import docker

        return docker.from_env(timeout=timeout).api.containers()
    connection = UnixConnection(address.removeprefix("unix://"), "engine", timeout)
    connection.request("GET", "/containers/json")
    response = connection.getresponse()
    if response.status != 200:
        raise OSError(f"{address} answers {response.status}")
    return json.loads(response.read())


def main() -> None:
    module = AnsibleModule(
        argument_spec={"ports": {"type": "dict", "required": True}, "timeout": {"type": "int", "default": 10}},
        supports_check_mode=True,
    )
    wanted = {host: entries or [] for host, entries in module.params["ports"].items()}
    found = []
    taken: dict[tuple[int, str], str] = {}
    try:
        taken = published(engine_containers(module.params["timeout"]))
    except ImportError:
        found.append(_engine(wanted, "the Python package docker is missing on the controller: run bin/bootstrap"))
    except Exception as error:  # Whatever it is, the engine doesn't answer.
        found.append(_engine(wanted, f"the container engine doesn't answer ({str(error)[:200]}): {_START}"))
    module.exit_json(changed=False, problems=found + problems(wanted, taken, can_bind))


def _engine(wanted: dict[str, list[Any]], remedy: str) -> dict[str, str]:
    return {"variable": f"ansible_connection of {', '.join(wanted)}", "value": "docker", "remedy": remedy}


if __name__ == "__main__":
    main()
