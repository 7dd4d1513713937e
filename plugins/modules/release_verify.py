#!/usr/bin/python
"""Use a release as its users do: one request through nginx, one task through each queue."""

from __future__ import annotations

DOCUMENTATION = r"""
module: release_verify
short_description: Use a release as its users do
description:
  - Asks this host's nginx for the health path, over TLS and by the application's own name; and, where told, sends the
    probe task to each queue and waits for its result.
  - Then brings back what the release before has rejected because it did not know the task, as after a way back.
options:
  app: {description: The application., type: str, required: true}
  id: {description: The release., type: str, required: true}
  request: {description: "C({host, port, path}) that must answer 200; omit on hosts without nginx.", type: dict}
  probe: {description: "C({celery_app, task, queues, dead_letter}); omit where another host asks.", type: dict}
  timeout: {description: Seconds for each of the two., type: int, default: 30}
author: Cloche
"""

RETURN = r"""
queues: {description: "What the probe of each queue came to.", type: dict, returned: with probe}
requeued: {description: "Messages that were brought back, by task.", type: dict, returned: with probe}
"""

import http.client
import json
import socket
import ssl
import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.release.agent import AgentError, ask
from ansible.module_utils.release.layout import Layout


class LocalHTTPS(http.client.HTTPSConnection):
    """HTTPS to this host's nginx under any name; who answers is certain, so the certificate proves nothing more."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(host, port, timeout=timeout, context=context)

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)


def request(host: str, port: int, path: str, timeout: float) -> str:
    """Return what is wrong with the answer to a request, "" when it is 200."""
    answer, deadline = "", time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            connection = LocalHTTPS(host, port, timeout=min(timeout, 10))
            connection.request("GET", path)
            response = connection.getresponse()
            if response.status == 200:
                return ""
            answer = f"{response.status} {response.read(500).decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            answer = str(error)
        time.sleep(0.5)
    return f"https://{host}:{port}{path} through nginx: {answer}"


def use_queues(layout: Layout, release: str, probe: dict, timeout: float) -> dict:
    """Return what the probe of each queue came to, and what was brought back; raises AgentError."""
    command = ["probe", "--celery", probe["celery_app"], "--task", probe["task"], "--timeout", str(timeout)]
    seen = {"queues": ask(layout, release, *command, *probe["queues"], timeout=timeout + 30)["queues"], "requeued": {}}
    names = layout.new_tasks(release)
    if probe.get("dead_letter") and names.is_file() and json.loads(names.read_text()):
        command = ["requeue", "--celery", probe["celery_app"], "--rejected", "--dead-letter", probe["dead_letter"]]
        seen["requeued"] = ask(layout, release, *command, "--names-from", str(names), timeout=300)["requeued"]
    return seen


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "app": {"type": "str", "required": True},
            "id": {"type": "str", "required": True},
            "request": {"type": "dict"},
            "probe": {"type": "dict"},
            "timeout": {"type": "int", "default": 30},
        },
        supports_check_mode=True,
    )
    params, wanted, probe = module.params, module.params["request"], module.params["probe"]
    if module.check_mode:
        module.exit_json(changed=False, queues={})
    if wanted and (fault := request(wanted["host"], int(wanted["port"]), wanted["path"], params["timeout"])):
        module.fail_json(msg=fault)
    try:
        seen = use_queues(Layout(params["app"]), params["id"], probe, params["timeout"]) if probe else {}
    except AgentError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(seen.get("requeued")), **seen)


if __name__ == "__main__":
    main()
