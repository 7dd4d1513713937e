"""Check mode foretells nothing on a converged host, as there is nothing to do."""

import re

from stack import HOST, play


def test_check_mode_is_silent():
    result = play("site", "--check", "--diff")
    assert result.returncode == 0, result.stdout + result.stderr
    counts = dict(re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", result.stdout, re.MULTILINE))
    assert counts[HOST] == "0", "\n".join(changes(result.stdout))
    assert set(counts.values()) == {"0"}, counts


def changes(output: str) -> list[str]:
    """Return the tasks that would change something, with what they say."""
    return [task for task in output.split("\nTASK ") if re.search(r"^changed: ", task, re.MULTILINE)]
