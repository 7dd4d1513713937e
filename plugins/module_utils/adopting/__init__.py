"""Describes an application from its source, which is read and never run: what `make new-app` writes."""

from __future__ import annotations

from pathlib import Path

from .describe import Inspection
from .findings import Definition, Guess
from .inventory import Environment, read_environment
from .rendering import render
from .tree import Tree

__all__ = ["Definition", "Environment", "Guess", "describe", "read_environment", "render"]


def describe(root: Path, name: str, source: dict[str, str], environment: Environment) -> Definition:
    """Return the definition of the application in a directory; ``source`` is its app_source."""
    return Inspection(Tree(root), name, source, environment).describe()
