"""A host on which one release runs and another is staged, with a supervisord that answers from memory."""

from __future__ import annotations

import socket
from pathlib import Path

from ansible.module_utils.release import handover
from ansible.module_utils.release.layout import Layout
from ansible.module_utils.release.priority import BOOTING
from supervisor_fake import connect

NEW, OLD = "20261102000000-bbbbbbb-222222", "20261101000000-aaaaaaa-111111"
OLD_WORKERS = [f"garden-worker-{name}-{OLD}" for name in ("default", "slow")]
OLD_WEB, OLD_BEAT = f"garden-web-{OLD}", f"garden-beat-{OLD}"
WORKER, WEB, BEAT = (f"garden-{kind}-{NEW}" for kind in ("worker-all", "web", "beat"))


class Agent:
    """In place of `ask`: notes the questions in ``calls``, raises ``error`` if it has one."""

    def __init__(self, calls: list[tuple]) -> None:
        self.calls, self.error, self.answer = calls, None, {"answered": [], "retired": {}}

    def __call__(self, layout: Layout, release: str, verb: str, *arguments: str, timeout: float) -> dict:
        self.calls.append(("ask", release, verb, *arguments, timeout))
        if self.error:
            raise self.error
        return self.answer


def make(monkeypatch, root: Path) -> tuple[handover.Handover, Agent]:
    """Return the handover to a new release while an old one runs, and the agent it asks.

    The agent's ``calls`` are supervisord's and those of policies as well: what happened, in order. ``root`` is a
    short path, as that of a socket may have 107 characters.
    """
    fake, client = connect(monkeypatch, root / "conf.d")
    layout = Layout("garden", root)
    layout.programs(NEW).mkdir(parents=True)
    for program in (WORKER, WEB, BEAT):
        (layout.programs(NEW) / f"{program}.conf").write_text(f"[program:{program}]\n")
    for program in (*OLD_WORKERS, OLD_WEB):
        fake.run(program, "RUNNING")
    agent = Agent(fake.calls)
    monkeypatch.setattr(handover, "ask", agent)
    monkeypatch.setattr(handover, "POLL", 0.01)
    monkeypatch.setattr(handover, "begin_boot", lambda pids: fake.calls.append(("policy", pids, BOOTING)))
    monkeypatch.setattr(handover, "set_policy", lambda *given: fake.calls.append(("policy", *given)))
    return handover.Handover("garden", NEW, client, layout), agent


def node(program: str) -> str:
    """Return a program's node name, as Celery makes it of ``%h``."""
    return f"{program}@{socket.gethostname()}"


def asked(call: tuple) -> dict[str, list[str]]:
    """Return the options of a question to the agent, each with its values."""
    words = call[3:-1]
    options: dict[str, list[str]] = {}
    for name, value in zip(words[::2], words[1::2], strict=True):
        options.setdefault(name, []).append(value)
    return options
