"""What the role has written for this tool, and where the tool keeps what it knows of each certificate."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = re.compile(r"[a-z][a-z0-9_]{1,20}")
FULL_CHAIN, KEY = "fullchain.pem", "privkey.pem"
#: Before the names of applications, so that nobody else's certificate on the host is mistaken for one of the kit's.
PREFIX = "cloche-"


@dataclass(frozen=True)
class Settings:
    """settings.json: the ACME directory's URL, where challenges go, how the web server tests and takes a pair."""

    directory: str
    email: str
    terms_agreed: bool
    webroot: str
    authority: str
    test: list[str]
    reload: list[str]


@dataclass(frozen=True)
class Places:
    """Directories, for tests below another root than /."""

    root: Path = Path("/")

    @property
    def configuration(self) -> Path:
        return self.root / "etc/cloche/acme"

    @property
    def state(self) -> Path:
        return self.root / "var/lib/cloche/certificates"

    @property
    def certbot(self) -> Path:
        return self.root / "etc/letsencrypt"

    def settings(self) -> Settings:
        """Return what settings.json says; OSError, ValueError or TypeError where it is not as the role writes it."""
        return Settings(**json.loads((self.configuration / "settings.json").read_text()))

    def wanted(self) -> dict[str, list[str]]:
        """Return the names that each application's certificate shall have, the first one first."""
        files = sorted((self.configuration / "certificates").glob("*.json"))
        return {path.stem: json.loads(path.read_text())["domains"] for path in files}

    def wanted_file(self, name: str) -> Path:
        return self.configuration / "certificates" / f"{name}.json"

    def serving(self, name: str) -> Path:
        """Return the link to the directory whose pair the web server reads."""
        return self.state / name / "serving"

    def stand_in(self, name: str) -> Path:
        return self.state / name / "stand-in"

    def live(self, name: str) -> Path:
        """Return where certbot keeps the newest pair."""
        return self.certbot / "live" / f"{PREFIX}{name}"

    def renewal(self, name: str) -> Path:
        return self.certbot / "renewal" / f"{PREFIX}{name}.conf"

    def outcome(self, name: str) -> dict[str, Any]:
        """Return how it went last: ok, reason, at, domains, directory, issued, deployed; empty at first."""
        try:
            return json.loads((self.state / name / "outcome.json").read_text())
        except (OSError, ValueError):
            return {}

    def record(self, name: str, **facts: Any) -> None:
        """Add facts to how it went; `make status` and preflight read the file."""
        path = self.state / name / "outcome.json"
        replace(path, json.dumps({"name": name} | self.outcome(name) | facts) + "\n")


def replace(path: Path, text: str) -> None:
    """Write a file in one step: a reader finds the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(text)
    scratch.rename(path)


def relink(link: Path, target: Path) -> bool:
    """Make a link lead to a directory, in one step; return whether it did not."""
    if link.is_symlink() and Path(os.readlink(link)) == target:
        return False
    scratch = link.with_name(f".{link.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(target)
    scratch.rename(link)
    return True
