"""Forgetting charges changes no later one: with and without it everybody's contributions are the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_bounding import BENCH, START, Story, stories

from privacy.bounding import check_cap
from privacy.errors import LedgerRefused
from privacy.forgetting import chargeable_from, forget
from privacy.groups import GroupTree
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem

Make = Callable[..., PlanItem]
DRAWN = "insert or ignore into acknowledged select charge_id from charge"


def run(
    bench: BENCH, item: PlanItem, tree: GroupTree, story: Story, place: int, first: Period, *, forgets: bool
) -> tuple[Any, Any]:
    """What is charged from a place of the story on, nothing of which lies before a month."""
    with bench(item, tree) as table:
        later, totals = set(), {}
        for step, (offset, values) in enumerate(zip(story.order, story.values, strict=True)):
            index = START + offset
            if step == place and forgets:
                table.warehouse.execute(DRAWN)
                forget(table.warehouse, first)
            if step >= place:
                if Period(item.cadence, index).months[0].index < first.index:
                    continue
                later.add(index)
            totals[index] = table.charge(index, [(p, *v) for p, v in values.items()])
            check_cap(table.warehouse, item, Period(item.cadence, index))
        charged = {
            person: {index: found for index, found in of.items() if index in later}
            for person, of in table.charged().items()
        }
        return {p: of for p, of in charged.items() if of}, {index: totals[index] for index in later}


FULL = {"p": ("A1", 40, 0)}
EDGE = Story({"highest": 40, "half_width": 40, "cap_squared": 40**2}, [0, 11], [FULL, FULL])


@settings(max_examples=15)
@example(story=EDGE, place=1, month=11)
@given(story=stories(), place=st.integers(1, 8), month=st.integers(-2, 40))
def test_no_later_charge_needs_what_is_forgotten(
    bench: BENCH, tree: GroupTree, make_item: Make, story: Story, place: int, month: int
) -> None:
    item = make_item(**story.item_changes)
    first = Period(Cadence.MONTH, Period(item.cadence, START).months[0].index + month)
    kept = run(bench, item, tree, story, place, first, forgets=False)
    assert run(bench, item, tree, story, place, first, forgets=True) == kept


@pytest.fixture
def item(make_item: Make) -> PlanItem:
    return make_item(highest=40, half_width=40, cap_squared=40**2)


def test_what_ended_a_year_before_goes_and_nothing_later(
    bench: BENCH, tree: GroupTree, item: PlanItem
) -> None:
    with bench(item, tree) as table:
        for index in (START, START + 1):
            table.charge(index, [("p", "A1", 5, 0), ("q", "A1", 5, 0)])
        table.warehouse.execute(DRAWN)
        assert forget(table.warehouse, Period(Cadence.MONTH, START + 12)) == 2
        assert {index for of in table.charged().values() for index in of} == {START + 1}
        left = table.warehouse.execute("select count(*), count(distinct charge_id) from charge_total")
        assert left.fetchone()[1] == 1
        assert table.warehouse.execute("select count(*) from charge").fetchone() == (2,)
        assert forget(table.warehouse, Period(Cadence.MONTH, START + 13)) == 2


def test_what_may_still_be_drawn_stays_whatever_its_age(
    bench: BENCH, tree: GroupTree, item: PlanItem
) -> None:
    with bench(item, tree) as table:
        table.charge(START, [("p", "A1", 5, 0)])
        assert forget(table.warehouse, Period(Cadence.MONTH, START + 100)) == 0
        assert table.charged()["p"]


def test_nothing_is_charged_before_the_month_and_the_month_never_goes_back(
    bench: BENCH, tree: GroupTree, item: PlanItem
) -> None:
    with bench(item, tree) as table:
        forget(table.warehouse, Period(Cadence.MONTH, START + 12))
        forget(table.warehouse, Period(Cadence.MONTH, START))
        assert chargeable_from(table.warehouse) == Period(Cadence.MONTH, START + 12)
        told = "is not kept any more, so no year could be bounded: nothing is charged of it\\.$"
        with pytest.raises(LedgerRefused, match=told):
            table.charge(START + 11, [("p", "A1", 5, 0)])
        table.charge(START + 12, [("p", "A1", 5, 0)])


def test_a_quarter_that_begins_before_the_month_is_not_charged(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    item = make_item(cadence=Cadence.QUARTER, highest=40, half_width=40, cap_squared=40**2)
    quarter = Period.parse("2024-Q1")
    with bench(item, tree) as table:
        forget(table.warehouse, quarter.months[1])
        with pytest.raises(LedgerRefused, match="is not kept any more"):
            table.charge(quarter.index, [("p", "A1", 5, 0)])
