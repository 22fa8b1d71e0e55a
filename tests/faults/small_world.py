"""A ledger and a warehouse with a few items and three people: enough to draw, and quickly spoilt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from signatories import enter_plan

from pipelines.home import Home
from pipelines.warehouse import connect
from privacy import bounding
from privacy.accounting import Rho
from privacy.groups import Unit, plan_groups
from privacy.ledger import Clock, Ledger
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Plan, PlanItem

LEVELS = ("organisation", "division")
YEAR = BudgetYear.parse("2025-07", starts=7)
PERIODS = tuple(Period.parse(f"2025-{month:02d}") for month in range(7, 13))
PLENTY = Rho(10**15)
POLICY = {"epsilon": "4", "delta": "1e-06"}
ROWS = "select * from (values ('p', 'A', 30, 1), ('q', 'B', 50, 1), ('r', 'A', 200, 1))"
TREE = plan_groups(
    (Unit("ORG", "All", None, 0, "x"), Unit("A", "A", "ORG", 20, "x"), Unit("B", "B", "ORG", 30, "x")),
    LEVELS,
    10,
)
REGISTER = {
    "document": "Board paper",
    "levels": list(LEVELS),
    "minimum_group": 10,
    "trees": [{"from": "2020-01-01", **TREE.to_json()}],
}


def noon() -> datetime:
    return datetime(2026, 8, 1, 12, tzinfo=UTC)


def item(version: int) -> PlanItem:
    """One of many items that differ in their version alone, hence in their identity; all cost the same."""
    return PlanItem(
        measure="absent_hours",
        version=version,
        base="",
        highest=1000,
        centre=(("*", 0),),
        standard=(),
        half_width=1000,
        cap_squared=100**2,
        cadence=Cadence.MONTH,
        sigmas=tuple((level, 200) for level in LEVELS),
    )


@dataclass(frozen=True)
class SmallWorld:
    """Its two files."""

    root: Path

    @property
    def home(self) -> Home:
        return Home(self.root)

    @property
    def ledger_file(self) -> Path:
        return self.home.ledger

    def ledger(self, clock: Clock = noon) -> Ledger:
        return Ledger(self.ledger_file, code="0", clock=clock)

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse as the product opens it, ready for charges. Raises Refusal while another has it."""
        with connect(self.home) as warehouse:
            bounding.prepare(warehouse)
            yield warehouse

    def charges(self) -> duckdb.DuckDBPyConnection:
        """A copy of the warehouse of one's own: many processes may work from the same charges at once."""
        copy = duckdb.connect()
        copy.execute("attach ? as stored (read_only)", [str(self.home.warehouse)])
        copy.execute("copy from database stored to memory")
        copy.execute("detach stored")
        bounding.prepare(copy)
        return copy

    def begin(self, items: Sequence[PlanItem]) -> SmallWorld:
        """Create both and sign register and plan."""
        Ledger.create(self.ledger_file, "Testers", code="0", clock=noon).close()
        with self.ledger() as ledger:
            if items:
                sign(ledger, items)
        with self.warehouse():
            return self


def sign(ledger: Ledger, items: Sequence[PlanItem], allowed: Rho = PLENTY) -> None:
    """Sign a plan of these items for the year."""
    policy = {**POLICY, "rho_pico": allowed.pico}
    enter_plan(ledger, Plan(YEAR, tuple(items), Rho(0)), policy, REGISTER)


def keys(items: Sequence[PlanItem]) -> Iterator[tuple[PlanItem, Period]]:
    """Everything that can be measured, in one order for everybody."""
    return ((each, period) for period in PERIODS for each in items)
