"""Ask the agent of a release (roles/release/files/agent): one process in the release's own environment."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible.module_utils.release.layout import Layout

# Where the role release puts it, on every host that stages releases.
AGENT = "/usr/local/lib/cloche/agent"


class AgentError(Exception):
    """The agent says no; the message is what it said, ``answer`` all of it."""

    def __init__(self, message: str, answer: dict | None = None) -> None:
        super().__init__(message)
        self.answer = answer or {}


def ask(layout: Layout, release: str, verb: str, *arguments: str, timeout: float, agent: str = AGENT) -> dict:
    """Run a verb of the agent as the application's user and return its answer; raise AgentError with what went wrong.

    ``timeout`` in seconds bounds the process, ``agent`` is where it lies. Where Celery's processes have an environment
    of their own, what concerns Celery is asked there, if need be by a second process.
    """
    if "--celery" not in arguments or not layout.celery_environment(release).is_file():
        return _run(layout, release, ["python", agent, verb, *arguments], timeout)
    at = arguments.index("--celery")
    others, celery = (*arguments[:at], *arguments[at + 2 :]), arguments[at : at + 2]
    if not {"--manage", "--app"} & set(others):
        return _run(layout, release, ["--celery", "python", agent, verb, *arguments], timeout)
    answer = _run(layout, release, ["python", agent, verb, *others], timeout)
    of_celery = _run(layout, release, ["--celery", "python", agent, verb, *celery], timeout)
    return answer | {key: value for key, value in of_celery.items() if value}


def _run(layout: Layout, release: str, words: list[str], timeout: float) -> dict:
    # Whatever serves on this host comes first.
    command = ["nice", "-n", "10", str(layout.release(release) / "run"), *words]
    verb = words[words.index("python") + 2]
    try:
        done = subprocess.run(command, text=True, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise AgentError(f"{verb} did not end within {timeout:.0f} s") from None
    answer = last_object(done.stdout)
    if done.returncode == 0 and answer is not None:
        return answer
    # Without an answer the application itself broke it, and says so on stderr.
    words = (answer or {}).get("error") or (done.stderr or done.stdout).strip()[-3000:]
    raise AgentError(f"{verb}: {words}", answer)


@contextmanager
def laid_out(files: dict[str, str]) -> Iterator[str]:
    """Yield a folder with the agent's files, for verbs that an agent which an older kit has left may not know.

    The application's user can read them, whatever the host's umask is.
    """
    with tempfile.TemporaryDirectory(prefix="cloche-agent-") as directory:
        folder = Path(directory)
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield directory


def options(params: dict, **keys: str) -> list[str]:
    """Return the agent's options for what of a module's parameters is given; ``keys`` are option to parameter."""
    return [part for option, key in keys.items() if params[key] for part in (f"--{option}", params[key])]


def last_object(output: str) -> dict | None:
    """Return the JSON object on the last line; applications may print before it."""
    lines = output.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
