"""How surely the audits detect planted defects: rejections out of runs, and none on the true product.

Run as a command it writes docs/figures/detection.json.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from audits import AUDITS, FALSE_ALARM, rejecting
from canary_house import CELLS, House
from defects import NO_DEFECT, PLANTED, runs
from detection_trials import ledgers_folder, of_each, write

RUNS, PUBLICATIONS = 20, 4  # of four, the weakest defect is missed with a chance of 6e-11
COMMAND = "make figures-detection"
STRONGEST: Mapping[str, str] = {
    "half the noise": "noise variance",
    "80 % of the noise": "noise variance",
    "a seeded generator": "noise never repeats",
    "units suppressed by exact counts": "canary by blanks",
    "the cap on a month, not a year": "canary in its cell",
    "no cap": "canary in its cell",
    "a second draw on a retry": "one draw a key",
}
Power = Mapping[str, Mapping[str, int]]  # defect: audit: runs that it rejected


def rejections(defect: str, runs_of_each: int) -> Counter[str]:
    """How many runs each audit rejects; a run is ``PUBLICATIONS`` of the year, each with its own ledger."""
    counted: Counter[str] = Counter()
    with ledgers_folder() as folder, PLANTED[defect]() as mechanism:
        house = House(Path(folder))
        for _ in range(runs_of_each):
            counted.update(rejecting([house.publish(mechanism(), runs(defect)) for _ in range(PUBLICATIONS)]))
    return counted


def power(runs_of_each: int = RUNS) -> Power:
    return of_each([NO_DEFECT, *STRONGEST], partial(rejections, runs_of_each=runs_of_each))


def rows(found: Power) -> list[dict[str, object]]:
    """One row a defect: its strongest audit, and how many runs every audit rejected."""
    return [
        {
            "defect": defect,
            "audit": audit,
            "runs": RUNS,
            "detected": found[defect][audit],
            "false_alarms": found[NO_DEFECT][audit],
            "detected_by_each_audit": {name: found[defect][name] for name in AUDITS},
        }
        for defect, audit in STRONGEST.items()
    ]


if __name__ == "__main__":
    measured = {
        "command": COMMAND,
        "false_alarm_of_an_audit_and_run": FALSE_ALARM,
        "publications_a_run": PUBLICATIONS,
        "canary_cells_a_publication": CELLS,
    }
    write("detection", {**measured, "rows": rows(power())})
