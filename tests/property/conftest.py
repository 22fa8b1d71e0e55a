"""A workbench for the cut: charge what a table of values says, and read back what was charged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import pytest

from privacy import bounding
from privacy.groups import GroupTree
from privacy.periods import Period
from privacy.plan import PlanItem

Value = tuple[str, str, int, int]


def _in_memory() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": "1"})


@dataclass
class Bench:
    """One warehouse with one item measured in it; ``Value`` is person, unit, value, base."""

    item: PlanItem
    tree: GroupTree
    warehouse: duckdb.DuckDBPyConnection = field(default_factory=_in_memory)

    def __post_init__(self) -> None:
        bounding.prepare(self.warehouse)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.warehouse.close()

    def charge(self, index: int, values: Iterable[Value]) -> dict[str, dict[str, int]]:
        """Freeze one period; returns the exact totals of each level by group."""
        period = Period(self.item.cadence, index)
        rows = ", ".join(f"('{p}', '{u}', {v}, {b})" for p, u, v, b in values)
        query = f"select * from (values {rows})" if rows else "select '', '', 0, 0 where false"  # noqa: S608
        frozen = bounding.freeze(self.warehouse, self.item, period, self.tree, 1, query)
        return {level: bounding.totals(self.warehouse, frozen, level) for level in self.item.levels}

    def charged(self) -> dict[str, dict[int, tuple[int, bool]]]:
        """What is charged: person, period index, (x, whether it was cut)."""
        table: dict[str, dict[int, tuple[int, bool]]] = {}
        rows = self.warehouse.execute("select person, period_index, x, is_cut from charged").fetchall()
        for person, index, x, is_cut in rows:
            table.setdefault(person, {})[index] = (x, is_cut)
        return table


@pytest.fixture(scope="session")
def bench() -> type[Bench]:
    return Bench
