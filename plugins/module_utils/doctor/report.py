"""Findings as a report, and a report as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

from . import SEVERITIES, diagnose

WIDTH = 100
_INDENT = 12


def report(asked: dict[str, Any], app: dict[str, Any], host: str) -> dict[str, Any]:
    """Return application, host, release, state, error, findings, accepted (names) and lossy of one application.

    ``asked`` is the result of the module release_doctor on ``host``, ``app`` the complete definition. ``lossy`` tells
    whether a finding loses or risks something, or there was an error.
    """
    base = {"application": app["name"], "host": host} | {key: asked[key] for key in ("release", "state", "error")}
    if not asked["facts"]:
        return base | {"findings": [], "accepted": [], "lossy": bool(asked["error"])}
    found = diagnose(asked["facts"], app)
    findings = [finding for finding in found if finding["setting"] not in app["doctor_accepts"]]
    accepted = [finding["setting"] for finding in found if finding["setting"] in app["doctor_accepts"]]
    lossy = any(finding["severity"] != SEVERITIES[-1] for finding in findings)
    return base | {"findings": findings, "accepted": accepted, "lossy": lossy}


def text(reports: list[dict[str, Any]]) -> str:
    """Return all reports; the last line of each counts its findings by severity."""
    return "\n\n".join("\n".join(_lines(one)) for one in reports)


def _lines(one: dict[str, Any]) -> list[str]:
    name = one["application"]
    if one["error"]:
        return [f"{name}: {one['release']} on {one['host']} could not be asked", *_wrapped("", one["error"])]
    if not one["release"]:
        return [f"{name}: no release on {one['host']}; `make deploy` brings one"]
    lines = [f"{name}: {one['release']} ({one['state']}) on {one['host']}"]
    shown: dict[str, str] = {}
    for finding in one["findings"]:
        lines += ["", *_finding(finding, shown)]
    if one["accepted"]:
        lines += ["", *_wrapped("accepted:", f"{', '.join(one['accepted'])} (app_doctor_accepts)")]
    numbers = Counter(finding["severity"] for finding in one["findings"])
    counts = ", ".join(f"{severity} {numbers[severity]}" for severity in SEVERITIES)
    return [*lines, "", f"{name}: {counts}"]


def _finding(finding: dict[str, Any], shown: dict[str, str]) -> list[str]:
    """Return one finding's lines; a snippet that stands above already is referred to."""
    heading = textwrap.wrap(
        f"{finding['severity'].upper()}  {finding['setting']}: {finding['value']}",
        WIDTH,
        subsequent_indent=" " * _INDENT,
    )
    words = {"lost": finding["lost"], "when": finding["when"], "instead": finding["instead"], "more": finding["source"]}
    lines = [line for label, value in words.items() for line in _wrapped(f"{label}:", value)]
    first = shown.setdefault(finding["snippet"], finding["setting"])
    if first != finding["setting"]:
        return [*heading, *lines, *_wrapped("", f"as above, at {first}")]
    return [*heading, *lines, "", *textwrap.indent(finding["snippet"], " " * (_INDENT + 2)).splitlines()]


def _wrapped(label: str, value: str) -> list[str]:
    first = f"  {label}".ljust(_INDENT)
    return textwrap.wrap(
        value,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
