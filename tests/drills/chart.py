"""Draws a panel for each drill; runs in an environment of its own, see drills.report.

chart.py PICTURE.svg < results.json
"""

from __future__ import annotations

import json
import math
import sys
import textwrap
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

ACCEPTED, COMPLETED, FAULT, INK = "#f2c185", "#222222", "#d62728", "#333333"
COLUMNS = 3
STYLE = {
    "font.size": 8.5, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#888888",
    "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK, "axes.axisbelow": True,
    "axes.titlesize": 8.5, "axes.titlelocation": "left", "legend.frameon": False, "svg.hashsalt": "drills",
    # Text of its own: as outlines a picture of many panels would be a megabyte.
    "svg.fonttype": "none", "font.family": "sans-serif",
}  # fmt: skip


def draw(panel: Axes, drawn: dict[str, Any]) -> None:
    """Draw one drill: entries accepted and completed since the load began, and when the fault was there."""
    begin, end = drawn["over"]
    panel.axvspan(begin, end, color=FAULT, alpha=0.13, linewidth=0)
    panel.axvline(begin, color=FAULT, linewidth=1)
    panel.plot(drawn["at"], drawn["accepted"], color=ACCEPTED, linewidth=4, label="accepted", solid_capstyle="butt")
    panel.plot(drawn["at"], drawn["completed"], color=COMPLETED, linewidth=1.2, label="completed")
    panel.set_xlim(0, max(drawn["at"], default=1))
    panel.set_ylim(bottom=0)
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.tick_params(length=2)
    panel.set_title(title(drawn), pad=4)


def title(drawn: dict[str, Any]) -> str:
    """Return what happened, and what came of it."""
    found = drawn["figures"]
    after = found["recovered_after"]
    seconds = "never recovered" if after is None else f"recovered after {after:.1f} s"
    lost = f"{found['lost']} deleted by the fault" if found.get("deleted") else f"{found['lost']} lost"
    told = f"{lost}, {found['duplicated']} twice, {seconds}"
    return "\n".join([*textwrap.wrap(drawn["title"], 48), told])


def main() -> None:
    results, picture = json.load(sys.stdin), Path(sys.argv[1])
    lines = math.ceil(len(results) / COLUMNS)
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(lines, COLUMNS, figsize=(11, 2.4 * lines), layout="constrained", squeeze=False)
        for panel, drawn in zip(panels.flat, results, strict=False):
            draw(panel, drawn)
        for panel in panels.flat[len(results) :]:
            panel.set_axis_off()
        panels[0, 0].legend(loc="upper left", borderaxespad=0.2)
        figure.supxlabel("seconds since the load began; red: the fault", fontsize=8.5)
        figure.supylabel("ledger entries", fontsize=8.5)
        figure.savefig(picture, metadata={"Date": None})


main()
