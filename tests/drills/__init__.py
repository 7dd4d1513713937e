"""Drills: faults injected into a running stack under load, and what came of them.

    bin/drill lab                      every fault, one by one; the report goes to .cache/drills/
    bin/drill lab rabbitmq-down        one of them

A fault (drills.faults) says how it is done, for how long, how it is undone, and what must hold. drills.drill leads
through one: quiet load, the fault, its end, the time until all is done again. drills.measure makes figures of the
samples, drills.judge compares them with the fault's limits, drills.report writes the table and the pictures.
"""

import sys
from pathlib import Path

# The load generator and what scenarios share lie beside this package.
sys.path.append(str(Path(__file__).resolve().parents[1]))
