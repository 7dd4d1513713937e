"""Draws what load.series prepares; runs in an environment of its own, see load.report.

chart.py DIRECTORY < series.json     writes picture.svg and picture.png there
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

GET, POST, P99, FAILED, INK, BAND = "#4c78a8", "#e08a1e", "#222222", "#d62728", "#333333", "#e9edf2"
STYLE = {
    "font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#888888",
    "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK, "axes.axisbelow": True,
    "axes.titlesize": 10.5, "axes.titlelocation": "left", "legend.frameon": False, "svg.hashsalt": "load",
}  # fmt: skip
#: The least distance of two labels of stages, as a share of the picture's width.
GAP = 0.026


def number(value: float | None, unit: str = "") -> str:
    """Return a figure as it stands in a title."""
    return "none" if value is None else f"{value:,.0f}{unit}"


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Return the places nearest to the wanted ones, in order and at least ``gap`` apart, none below ``low``.

    Where they do not fit below ``high`` they move left together.
    """
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + gap if placed else low))
    for back in range(len(placed) - 1, -1, -1):
        limit = high if back == len(placed) - 1 else placed[back + 1] - gap
        placed[back] = max(low + back * gap, min(placed[back], limit))
    return placed


def draw_stages(panels: list[Axes], stages: list[dict[str, Any]], seconds: int) -> None:
    """Shade each stage in every panel, one darker than the next, and label it above the first."""
    top = panels[0]
    middles = [(stage["begin"] + stage["end"]) / 2 for stage in stages]
    places = spread(middles, GAP * seconds, 0, seconds)
    for count, (stage, middle, place) in enumerate(zip(stages, middles, places, strict=True)):
        for panel in panels:
            if stage["end"] > stage["begin"]:
                shade = {"alpha": 1.0 if count % 2 else 0.55, "linewidth": 0, "zorder": 0}
                panel.axvspan(stage["begin"], stage["end"], color=BAND, **shade)
            panel.axvline(stage["begin"], color="#b4bcc6", linewidth=0.6, zorder=0.5)
        # From the stage up to its label, which stands where there is room.
        top.plot([middle, place], [1.0, 1.15], transform=top.get_xaxis_transform(), color="#9aa3ad", linewidth=0.7,
                 clip_on=False)  # fmt: skip
        top.text(place, 1.17, stage["label"], transform=top.get_xaxis_transform(), rotation=50, ha="left", va="bottom",
                 rotation_mode="anchor", fontsize=9)  # fmt: skip


def draw_answers(panel: Axes, drawn: dict[str, Any]) -> None:
    edges = range(drawn["seconds"] + 1)
    for kind, colour in (("get", GET), ("post", POST)):
        panel.stairs(drawn["answers"][kind], edges, baseline=None, color=colour, label=kind.upper(), linewidth=1.4)
    if any(drawn["failures"]):
        panel.stairs(drawn["failures"], edges, fill=True, color=FAILED, label="failed", zorder=3)
    panel.set_ylabel("answers a second")
    # Room for the legend above the most.
    panel.set_ylim(0, 1.3 * panel.get_ylim()[1])
    panel.legend(loc="upper left", ncols=3, borderaxespad=0.2)


def draw_latency(panel: Axes, drawn: dict[str, Any]) -> None:
    for kind, colour in (("get", GET), ("post", POST)):
        # As pixels: thousands of points would make a picture of megabytes.
        panel.scatter(*_columns(drawn["requests"][kind]), s=4, color=colour, alpha=0.35, linewidths=0, rasterized=True,
                      label=f"one {kind.upper()}")  # fmt: skip
    seconds = [second + 0.5 for second in range(drawn["seconds"])]
    for name, style in (("p50", {"linewidth": 1.0, "linestyle": (0, (3, 1.5))}), ("p99", {"linewidth": 1.6})):
        values = [float("nan") if value is None else value for value in drawn[f"{name}_ms"]]
        label = "median of 1 s" if name == "p50" else "p99 of 5 s"
        panel.plot(seconds, values, color=P99, label=label, **style)
    if drawn["failed"]:
        panel.scatter(*_columns(drawn["failed"]), s=22, marker="x", color=FAILED, label="failed", zorder=4)
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.set_ylabel("latency, ms")
    low, high = panel.get_ylim()
    # Room for the legend above the slowest.
    panel.set_ylim(low, high * (high / low) ** 0.22)
    legend = panel.legend(
        loc="upper left", ncols=5, borderaxespad=0.2, handletextpad=0.4, columnspacing=1.4, markerscale=2
    )
    for handle in legend.legend_handles:
        handle.set_alpha(1)


def draw_ledger(panel: Axes, ledger: dict[str, list[float]]) -> None:
    panel.plot(ledger["at"], ledger["accepted"], color="#f2c185", linewidth=5, label="accepted", solid_capstyle="butt")
    panel.plot(ledger["at"], ledger["completed"], color=P99, linewidth=1.3, label="completed")
    panel.set_ylabel("tasks")
    panel.set_ylim(bottom=0)
    panel.set_xlabel("seconds since the load began")
    panel.legend(loc="upper left", ncols=2, borderaxespad=0.2)


def titles(drawn: dict[str, Any]) -> list[str]:
    """Return a title for each panel that says what it shows in figures."""
    figures, ledger = drawn["figures"], drawn["ledger"]
    kinds = [part for kind, part in figures["requests"].items() if kind != "clients"]
    sent, failed = (sum(part[name] for part in kinds) for name in ("sent", "failed"))
    clients, told = figures["requests"]["clients"], figures["ledger"]
    stage = drawn["stages"][0]["label"] if drawn["stages"] else ""
    before = f" ({number(figures['quiet']['p99_ms'], ' ms')} before '{stage}')" if stage else ""
    waiting = max((a - c for a, c in zip(ledger["accepted"], ledger["completed"], strict=True)), default=0)
    return [
        f"{number(sent)} requests, {number(failed)} failed",
        f"median {number(clients['p50_ms'], ' ms')}, p99 {number(clients['p99_ms'], ' ms')}{before}, "
        f"slowest {number(clients['max_ms'], ' ms')}",
        f"{number(told['accepted'])} tasks accepted, {number(told['lost'])} lost, {number(told['duplicated'])} "
        f"duplicated; never more than {number(waiting)} outstanding",
    ]


def _columns(points: list[list[float]]) -> tuple[list[float], list[float]]:
    return [at for at, _ in points], [value for _, value in points]


def main() -> None:
    drawn, out = json.load(sys.stdin), Path(sys.argv[1])
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(
            3, 1, figsize=(10, 8.2), sharex=True, height_ratios=[1, 1.7, 1], layout="constrained"
        )
        draw_answers(panels[0], drawn)
        draw_latency(panels[1], drawn)
        draw_ledger(panels[2], drawn["ledger"])
        draw_stages(list(panels), drawn["stages"], drawn["seconds"])
        for panel, title in zip(panels, titles(drawn), strict=True):
            panel.set_xlim(0, drawn["seconds"])
            panel.grid(axis="y", color="#dddddd", linewidth=0.6)
            panel.tick_params(length=3)
            # White behind it: a stage's line to its label may cross it.
            panel.set_title(title, pad=4, bbox={"color": "white", "pad": 1}, zorder=5)
        figure.align_ylabels(panels)
        figure.savefig(out / "picture.svg", metadata={"Date": None}, dpi=150)
        figure.savefig(out / "picture.png", dpi=110)


main()
