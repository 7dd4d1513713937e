"""Open-loop load, and what came of it: proof that a release drops nothing.

In tests/, from where Python finds the package:

python -m load run       send requests at their scheduled times, record each
python -m load verdict   wait for the accepted tasks, then tell the figures
python -m load report    the figures and a picture of them, over time, with the release's stages
python -m load saturate  as many requests as wrk gets through

From Python: load.process.Load runs the generator beside the caller, load.verdict.judge asks what came of it.
"""

import sys
from pathlib import Path

# What measurements and tests share: programs bounded in time, environments of their own.
sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
