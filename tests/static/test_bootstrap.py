"""`bin/bootstrap`, with a Python that only pretends: what it does when it is called twice at once."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from conftest import ROOT

PYTHON = """#!/bin/bash
# Makes an "environment", slowly, and writes down when it began and ended.
case "$*" in
    *"-m venv"*)
        echo begin >>"$LOG"
        mkdir -p "$3/bin"
        cp "$0" "$3/bin/python"
        for tool in uv ansible-playbook; do printf '#!/bin/bash\\n' >"$3/bin/$tool"; chmod +x "$3/bin/$tool"; done
        sleep 1
        [[ -x $3/bin/uv ]] && echo end >>"$LOG"
        ;;
    *global.index-url*) exit 1 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of what the script needs, with a python3 of its own."""
    for name in ("bin", "requirements", "tools"):
        (tmp_path / name).mkdir()
    shutil.copy2(ROOT / "bin/bootstrap", tmp_path / "bin/bootstrap")
    for name in ("bootstrap.txt", "controller.txt"):
        (tmp_path / "requirements" / name).write_text("")
    (tmp_path / "tools/python3").write_text(PYTHON)
    (tmp_path / "tools/python3").chmod(0o755)
    return tmp_path


def begin(checkout) -> subprocess.Popen[str]:
    environment = {"PATH": f"{checkout}/tools:/usr/bin:/bin", "LOG": str(checkout / "log")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([checkout / "bin/bootstrap", "controller"], env=environment, **pipes)


def test_two_at_once_make_one_environment(checkout):
    """The second one waits, says so, and finds it made."""
    both = [begin(checkout), begin(checkout)]
    words = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], words
    assert (checkout / "log").read_text().split() == ["begin", "end"]
    assert sum("waits for another one" in text for text in words) == 1


def test_the_lock_goes_with_the_one_that_holds_it(checkout):
    """Also where that one was killed: a lock that is only a file would stay."""
    first = begin(checkout)
    while not (checkout / "log").exists():
        assert first.poll() is None
        time.sleep(0.05)
    first.kill()
    first.wait()
    second = begin(checkout)
    assert (second.communicate(timeout=60), second.returncode)[1] == 0
