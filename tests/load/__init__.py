"""Open-loop load, and what came of it: proof that a release drops nothing.

In tests/, from where Python finds the package (each command tells its options with --help):

python -m load run --out samples.ndjson     send requests at their scheduled times, record each
CLOCHE_MARKS=marks.ndjson make deploy       meanwhile, in another shell: what happened when
python -m load verdict samples.ndjson marks.ndjson    wait for the accepted tasks, then tell the figures
python -m load report samples.ndjson marks.ndjson --out DIR    after that: the figures and their picture over time
python -m load saturate --seconds 20        as many requests as wrk gets through, or with --post ledger entries

From Python: load.process.Load runs the generator beside the caller, load.verdict.judge asks what came of it,
load.marks.add marks a moment, load.report.write writes the report, load.saturation runs wrk.
"""

import sys
from pathlib import Path

# What measurements and tests share: programs bounded in time, environments of their own.
sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
