"""Drills: faults injected into a running stack under load, and what came of them.

    bin/drill lab                      every fault, one by one; the report goes to docs/drills.md and its picture
    bin/drill lab rabbitmq-down        one of them

A fault (drills.fault) says what is prepared, how it is done and undone, for how long, and what must hold; those of
drills.faults need one host each of what they break. It sees a Stack (drills.stack): an environment whose hosts are
containers of this machine (drills.machine), by group; one host or many is a matter of the inventory. drills.ledger is
the work that is given to it. drills.drill leads through a fault: quiet load, the fault, its end, the time until all is
done again. drills.measure makes figures of the samples, drills.judge compares them with the limits. drills.results
keeps the newest outcome of each, drills.report writes the table, drills.chart draws the picture.

A fault of several hosts is a class in a module of drills.faults as well, listed in its FAULTS, with the groups it
needs in `needs`: `make drill` leaves out what an environment has too few hosts for.
"""

import sys
from pathlib import Path

import ansible.module_utils

_PROJECT = Path(__file__).resolve().parents[2]
# The load generator and what scenarios share lie beside this package.
sys.path.append(str(_PROJECT / "tests"))
# An inventory is read as the kit's verbs do.
ansible.module_utils.__path__.append(str(_PROJECT / "plugins/module_utils"))
