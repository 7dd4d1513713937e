"""A host that drills happen to: a container of this machine."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

APP = "garden"


@dataclass(frozen=True)
class Machine:
    """A container by its name, which is its host's name; all times are seconds."""

    name: str

    def shell(self, script: str, timeout: float = 120, stdin: str = "") -> str:
        """Run a script as root and return what it prints. Raises AssertionError where it fails."""
        done = self.try_shell(script, timeout, stdin)
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def try_shell(self, script: str, timeout: float = 120, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a script as root, whatever comes of it."""
        argv = ["docker", "exec", "--interactive", self.name, "bash", "-uo", "pipefail", "-ec", script]
        return subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)

    def engine(self, verb: str, timeout: float = 120) -> None:
        """Have the engine do something to the container: kill, start, pause, unpause."""
        subprocess.run(["docker", verb, self.name], check=True, capture_output=True, timeout=timeout)

    def programs(self, kind: str = "") -> dict[str, int]:
        """Return the main process of each running program of the application whose name begins so, by its name."""
        rows = [line.split() for line in self.shell("supervisorctl status || true").splitlines()]
        running = {row[0]: int(row[3].rstrip(",")) for row in rows if len(row) > 3 and row[1] == "RUNNING"}
        return {name: pid for name, pid in running.items() if name.startswith(f"{APP}-{kind}")}

    def release(self, command: str, stdin: str = "", timeout: float = 60) -> str:
        """Run a command in the application's live release and return what it prints."""
        return self.shell(f"/srv/{APP}/current/run {command}", timeout, stdin)

    def install(self, command: str, package: str) -> None:
        """Install Debian's package where the command that it brings is not there."""
        quiet = "apt-get -qq -o Acquire::Languages=none"
        self.shell(f"command -v {command} >/dev/null || ({quiet} update && {quiet} install -y {package}) >/dev/null")
