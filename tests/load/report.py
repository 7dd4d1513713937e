"""A run's figures and picture, in a directory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provisioning.environments import install
from provisioning.process import ROOT, run

from load import verdict
from load.marks import Span
from load.samples import Samples
from load.series import series


def write(samples: Samples, spans: Sequence[Span], out: Path) -> dict[str, Any]:
    """Write ``figures.json`` and ``picture.svg`` (and ``.png``) and return the figures. Raises BenchError."""
    out.mkdir(parents=True, exist_ok=True)
    found = verdict.tell(samples, spans)
    (out / "figures.json").write_text(verdict.as_json(found), encoding="utf-8")
    python = install(ROOT / "requirements/report.txt", ROOT / ".cache/report-venv")
    drawn = json.dumps({**series(samples, spans), "figures": found}).encode()
    environment = {"MPLCONFIGDIR": str(ROOT / ".cache/matplotlib")}
    run(python, Path(__file__).with_name("chart.py"), out.resolve(), timeout=120, env=environment, stdin=drawn)
    return found
