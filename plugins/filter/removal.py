"""What is left of an application that was removed, in words."""

from __future__ import annotations

from typing import Any


def removal_words(name: str, place: str, backups: dict[str, list[str]], port: int) -> str:
    """Return where the data of an application is kept, and what brings it back.

    ``backups`` are the hosts that keep ``database.pgc`` and those that keep ``files.tar`` in the directory ``place``;
    ``port`` is PostgreSQL's.
    """
    commands = {
        "database.pgc": f"pg_restore --username=postgres --port={port} --clean --if-exists --single-transaction "
        f"--dbname={name} {place}/database.pgc",
        "files.tar": f"tar --extract --file={place}/files.tar --directory=/ srv/{name}/shared",
    }
    lines = [f"  {host}: {commands[file]}" for file, hosts in backups.items() for host in hosts]
    if not lines:
        return f"{name} is gone, and nothing of it was kept."
    head = [
        f"{name} is gone. What it had is kept for root alone in {place}",
        "Once its file is under apps/ again and `make up` has run, these bring it back, each on its host:",
    ]
    return "\n".join(head + lines)


class FilterModule:
    """Offer ``removal_words`` to templates."""

    def filters(self) -> dict[str, Any]:
        return {"removal_words": removal_words}
