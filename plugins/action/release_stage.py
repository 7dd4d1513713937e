"""Send a host what it lacks of a bundle, and have it staged there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.release import bundle


class ActionModule(ActionBase):
    """Call the module of this name twice: for what the host lacks, then with a bundle of just that."""

    TRANSFERS_FILES = True
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; raises AnsibleActionFail where the bundle can't be read."""
        super().run(tmp, task_vars)
        if not self._task.args["bundle"]:
            return self._module({"wheels": {}, "again": True}, task_vars)
        whole = Path(self._task.args["bundle"])
        try:
            wheels = bundle.read_manifest(whole)["wheels"].get(self._task.args["kind"], {})
        except bundle.BundleError as error:
            raise AnsibleActionFail(str(error)) from None
        asked = self._module({"wheels": wheels}, task_vars)
        if asked.get("failed") or "lacking" not in asked:
            return asked
        with tempfile.TemporaryDirectory(prefix="cloche-upload-") as scratch:
            part = Path(scratch) / whole.name
            bundle.write_part(whole, part, self._task.args["kind"], asked["lacking"])
            sent = part.stat().st_size
            if asked["lacking"]:
                host = (task_vars or {}).get("inventory_hostname", "host")
                words = f"{len(asked['lacking'])} of {len(wheels)} wheels, {sent / 1e6:.0f} MB"
                self._display.display(f"      {host}: {self._task.args['app']}: sends and installs {words}")
            remote = self._connection._shell.join_path(self._make_tmp_path(), whole.name)
            self._transfer_file(str(part), remote)
        self._fixup_perms2((os.path.dirname(remote), remote), execute=False)
        try:
            return self._module({"wheels": wheels, "upload": remote}, task_vars) | {"sent": sent}
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _module(self, more: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        arguments = {key: value for key, value in self._task.args.items() if key != "bundle"} | more
        return self._execute_module(module_name="release_stage", module_args=arguments, task_vars=task_vars)
