"""Generated agencies of three people: from rows to charges, no neighbour moves a year beyond its cap.

Months and quarters are measured in any order, rows corrected and units re-organised in between, and a
charge that was never drawn is frozen anew with other rows and groups.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from adversaries import AFTER, BEFORE
from hypothesis import given, settings
from hypothesis import strategies as st
from published import Charged, Totals, charged_of, largest_change, totals_of

from metrics.organisation import parse_register
from pipelines.person_period import build_person_period, values_query
from pipelines.warehouse import prepare
from privacy import bounding
from privacy.groups import GroupTree
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem

Make = Callable[..., PlanItem]
Rows = Mapping[str, Sequence[tuple[Any, ...]]]  # table: what follows the person in each row
PEOPLE = ("p", "q", "r")
FIRST_DAY, MONTHS = date(2024, 1, 1), 20
LEVELS = ("organisation", "division", "programme")
UNIT_IDS = ("ORG", "A", "A1", "A2", "B1", "B2", "B3", "LONE", "NOWHERE")
BOUNDS: Mapping[str, Mapping[str, Any]] = {
    "left": {"highest": 1, "half_width": 1, "cap_squared": 1},
    "absent_hours": {"highest": 240, "half_width": 240, "cap_squared": 300**2},
    "open_cases": {"base": "case_holders", "centre": (("*", 7),), "half_width": 9, "cap_squared": 100},
    "scheduled_hours": {
        "base": "employed",
        "centre": (("*", 600),),
        "half_width": 160,
        "cap_squared": 200**2,
    },
}


@dataclass(frozen=True)
class Step:
    """One period as it is measured; ``torn``: charged by the earlier rows and groups first, then anew."""

    period: Period
    is_corrected: bool
    torn: bool


@dataclass(frozen=True)
class Tale:
    """The rows of each person before and after a correction, and the periods in their order."""

    before: Mapping[str, Rows]
    after: Mapping[str, Rows]
    steps: tuple[Step, ...]


def day(offset: int) -> date:
    return FIRST_DAY + timedelta(days=offset)


days = st.integers(0, 31 * MONTHS).map(day)
hours = st.sampled_from(["0", "0.25", "7.5", "20", "60", "744", "20000"])


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Overlapping spells and repeated days too, which the door would set aside."""
    length = st.integers(0, 400).map(lambda count: timedelta(days=count))
    contracts = st.tuples(
        st.sampled_from(UNIT_IDS),
        days,
        st.none() | length,
        st.sampled_from(["0.01", "17.8629", "37.5", "80"]),
    )
    spells = st.tuples(days, length, hours)
    counts = st.integers(0, 500)
    return {
        "staff": [
            (unit, "worker", first, first + span if span is not None else None, weekly, False)
            for unit, first, span, weekly in draw(st.lists(contracts, min_size=1, max_size=3))
        ],
        "separations": [(on, "voluntary") for on in draw(st.lists(days, max_size=3))],
        "absences": [
            (first, first + span, amount, "sickness")
            for first, span, amount in draw(st.lists(spells, max_size=5))
        ],
        "caseload": draw(st.lists(st.tuples(days, counts, counts), max_size=5)),
    }


@st.composite
def tales(draw: st.DrawFn) -> Tale:
    months = [Period.holding(FIRST_DAY).previous(-step) for step in range(MONTHS)]
    quarters = sorted({Period.holding(month.first_day, Cadence.QUARTER) for month in months}, key=str)
    order = draw(st.lists(st.sampled_from([*months, *quarters]), min_size=4, max_size=7, unique=True))
    turn = draw(st.integers(0, len(order)))
    before, after = ({person: draw(rows()) for person in PEOPLE} for _ in range(2))
    steps = tuple(
        Step(period, n >= turn, n >= turn and draw(st.booleans())) for n, period in enumerate(order)
    )
    return Tale(before, after, steps)


def filled(people: Mapping[str, Rows], without: str) -> duckdb.DuckDBPyConnection:
    warehouse = duckdb.connect(config={"threads": "1"})
    prepare(warehouse)
    bounding.prepare(warehouse)
    enter(warehouse, people, without)
    return warehouse


def enter(warehouse: duckdb.DuckDBPyConnection, people: Mapping[str, Rows], without: str) -> None:
    """Replace the stored rows by those of all persons but one."""
    for table in ("staff", "separations", "absences", "caseload"):
        warehouse.execute(f"delete from {table}")  # noqa: S608
        stored = [
            (1, line, person, *row)
            for person, tables in people.items()
            if person != without
            for line, row in enumerate(tables[table])
        ]
        if stored:
            marks = ", ".join("?" * len(stored[0]))
            warehouse.executemany(f"insert into {table} values ({marks})", stored)  # noqa: S608


def told(
    tale: Tale, items: Sequence[PlanItem], trees: tuple[GroupTree, GroupTree], without: str = ""
) -> tuple[Charged, Totals]:
    """Everything charged, and the exact totals, of a tale without one person."""
    with filled(tale.before, without) as warehouse:

        def charge(step: Step, is_corrected: bool) -> None:
            enter(warehouse, tale.after if is_corrected else tale.before, without)
            measured = [item for item in items if item.cadence is step.period.cadence]
            build_person_period(warehouse, step.period)
            for item in measured:
                query = values_query(item, step.period)
                tree, version = trees[is_corrected], 1 + is_corrected
                bounding.freeze(warehouse, item, step.period, tree, version, query)

        for step in tale.steps:
            if step.torn:
                charge(step, False)
            charge(step, step.is_corrected)
        return charged_of(warehouse), totals_of(warehouse)


def groups(register: str) -> GroupTree:
    return parse_register(register, LEVELS).tree(date(2025, 9, 1), LEVELS, 10)


@pytest.mark.slow
@settings(max_examples=8)
@given(tale=tales())
def test_no_neighbour_moves_any_twelve_months_or_four_quarters_beyond_the_cap_nor_anybody_else(
    make_item: Make, tale: Tale
) -> None:
    monthly = [make_item(measure=name, **bounds) for name, bounds in BOUNDS.items()]
    items = [*monthly[:3], *(replace(item, cadence=Cadence.QUARTER) for item in monthly[1:])]
    trees = groups(BEFORE), groups(AFTER)
    charged, totals = told(tale, items, trees)
    for gone in PEOPLE:
        charged_without, totals_without = told(tale, items, trees, without=gone)
        assert charged_without == {person: rows for person, rows in charged.items() if person != gone}
        for item in items:
            for level in item.levels:
                assert largest_change(item, level, totals, totals_without) <= item.cap_squared
