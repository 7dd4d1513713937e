"""Two deploys at once."""

import subprocess
import time

import versions
from interrupting import began
from kit import ALL, current
from polling import until
from scenario_host import PROJECT, command, environment, run


def test_the_second_is_refused_at_once_and_told_who_when_and_what(live, tmp_path):
    versions.new_code()
    marks = tmp_path / "marks.ndjson"
    with (tmp_path / "first.txt").open("w") as words:
        first = subprocess.Popen(command("deploy"), cwd=PROJECT, env=environment(marks), stdout=words, stderr=words)
    try:
        until(lambda: began("Check the new code", marks), bool, 120)
        start = time.monotonic()
        second = run("deploy")
        seconds = time.monotonic() - start
        running = first.poll() is None
    finally:
        code = first.wait(120)
    assert running, "the first had ended before the second was refused"
    said = second.stdout + second.stderr
    assert second.returncode != 0
    assert "garden is locked by the deploy of" in said and " since 20" in said, said
    assert f"(process {first.pid})" in said, said
    assert "Unpack the release" not in said
    assert "vault" not in said and "secrets" not in said
    # In `make test` another scenario shares the machine.
    assert seconds < (10 if ALL else 30)
    assert code == 0, (tmp_path / "first.txt").read_text()
    assert current() != live
