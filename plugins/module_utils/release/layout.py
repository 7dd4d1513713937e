"""Where things of an application lie on a host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SUPERVISOR_PROGRAMS = Path("/etc/supervisor/conf.d")


@dataclass(frozen=True)
class Layout:
    """The directories of one application; ``root`` is overridden by tests only."""

    app: str
    root: Path = Path("/")

    @property
    def home(self) -> Path:
        return self.root / "srv" / self.app

    @property
    def current(self) -> Path:
        return self.home / "current"

    @property
    def previous(self) -> Path:
        return self.home / "previous"

    @property
    def web_link(self) -> Path:
        return self.home / "web.sock"

    @property
    def wheels(self) -> Path:
        return self.home / "wheels"

    @property
    def drained(self) -> Path:
        """Return the file that says, also after a reboot and to a deploy, that this host is out of service."""
        return self.home / "drained"

    @property
    def logs(self) -> Path:
        return self.root / "var" / "log" / self.app

    def release(self, identifier: str) -> Path:
        return self.home / "releases" / identifier

    def programs(self, identifier: str) -> Path:
        return self.release(identifier) / "programs"

    def celery_environment(self, identifier: str) -> Path:
        """Return the file with what Celery's processes get besides, which most applications have not."""
        return self.release(identifier) / "environment.celery"

    def tasks(self, identifier: str) -> Path:
        """Return the file that holds the names of a release's Celery tasks."""
        return self.release(identifier) / "tasks.json"

    def new_tasks(self, identifier: str) -> Path:
        """Return the file that holds those of them which the release before did not know."""
        return self.release(identifier) / "new-tasks.json"

    def topology(self, identifier: str) -> Path:
        """Return the file that holds what a release needs of the broker."""
        return self.release(identifier) / "topology.json"

    def settled(self, identifier: str) -> Path:
        """Return the file that is there when the last check found database and broker as the release needs them."""
        return self.release(identifier) / "settled"

    def loading(self, identifier: str) -> Path:
        """Return the file that holds the seconds which loading a release's code took on this host."""
        return self.release(identifier) / "loading"

    def tolerated(self, identifier: str) -> Path:
        """Return the file that holds the ids of errors of Django's checks with which a release went live."""
        return self.release(identifier) / "tolerated.json"

    def prepared(self, identifier: str) -> Path:
        """Return the file that is there when the application's commands have prepared a release on this host."""
        return self.release(identifier) / "prepared"

    def venv(self, name: str) -> Path:
        return self.home / "venvs" / name

    def socket(self, identifier: str) -> Path:
        return self.root / "run" / self.app / f"{identifier}.sock"

    def current_id(self) -> str | None:
        """Return the id of the live release, or None before the first."""
        return self.current.readlink().name if self.current.is_symlink() else None

    def go_live(self, identifier: str) -> bool:
        """Point ``current`` to a release and ``previous`` to the one before; return whether that is new."""
        before = self.current_id()
        if before == identifier:
            return False
        if before is not None:
            self.point(self.previous, self.release(before))
        self.point(self.current, self.release(identifier))
        return True

    def leave_live(self) -> None:
        """Let no release be live, and nginx reach none, as before the first one."""
        self.web_link.unlink(missing_ok=True)
        self.current.unlink(missing_ok=True)

    def previous_id(self) -> str | None:
        """Return the id of the release before the live one, or None where there was none."""
        return self.previous.readlink().name if self.previous.is_symlink() else None

    def point(self, link: Path, target: Path) -> None:
        """Make a symbolic link point elsewhere in one atomic step."""
        fresh = link.with_name(f".{link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.rename(link)
