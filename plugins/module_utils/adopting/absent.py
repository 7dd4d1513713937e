"""Applications that settings name and nobody brings: a package's owner leaves them to whoever runs it."""

from __future__ import annotations

import re

from .environment import Reader
from .python_files import Project


def absent_applications(project: Project, reader: Reader, dependencies: dict[str, str]) -> list[str]:
    """Return the names of INSTALLED_APPS that are no module of the source, and no dependency's by their words."""
    named = reader.constants.value(reader.constants.nodes.get("INSTALLED_APPS")) or []
    bare = [name for name in named if isinstance(name, str) and name.isidentifier()]
    return [name for name in bare if not project.module(name) and not _brought(name, dependencies)]


def command(names: list[str]) -> str:
    """Return the command that makes each an empty package, where nothing that is installed bears its name."""
    look = "python -c \"import importlib.util as u; raise SystemExit(not u.find_spec('$name'))\""
    make = "{ mkdir -p $name && touch $name/__init__.py; }"
    return f"for name in {' '.join(names)}; do\n  {look} ||\n    {make}\ndone\n"


def _brought(name: str, dependencies: dict[str, str]) -> bool:
    """Tell whether a dependency may be it: rest_framework is djangorestframework's, django_filters django-filter's."""
    squeezed = [re.sub(r"[^a-z0-9]", "", word.lower()) for word in (name, *dependencies)]
    words = [word for word in name.lower().split("_") if word]
    return any(squeezed[0] in other or other in squeezed[0] for other in squeezed[1:]) or any(
        all(word in dependency for word in words) for dependency in dependencies
    )
