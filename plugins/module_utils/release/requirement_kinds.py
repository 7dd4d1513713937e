"""Which files say what a project needs, by name."""

from __future__ import annotations

import re

#: Those from which extras of the project are chosen when they are read.
WITH_EXTRAS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pyproject.toml", "setup.cfg"})
_OTHERS = frozenset({"Pipfile.lock", "setup.py"})


def kind(name: str) -> str | None:
    """Return what kind of file it is by its name without directories; None for a requirements file."""
    # As PEP 751 has it: pylock.<name>.toml.
    kind = "pylock.toml" if re.fullmatch(r"pylock\.[^.]+\.toml", name) else name
    return kind if kind in WITH_EXTRAS | _OTHERS else None
