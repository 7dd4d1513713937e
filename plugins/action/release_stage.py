"""Send a host what it lacks of a bundle, and have it staged there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# As plugins/filter/applications.py does it, and for the same reason.
ansible.module_utils.__path__.append(str(Path(__file__).resolve().parent.parent / "module_utils"))

from ansible.module_utils.release import bundle
from ansible.module_utils.release.wheelhouse import wheels_of


class ActionModule(ActionBase):
    """Call the module of this name twice: for what the host lacks, then with a bundle of just that."""

    TRANSFERS_FILES = True
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result; raises AnsibleActionFail where the bundle can't be read."""
        super().run(tmp, task_vars)
        args = self._task.args
        if args.get("ahead"):
            return self._begin(Path(args["ahead"]), task_vars)
        if not args["bundle"]:
            return self._module({"wheels": {}, "again": True}, task_vars)
        whole = Path(args["bundle"])
        try:
            wheels = bundle.read_manifest(whole)["wheels"].get(args["kind"], {})
        except bundle.BundleError as error:
            raise AnsibleActionFail(str(error)) from None
        asked = self._module({"wheels": wheels}, task_vars)
        if asked.get("failed") or "lacking" not in asked:
            return asked
        write = partial(bundle.write_part, whole, kind=args["kind"], wheels=asked["lacking"])
        return self._send(write, whole.name, {"wheels": wheels}, asked["lacking"], task_vars)

    def _begin(self, directory: Path, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Have the host begin with the wheels in a directory, unless it has what they are for."""
        wheels = wheels_of(directory)
        asked = self._module({"wheels": wheels}, task_vars)
        if not asked.get("lacking"):
            return asked
        write = partial(
            bundle.write_wheels, directory, kind=self._task.args["kind"], wheels=wheels, wanted=asked["lacking"]
        )
        return self._send(write, "ahead.tar", {"wheels": wheels, "ahead": True}, asked["lacking"], task_vars)

    def _send(
        self, write: Callable[[Path], None], name: str, more: dict[str, Any], lacking: list[str],
        task_vars: dict[str, Any] | None,
    ) -> dict[str, Any]:  # fmt: skip
        """Send what ``write`` puts into a file, and have the module take it."""
        with tempfile.TemporaryDirectory(prefix="cloche-upload-") as scratch:
            part = Path(scratch) / name
            write(part)
            sent = part.stat().st_size
            if lacking:
                host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "host")
                words = f"{len(lacking)} of {len(more['wheels'])} wheels, {sent / 1e6:.0f} MB"
                self._display.display(f"      {host}: {self._task.args['app']}: sends and installs {words}")
            remote = self._connection._shell.join_path(self._make_tmp_path(), name)
            self._transfer_file(str(part), remote)
        self._fixup_perms2((os.path.dirname(remote), remote), execute=False)
        try:
            return self._module(more | {"upload": remote}, task_vars) | {"sent": sent}
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _module(self, more: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        arguments = {key: value for key, value in self._task.args.items() if key not in ("bundle", "ahead")} | more
        return self._execute_module(module_name="release_stage", module_args=arguments, task_vars=task_vars)
