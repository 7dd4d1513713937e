"""compose/production/.env."""

from __future__ import annotations

from containers import PROJECT

HOME = PROJECT / "compose/production"


def read() -> dict[str, str]:
    """Return what .env sets."""
    lines = (HOME / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(**changes: str) -> None:
    """Set variables in .env, in one step."""
    lines = [line for line in (HOME / ".env").read_text().splitlines() if line.partition("=")[0] not in changes]
    partial = HOME / ".env.partial"
    partial.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in changes.items())]) + "\n")
    partial.chmod(0o600)
    partial.rename(HOME / ".env")
