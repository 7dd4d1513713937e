"""A stack of compose/ for tests: a copy of the tree, so that nobody's secrets and volumes are touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests"))

from load.plan import Plan  # noqa: E402
from polling import until  # noqa: E402

__all__ = ["Stack", "until"]


class Stack:
    """One environment of compose/ under a name and ports of its own."""

    def __init__(self, environment: str, tree: Path, **settings: str) -> None:
        self.environment, self.tree = environment, tree
        self.name = f"cloche-test-{environment}"
        self.settings = settings
        self.variables = os.environ | {"COMPOSE_PROJECT_NAME": self.name}
        copy_tree(tree)
        subprocess.run([tree / "compose/secrets", environment], check=True)
        self.set(**settings)

    def set(self, **settings: str) -> None:
        """Set variables in .env."""
        path = self.tree / f"compose/{self.environment}/.env"
        lines = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
        path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in settings.items())]) + "\n")

    def run(
        self, *command: str, seconds: float = 300, check: bool = True, given: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the project in the copy, with ``given`` to read; fail where it fails, unless told not to."""
        done = subprocess.run(
            [self.tree / command[0], *command[1:]], cwd=self.tree, env=self.variables | variables, text=True,
            input=given, capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def compose(self, *words: str, seconds: float = 300, **variables: str) -> str:
        """Run docker compose and return what it prints."""
        return self.run("bin/compose", self.environment, *words, seconds=seconds, **variables).stdout

    def up(self) -> str:
        """Run `make compose-up` in the copy; return what it prints."""
        return self.run("compose/up", self.environment, seconds=900).stdout

    def execute(self, service: str, *command: str, seconds: float = 60) -> str:
        """Run a command in a service's container and return what it prints."""
        return self.compose("exec", "--no-TTY", service, *command, seconds=seconds)

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what the engine says of each container, by its name without the project's."""
        ids = docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}").split()
        found = json.loads(docker("inspect", *ids)) if ids else []
        return {entry["Name"].removeprefix(f"/{self.name}-"): entry for entry in found}

    def remove(self) -> None:
        """Remove containers, networks and volumes."""
        self.run("bin/compose", self.environment, "down", "--volumes", "--timeout", "0", check=False)

    def secret(self, name: str) -> str:
        """Return one of production's secrets."""
        return (self.tree / f"compose/{self.environment}/secrets/{name}").read_text()

    def plan(self, **changes: Any) -> Plan:
        """Return the load of the promise for the edge: 50 GET and 10 POST a second."""
        ca = str(self.tree / "compose/production/secrets/ca.crt")
        return Plan(**{"base_urls": (f"https://localhost:{self.settings['HTTPS_PORT']}",), "ca": ca, **changes})


def copy_tree(tree: Path) -> None:
    """Copy what git would have, changes included, and nothing that is generated."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=PROJECT, check=True,
        capture_output=True,
    ).stdout.decode().split("\0")  # fmt: skip
    for name in filter(None, names):
        source, target = PROJECT / name, tree / name
        if source.is_file() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)


def docker(*words: str) -> str:
    """Run docker and return what it prints."""
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True, timeout=120).stdout
