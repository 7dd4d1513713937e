"""What wheels are asked for: the text of a requirements file, with the files that it includes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_INCLUDE = re.compile(r"(-r|-c|--requirement|--constraint)[\s=]*(\S+)")
_LOCAL = re.compile(
    r"(?:(?:-e|--editable)[\s=]*)?(?:\.{0,2}/|\.$|\.\[|file:)|[^;]*@\s*(?:\.{0,2}/|file:)", re.MULTILINE
)


@dataclass(frozen=True)
class Requirements:
    """``text`` decides the wheels. Paths in it are relative to ``root``, the directory of the source.

    ``file`` is what was written so, where there is such a file. ``install`` is the version of the
    application's own package where that is wanted as well; ``source`` is the digest of the source where wheels are made
    of it. ``further`` are asked for besides, in versions that go with the others.
    """

    root: Path
    text: str
    file: Path | None = None
    install: str = ""
    source: str = ""
    further: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        """Tell whether they ask for directories, whose content they don't tell."""
        return any(_LOCAL.match(line) for line in self.text.splitlines())


def read(file: Path, root: Path) -> Requirements:
    """Return what a requirements file asks for."""
    return Requirements(root, "\n".join(_lines(file, set())) + "\n", file)


def _lines(file: Path, seen: set[Path]) -> list[str]:
    """Return the lines of a file, those of included ones in their place; of constraints as comments."""
    if file.resolve() in seen or not file.is_file():
        return []
    seen.add(file.resolve())
    lines = []
    for line in file.read_text(encoding="utf-8-sig").splitlines():
        match = _INCLUDE.match(line.strip())
        if match is None:
            lines.append(line)
            continue
        included = _lines(file.parent / match[2], seen)
        # A constraint asks for nothing by itself, but decides with the others.
        lines += included if match[1] in ("-r", "--requirement") else [line, *(f"# {other}" for other in included)]
    return lines
