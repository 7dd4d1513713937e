"""Whether the controller's container engine answers, and whether the ports for its containers are free."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.container_ports import can_bind, problems, published
from ansible.module_utils.unix_http import UnixConnection

DOCUMENTATION = r"""
module: container_preflight
short_description: Looks whether containers could be created on this machine
description:
  - Asks the container engine (C(DOCKER_HOST) or its default socket) for an answer, and tries each port.
  - Runs on the controller, in its own process. Changes nothing.
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


class ActionModule(ActionBase):
    """What a module of this name would do, without the time that a module takes to reach its own controller."""

    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(
            argument_spec={"ports": {"type": "dict", "required": True}, "timeout": {"type": "int", "default": 10}}
        )
        wanted = {host: entries or [] for host, entries in options["ports"].items()}
        found = []
        taken: dict[tuple[int, str], str] = {}
        try:
            taken = published(engine_containers(options["timeout"]))
        except ImportError:
            found.append(_engine(wanted, "the Python package docker is missing on the controller: run bin/bootstrap"))
        except Exception as error:  # Whatever it is, the engine doesn't answer.
            found.append(_engine(wanted, f"the container engine doesn't answer ({str(error)[:200]}): {_START}"))
        return {"changed": False, "problems": found + problems(wanted, taken, can_bind)}


def _engine(wanted: dict[str, list[Any]], remedy: str) -> dict[str, str]:
    return {"variable": f"container of {', '.join(wanted)}", "value": "docker", "remedy": remedy}
