"""The files of a source, read and never run."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from ansible.module_utils.release.source import list_files

#: Characters; what is longer was written by a machine.
_LONGEST = 2_000_000
#: Directories whose files say nothing of how the application runs.
_ASIDE = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "migrations", "node_modules", "site-packages"}
)


class Tree:
    """The files below ``root``: ``files`` are relative POSIX paths, the shallowest first."""

    def __init__(self, root: Path, files: list[str] | None = None) -> None:
        self.root = root.resolve()
        listed = list_files(self.root) if files is None else files
        self.files = tuple(sorted(listed, key=lambda name: (name.count("/"), name)))
        self._known = frozenset(self.files)

    def __contains__(self, name: str) -> bool:
        """Tell whether a file is there."""
        return name in self._known

    def find(self, *patterns: str) -> list[str]:
        """Return the files whose path or name matches a pattern, without tests, documentation and the like."""
        return [
            name
            for name in self.files
            if not aside(name)
            and any(fnmatch(name if "/" in pattern else PurePosixPath(name).name, pattern) for pattern in patterns)
        ]

    def text(self, name: str) -> str:
        """Return a file's text; empty where it is missing, too long, or a link that leads out of the source."""
        path = (self.root / name).resolve()
        if not path.is_file() or not path.is_relative_to(self.root) or path.stat().st_size > _LONGEST:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")

    def below(self, directory: str) -> Tree:
        """Return the tree of a directory in it."""
        if directory in ("", "."):
            return self
        prefix = f"{directory}/"
        return Tree(self.root / directory, [n.removeprefix(prefix) for n in self.files if n.startswith(prefix)])


def aside(name: str) -> bool:
    """Tell whether a path lies in a directory of tests, documentation or other people's code, or is a test."""
    path = PurePosixPath(name)
    folders = path.parts[:-1]
    hidden = any(folder.startswith(".") for folder in folders)
    return hidden or bool(_ASIDE & set(folders)) or path.name.startswith("test_") or path.name == "conftest.py"
