"""The cap on a person's year, against a brute-force oracle and over all neighbouring data sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.bounding import charge_ids, check_cap
from privacy.errors import LedgerRefused
from privacy.groups import GroupTree
from privacy.periods import Cadence, Period
from privacy.plan import LARGEST_CAP_SQUARED, PlanItem

BENCH = type[Any]
Make = Callable[..., PlanItem]
LEVELS = ("organisation", "division", "programme")
UNIT_IDS = ("ORG", "A", "A1", "A2", "B1", "B2")
PEOPLE = ("p", "q", "r")
START = Period.parse("2024-01").index
CENTRES = (("*", 3), ("crisis", 7))


@dataclass(frozen=True)
class Story:
    """Periods in their order of measurement, and what the warehouse says of each person at that moment.

    As the rows of a period are read once, when it is measured, a correction between two draws is
    nothing else than other values for the periods still to come.
    """

    item_changes: Mapping[str, Any]
    order: Sequence[int]
    values: Sequence[Mapping[str, tuple[str, int, int]]]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    cadence = draw(st.sampled_from(Cadence))
    offsets = draw(st.lists(st.integers(0, 2 * cadence.a_year + 3), min_size=2, max_size=9, unique=True))
    one = st.tuples(st.sampled_from(UNIT_IDS), st.integers(0, 40), st.integers(0, 1))
    month = st.dictionaries(st.sampled_from(PEOPLE), one)
    changes = {
        "cadence": cadence,
        "highest": draw(st.integers(1, 40)),
        "half_width": draw(st.integers(1, 40)),
        "cap_squared": draw(st.integers(1, 1500)),
        "centre": draw(st.sampled_from([(("*", 0),), CENTRES])),
        "standard": draw(st.sampled_from([(), (("*", 12), ("crisis", 20))])),
        "sigmas": tuple((level, 1) for level in LEVELS[: draw(st.integers(1, 3))]),
    }
    return Story(changes, offsets, [draw(month) for _ in offsets])


def wanted(item: PlanItem, tree: GroupTree, unit: str, value: int, base: int) -> int:
    """The deviation before the cap, by the text of the rule.

    A standard is that of the unit's own service line, a centre that of the group it is counted in.
    """
    cut = tree.cut_below(item.levels[-1])
    place = next(place for place in cut.placements if place.unit == unit)
    if item.standard:
        counted = int(value > item.constant(item.standard, place.service_line))
    else:
        counted = min(max(value, 0), item.highest)
    deviation = counted - item.constant(item.centre, cut.by_id[place.leaf].service_line) * base
    return min(max(deviation, -item.half_width), item.half_width)


def windows(item: PlanItem, index: int) -> list[range]:
    """Every span of 12 months (4 quarters) that holds a period."""
    span = item.cadence.a_year
    return [range(first, first + span) for first in range(index - span + 1, index + 1)]


def oracle(item: PlanItem, tree: GroupTree, story: Story, person: str) -> dict[int, int]:
    """x by period: the cut in the order of measurement, in Python's unbounded whole numbers."""
    kept: dict[int, int] = {}
    for offset, values in zip(story.order, story.values, strict=True):
        if person not in values:
            continue
        x, index = wanted(item, tree, *values[person]), START + offset
        spent = max(sum(kept.get(i, 0) ** 2 for i in window) for window in windows(item, index))
        size = min(abs(x), isqrt(item.cap_squared - spent))
        kept[index] = size if x > 0 else -size
    return {index: x for index, x in kept.items() if x}


def run(bench: BENCH, item: PlanItem, tree: GroupTree, story: Story, without: str = "") -> tuple[Any, Any]:
    """Charged contributions, and the totals of each period, of the story without one person."""
    with bench(item, tree) as table:
        totals = {
            START + offset: table.charge(START + offset, [(p, *v) for p, v in values.items() if p != without])
            for offset, values in zip(story.order, story.values, strict=True)
        }
        return table.charged(), totals


@given(story=stories())
def test_the_cut_is_the_rule_in_any_order_of_measurement(
    bench: BENCH, tree: GroupTree, make_item: Make, story: Story
) -> None:
    """What is kept is what the oracle keeps, and marked as cut exactly where the cap made it smaller."""
    item = make_item(**story.item_changes)
    charged, _ = run(bench, item, tree, story)
    for person in PEOPLE:
        kept = {index: x for index, (x, _) in charged.get(person, {}).items() if x}
        assert kept == oracle(item, tree, story, person)
    for offset, values in zip(story.order, story.values, strict=True):
        for person, value in values.items():
            x, is_cut = charged.get(person, {}).get(START + offset, (0, False))
            assert is_cut == (abs(x) < abs(wanted(item, tree, *value)))


