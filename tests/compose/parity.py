"""What differs between two running stacks, setting by setting, and why that is as it should be.

A *reading* is ``{component: {setting: value}}``, all strings, as ``readers.read`` returns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

Reading = dict[str, dict[str, str]]
#: ``{component: {pattern of settings: reason}}``; a pattern may hold ``*``, a component may be ``*``.
Reasons = dict[str, dict[str, str]]
REASONS = Path(__file__).with_name("differences.yml")
ABSENT = "–"


@dataclass(frozen=True)
class Row:
    """One setting on both sides; ``reason`` is why it differs, empty where it does not or nobody knows."""

    component: str
    setting: str
    lab: str
    compose: str
    reason: str = ""

    @property
    def equal(self) -> bool:
        return self.lab == self.compose

    @property
    def explained(self) -> bool:
        return self.equal or bool(self.reason)


def load_reasons(path: Path = REASONS) -> Reasons:
    """Return the known differences."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def compare(lab: Reading, compose: Reading, reasons: Reasons) -> list[Row]:
    """Return a row for each setting of each component that both sides have read, sorted."""
    rows = []
    for component in sorted(lab.keys() & compose.keys()):
        ours, theirs = lab[component], compose[component]
        for setting in sorted(ours.keys() | theirs.keys()):
            left, right = ours.get(setting, ABSENT), theirs.get(setting, ABSENT)
            reason = "" if left == right else reason_for(component, setting, reasons)
            rows.append(Row(component, setting, left, right, reason))
    return rows


def reason_for(component: str, setting: str, reasons: Reasons) -> str:
    """Return why a setting may differ, or nothing."""
    for name in (component, "*"):
        for pattern, reason in reasons.get(name, {}).items():
            if fnmatchcase(setting, _literal_brackets(pattern)):
                return reason
    return ""


def unused_reasons(rows: list[Row], reasons: Reasons) -> list[str]:
    """Return ``component: pattern`` of reasons that explain nothing, for the components that were compared."""
    compared = {row.component for row in rows}
    used = {(row.component, row.setting) for row in rows if not row.equal}
    return [
        f"{component}: {pattern}"
        for component, patterns in reasons.items()
        for pattern in patterns
        if component in compared
        and not any(component == c and fnmatchcase(s, _literal_brackets(pattern)) for c, s in used)
    ]


def table(rows: list[Row]) -> str:
    """Return the rows as a table in Markdown: equal settings first by count alone, then what differs."""
    lines = ["| Component | Settings compared | Equal | Different for a reason |", "|---|---|---|---|"]
    for component in sorted({row.component for row in rows}):
        own = [row for row in rows if row.component == component]
        equal = sum(row.equal for row in own)
        lines.append(f"| {component} | {len(own)} | {equal} | {len(own) - equal} |")
    lines += ["", "| Component | Setting | Lab | Compose | |", "|---|---|---|---|---|"]
    for row in rows:
        if row.equal and row.component != "versions":
            continue
        verdict = "equal" if row.equal else row.reason or "**unexplained**"
        cells = (row.component, row.setting, row.lab, row.compose, verdict)
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return (text if len(text) <= 80 else text[:77] + "...").replace("|", "\\|").replace("\n", " ")


def _literal_brackets(pattern: str) -> str:
    # Names of settings hold brackets themselves.
    return pattern.replace("[", "[[]")
