"""What a host has left: memory, disk."""

from __future__ import annotations


def memory(meminfo: str) -> dict[str, int]:
    """Return ``{total_mb, available_mb}`` of the text of /proc/meminfo; KeyError where it has no such line."""
    kib = {line.split(":")[0]: int(line.split()[1]) for line in meminfo.splitlines() if ":" in line}
    return {"total_mb": kib["MemTotal"] // 1024, "available_mb": kib["MemAvailable"] // 1024}


def disk(path: str, block_size: int, blocks: int, available: int) -> dict[str, int | str]:
    """Return ``{path, total_mb, free_mb}`` of a file system's figures; free is what a process without root gets."""
    return {"path": path, "total_mb": blocks * block_size // 2**20, "free_mb": available * block_size // 2**20}
