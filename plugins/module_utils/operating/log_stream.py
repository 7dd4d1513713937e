"""What one host says of its logs: one connection, one reader at its other end."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ON_HOST = Path(__file__).parent / "on_host"
#: In this order: each may import those before it.
_MODULES = ("log_times", "log_files", "log_reader")
#: The reader is not installed anywhere: a host that the kit has never set up can be read as well.
_BOOT = """
import json, sys, types
for name, source in json.loads(sys.stdin.readline()):
    sys.modules[name] = types.ModuleType(name)
    exec(compile(source, name, "exec"), sys.modules[name].__dict__)
sys.modules["log_reader"].main()
"""
#: What a host runs; all else is told it on standard input.
COMMAND = ["python3", "-c", _BOOT]

Entry = tuple[float, str, str]


class Stream:
    """The reader on a host; ``command`` is what reaches COMMAND there, ``asked`` what log_reader describes."""

    def __init__(self, host: str, command: list[str], asked: dict[str, Any]) -> None:
        self.host = host
        # No pipe: the connection that ssh keeps for the next command would hold it open.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            text=True,
            errors="replace",
        )
        modules = [[name, (_ON_HOST / f"{name}.py").read_text(encoding="utf-8")] for name in _MODULES]
        try:
            self._process.stdin.write(json.dumps(modules) + "\n" + json.dumps(asked) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # It has ended: what it said of that is read below.

    def history(self) -> Iterator[Entry]:
        """Yield what was there, in the order of time; raises ConnectionError where the host falls silent."""
        for said in self._said():
            if said == "over":
                return
            yield tuple(said)
        raise ConnectionError(self.why())

    def fresh(self) -> Iterator[Entry | None]:
        """Yield what comes, None at least once a second; ends where the connection does."""
        for said in self._said():
            yield None if said == "idle" else tuple(said)

    def why(self) -> str:
        """Return what the connection said at its end."""
        code = self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with {code}"

    def close(self) -> None:
        """End it, on the host as well."""
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._complaints.close()

    def _said(self) -> Iterator[Any]:
        for line in self._process.stdout:
            yield json.loads(line)
