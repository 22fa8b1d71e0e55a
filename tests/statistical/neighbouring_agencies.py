"""Two tiny agencies from their exports on, one person apart, published over and over.

The person takes whatever is to be had: contracts beyond full time, absent all the year, and the unit's
head count is the minimum with them and one below without.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from canary_house import COUNT, HOURS, LEVELS, MINIMUM, MONTHS, RULES, YEAR, Numbers, noon, signed
from doubts_kept import doubts_kept
from tiny_agency import MAPPING, REGISTER

from metrics.blanks import hidden_groups
from metrics.organisation import parse_register
from metrics.totals import Totals
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.person_period import build_person_period, values_query
from privacy import bounding
from privacy.groups import GroupTree
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import Period
from privacy.records import Records

UNIT = "NORTH"
STAFF = [f"P{n:02d},{UNIT if n < MINIMUM - 1 else 'SOUTH'},Worker,2025-01-01,,37.5,N" for n in range(24)]
OTHERS = {
    "staff.csv": ["Person,Unit,Role,From,To,Hours,Leads", *STAFF],
    "leavers.csv": ["Person,Last day,Reason", "P01,2026-02-20,voluntary"],
    "absences.csv": ["Person,From,To,Hours,Kind", "P02,2026-02-02,2026-02-06,37.5,sickness"],
}
PERSON = {
    "staff.csv": [f"MOST,{unit},Worker,2025-01-01,,80,N" for unit in (UNIT, "ORG")],
    "leavers.csv": [f"MOST,{month}-15,voluntary" for month in MONTHS],
    "absences.csv": ["MOST,2026-01-01,2026-12-31,8760,sickness"],
}
MAPPED = ("staff", "separations", "absences")
REGISTER_TREE = parse_register(REGISTER, LEVELS).tree(MONTHS[0].first_day, LEVELS, MINIMUM)


@dataclass(frozen=True)
class Observed:
    """One publication as a reader has it: every noisy total in a fixed order; whether the unit is shown."""

    values: Numbers
    is_shown: bool


class Agency:
    """One of the two, taken in and charged once; every publication draws on the frozen charges."""

    tree: GroupTree = REGISTER_TREE

    def __init__(self, folder: Path, *, with_person: bool) -> None:
        self.folder, self.published = folder, 0
        home, covers = Home(folder / "home"), f'["{MONTHS[0]}", "{MONTHS[-1]}"]'
        home.make_folders()
        mapping = MAPPING.replace('["2026-01", "2026-03"]', covers) + doubts_kept(MAPPED)
        home.mapping.write_text(mapping, encoding="utf-8")
        for name, lines in OTHERS.items():
            rows = [*lines, *(PERSON[name] if with_person else ()), ""]
            (folder / name).write_text("\n".join(rows), encoding="utf-8")
        units = frozenset(place.unit for place in self.tree.placements)
        ingest(home, folder, known_units=units, today=noon().date(), check=lambda *_: ())
        self.warehouse = duckdb.connect(str(home.warehouse), config={"threads": 1})
        bounding.prepare(self.warehouse)

    def publish(self, mechanism: Mechanism, runs: int) -> Observed:
        """A ledger of its own, signed and measured month by month, then run again as a scheduler might."""
        self.published += 1
        self.warehouse.execute("delete from charged_for; delete from acknowledged")
        with signed(self.folder / f"{self.published}.sqlite", self.tree) as ledger:
            for _ in range(runs):
                for month in MONTHS:
                    self._measure(ledger, mechanism, month)
            return self._observed(ledger.records)

    def _measure(self, ledger: Ledger, mechanism: Mechanism, month: Period) -> None:
        if bounding.stored_charge(self.warehouse, HOURS, month) is None:
            build_person_period(self.warehouse, month)
        for item in (HOURS, COUNT) if month == MONTHS[-1] else (HOURS,):
            measure(self.warehouse, ledger, mechanism, item, month, YEAR, values_query(item, month))

    def _observed(self, records: Records) -> Observed:
        seen: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for draw in records.measurements:
            for group, value in draw.values.items():
                seen[draw.item.identity, str(draw.period), group].append(value)
        hidden = hidden_groups(Totals(records, RULES), [COUNT.measure], [MONTHS[-1]], self.tree)
        return Observed(np.array([np.mean(seen[key]) for key in sorted(seen)]), UNIT not in hidden)

    @cached_property
    def exact(self) -> Numbers:
        """The frozen totals in the order of :attr:`Observed.values`: what only the auditor may see."""
        return np.array([total for *_, total in self._totals()])

    @cached_property
    def sigmas(self) -> Numbers:
        """The signed noise scales in the same order."""
        items = {item.identity: item for item in (HOURS, COUNT)}
        return np.array([items[item].sigma[level] for item, _, _, level, _ in self._totals()])

    def _totals(self) -> list[tuple[str, str, str, str, int]]:
        query = "select item, period, group_id, level, total from charge_total join charge using (charge_id)"
        return sorted(self.warehouse.execute(query).fetchall())
