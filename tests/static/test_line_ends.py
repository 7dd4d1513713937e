"""Scripts and Dockerfiles have LF line ends in git and in every checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, tracked

#: Read by a shell, an interpreter or the kernel on Linux, also where no #! line says so.
READ_ON_LINUX = tracked("*Dockerfile*", "*.sh", "*.j2", "*.conf", "*.cfg", "*.sql", "*.sysctl", "Makefile")


def git(*arguments: str, **environment: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env=os.environ | environment
    ).stdout


def scripts() -> list[Path]:
    """Return the files with a #! line."""
    return [path for path in tracked() if path.read_bytes()[:2] == b"#!"]


def line_ends(paths: list[Path]) -> dict[str, str]:
    """Return what git knows of files by name: line ends in the index, in the folder, its attributes."""
    names = [str(path.relative_to(ROOT)) for path in paths]
    lines = git("ls-files", "--eol", "--cached", "--others", "--exclude-standard", "-z", "--", *names).split("\0")
    return {name: " ".join(facts.split()) for facts, _, name in (line.partition("\t") for line in lines if line)}


def test_there_are_scripts_and_dockerfiles() -> None:
    assert len(scripts()) > 10
    assert len([path for path in READ_ON_LINUX if path.name == "Dockerfile"]) >= 5


def test_a_script_or_dockerfile_has_lf_in_git_and_keeps_it() -> None:
    """A symlink has no line ends of its own; a new file is not in the index yet."""
    paths = [path for path in {*scripts(), *READ_ON_LINUX} if not path.is_symlink()]
    found = line_ends(paths)
    assert len(found) == len(paths)
    wrong = {
        name: facts
        for name, facts in found.items()
        if "eol=lf" not in facts or not facts.startswith(("i/lf ", "i/none ", "i/ "))
    }
    assert wrong == {}


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "core.eol=crlf"])
def test_a_checkout_made_as_on_windows_has_no_cr(tmp_path: Path, setting: str) -> None:
    """Of what git has now: an index of its own, so that nobody's is touched."""
    index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    git("read-tree", "HEAD", **index)
    names = sorted(set(git("ls-files", "--", "*Dockerfile*", "bin/*", "*/start", **index).split()))
    git("-c", setting, "checkout-index", f"--prefix={tmp_path}/checkout/", "--", *names, **index)
    written = [tmp_path / "checkout" / name for name in names]
    assert len(written) > 10
    assert [path.name for path in written if b"\r" in path.read_bytes()] == []