@settings(max_examples=15)
@given(story=stories())
def test_neighbours_differ_by_at_most_the_cap_in_every_twelve_months_at_every_level(
    bench: BENCH, tree: GroupTree, make_item: Make, story: Story
) -> None:
    """Remove each person in turn: all others stay as they are, and the year's totals move by at most C²."""
    item = make_item(**story.item_changes)
    charged, totals = run(bench, item, tree, story)
    for gone in PEOPLE:
        charged_without, totals_without = run(bench, item, tree, story, without=gone)
        assert charged_without == {person: xs for person, xs in charged.items() if person != gone}
        for level in item.levels:
            moved = {
                index: sum((of[level][g] - totals_without[index][level][g]) ** 2 for g in of[level])
                for index, of in totals.items()
            }
            for window in (window for index in moved for window in windows(item, index)):
                assert sum(moved.get(i, 0) for i in window) <= item.cap_squared
            for index, of in totals.items():
                assert sum(of[level][g] != totals_without[index][level][g] for g in of[level]) <= 1


@settings(max_examples=15)
@given(story=stories())
def test_children_add_up_to_their_parents_exactly(
    bench: BENCH, tree: GroupTree, make_item: Make, story: Story
) -> None:
    item = make_item(**story.item_changes)
    _, totals = run(bench, item, tree, story)
    for by_level in totals.values():
        by_group = {group: total for groups in by_level.values() for group, total in groups.items()}
        cut = tree.cut_below(item.levels[-1])
        assert set(by_group) == {group.id for group in cut.groups}
        for group in cut.groups:
            if children := cut.children(group.id):
                assert by_group[group.id] == sum(by_group[child.id] for child in children)


def squares(rest: int) -> list[int]:
    """Whole numbers whose squares add up to ``rest``, greedily: at most six below 2^40."""
    parts = []
    while rest:
        parts.append(isqrt(rest))
        rest -= parts[-1] ** 2
    return parts


def test_the_square_root_is_exact_at_and_around_squares_up_to_the_largest_cap(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    """One person for each room n left under C² = 2^40: what is kept of a huge value is isqrt(n)."""
    roots = [*range(40), *(2**k + d for k in range(6, 20) for d in (-1, 0, 1)), 999_999, 2**20 - 1]
    rooms = sorted({max(0, root * root + d) for root in roots for d in (-2, -1, 0, 1, 2)} | {2**40})
    item = make_item(cap_squared=LARGEST_CAP_SQUARED, highest=2**40, half_width=2**40)
    index = START + 11
    with bench(item, tree) as table:
        table.warehouse.executemany(
            "insert into charged values (?, ?, ?, ?, ?, false)",
            [
                [f"old {step}", item.identity, START + step, f"p{room}", x]
                for room in rooms
                for step, x in enumerate(squares(LARGEST_CAP_SQUARED - room))
            ],
        )
        table.charge(index, [(f"p{room}", "A1", 2**40, 0) for room in rooms])
        charged = table.charged()
        check_cap(table.warehouse, item, Period(item.cadence, index))
    assert {room: charged[f"p{room}"][index][0] for room in rooms} == {room: isqrt(room) for room in rooms}


def test_a_persistent_quantity_under_twelve_half_widths_is_never_cut(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    """With C² = 12·U² and a clamp at U the cap never acts: no drift over a steady year."""
    item = make_item(half_width=15, cap_squared=12 * 15**2)
    with bench(item, tree) as table:
        for offset in range(30):
            table.charge(START + offset, [("p", "A1", 900, 1)])
        assert set(table.charged()["p"].values()) == {(15, False)}


def test_all_groups_of_the_tree_and_no_others_have_a_total_even_without_people(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    with bench(make_item(), tree) as table:
        totals = table.charge(START, [])
    for level, groups in totals.items():
        assert groups == {group.id: 0 for group in tree.at(level)}


def test_a_state_above_the_cap_is_refused_before_anything_is_frozen(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    item = make_item(cap_squared=100)
    with bench(item, tree) as table:
        table.charge(START, [("p", "A1", 10, 0)])
        table.warehouse.execute("update charged set x = 11")
        with pytest.raises(LedgerRefused, match="exceeds its cap"):
            table.charge(START + 1, [("p", "A1", 10, 0)])
        assert len(charge_ids(table.warehouse, item)) == 1


def test_an_item_that_stops_at_a_level_counts_everybody_there(
    bench: BENCH, tree: GroupTree, make_item: Make
) -> None:
    item = make_item(sigmas=(("organisation", 5), ("division", 5)))
    people = [(f"p{place}", unit, 10, 0) for place, unit in enumerate(UNIT_IDS)]
    with bench(item, tree) as table:
        totals = table.charge(START, people)
    assert totals["organisation"] == {"ORG": 60}
    assert totals["division"] == {"A": 30, "B": 20, "ORG:direct": 10}
