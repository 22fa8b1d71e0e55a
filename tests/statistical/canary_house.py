"""A house of a hundred units with a canary in every other one, published over and over.

Each unit has nine colleagues whose records the auditor knows. The canary, where there is one, makes the
largest contribution that the cap allows. One publication so holds a hundred independent trials of the
promise: which units have a canary?
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from metrics.blanks import hidden_groups
from metrics.rules import ReadingRules
from metrics.totals import Totals
from privacy import bounding
from privacy.accounting import Delta, Epsilon, Rho, rho_for
from privacy.agreements import plan_body
from privacy.groups import GroupTree, Unit, plan_groups
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Cadence
from privacy.plan import Plan, PlanItem
from privacy.records import Records

Numbers = NDArray[np.float64]
CELLS, COLLEAGUES, MINIMUM = 100, 9, 10
LEVELS = ("organisation", "programme")
YEAR = BudgetYear.parse("2026-01", starts=1)
MONTHS = YEAR.last.trailing(12)
CAP, WANTED = 120, 300  # a canary wants more than its whole year's cap in every month
HOURS = PlanItem(
    "absent_hours", 1, "", 1000, (("*", 0),), (), 1000, CAP**2, Cadence.MONTH,
    (("organisation", 700), ("programme", 190)),
)  # fmt: skip
COUNT = PlanItem(
    "employed", 1, "", 1, (("*", 0),), (), 1, 12, Cadence.MONTH, (("organisation", 30), ("programme", 9))
)
UNIT_IDS = [f"U{cell:02d}" for cell in range(CELLS)]
HAS_CANARY = np.arange(CELLS) % 2 == 1
RULES = ReadingRules(MINIMUM, "mean_of_month_ends", 0.15, {}, {})
ALLOWED = rho_for(Epsilon.parse("4"), Delta.parse("1e-6"))
PROMISE = {"epsilon": "4", "delta": "0.000001", "rho_pico": ALLOWED.pico}


@dataclass(frozen=True)
class Publication:
    """All that a reader of one ledger and its release has, less what the auditor knows already.

    ``noise`` is (months, units), hours less the exact totals under the cap; ``shown`` (units,) whether
    the head count of the last month is shown; ``entries`` the most that the ledger holds of one key.
    """

    noise: Numbers
    shown: NDArray[np.bool_]
    entries: int


def exact_hours() -> Numbers:
    """(months, units): a canary's first month uses its year's cap up."""
    totals = np.zeros((len(MONTHS), CELLS))
    totals[0] = CAP * HAS_CANARY
    return totals


OF_CANARIES = f"select person, unit_id, is_canary * {WANTED}, 0 from person"  # noqa: S608
OF_EVERYBODY = "select person, unit_id, 1, 0 from person"


@dataclass
class House:
    """The warehouse, charged once: every publication draws on the same charges, as if it were the first.

    A warehouse belongs to one ledger, so each publication has it forget the ledgers before.
    """

    folder: Path
    warehouse: duckdb.DuckDBPyConnection = field(
        default_factory=lambda: duckdb.connect(config={"threads": "1"})
    )
    published: int = 0

    def __post_init__(self) -> None:
        bounding.prepare(self.warehouse)
        people = [(f"{unit}-{n}", unit, 0) for unit in UNIT_IDS for n in range(COLLEAGUES)]
        people += [
            (f"{unit}-canary", unit, 1) for unit, there in zip(UNIT_IDS, HAS_CANARY, strict=True) if there
        ]
        columns = [list(column) for column in zip(*people, strict=True)]
        self.warehouse.execute(
            "create table person as select unnest(?) as person, unnest(?) as unit_id, unnest(?) as is_canary",
            columns,
        )

    @cached_property
    def tree(self) -> GroupTree:
        units = [Unit(unit, unit, "ORG", 12, "any") for unit in UNIT_IDS]
        return plan_groups([Unit("ORG", "All", None, 0, "any"), *units], LEVELS, MINIMUM)

    def publish(self, mechanism: Mechanism, runs: int) -> Publication:
        """A ledger of its own: signed, measured over the year, and run again as a scheduler might."""
        self.published += 1
        self.warehouse.execute("delete from charged_for; delete from acknowledged")
        with signed(self.folder / f"{self.published}.sqlite", self.tree) as ledger:
            for _ in range(runs):
                self._measure(ledger, mechanism)
            return self._read(ledger.records)

    def _measure(self, ledger: Ledger, mechanism: Mechanism) -> None:
        for month in MONTHS:
            measure(self.warehouse, ledger, mechanism, HOURS, month, YEAR, OF_CANARIES)
        measure(self.warehouse, ledger, mechanism, COUNT, MONTHS[-1], YEAR, OF_EVERYBODY)

    def _read(self, records: Records) -> Publication:
        seen: dict[tuple[str, str, str], list[list[int]]] = defaultdict(list)
        for draw in records.measurements:
            values = [draw.values[group.id] for group in self.tree.at(draw.level)]
            seen[draw.item.measure, str(draw.period), draw.level].append(values)
        place = {group.id: n for n, group in enumerate(self.tree.at("programme"))}
        columns = [place[unit] for unit in UNIT_IDS]
        hours = [np.mean(seen[HOURS.measure, str(month), "programme"], axis=0)[columns] for month in MONTHS]
        hidden = hidden_groups(Totals(records, RULES), [COUNT.measure], [MONTHS[-1]], self.tree)
        return Publication(
            noise=np.array(hours) - exact_hours(),
            shown=np.array([unit not in hidden for unit in UNIT_IDS]),
            entries=max(map(len, seen.values())),
        )


def signed(path: Path, tree: GroupTree) -> Ledger:
    """A fresh ledger with the groups and the plan of both items, entered without the ceremony of signing."""
    ledger = Ledger.create(path, "House", code="0", clock=noon)
    trees = [{"from": "2020-01-01", **tree.to_json()}]
    register = {"document": "Budget", "levels": list(LEVELS), "minimum_group": MINIMUM, "trees": trees}
    plan = Plan(YEAR, (HOURS, COUNT), Rho(0))
    plan.check(ALLOWED)
    body = plan_body(ledger.records, plan, PROMISE, register)
    ledger.append("register", register)
    ledger.append("plan", {**body, "signatures": {}})
    return ledger


def noon() -> datetime:
    return datetime(2027, 3, 1, 12, tzinfo=UTC)
