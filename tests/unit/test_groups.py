"""The minimum group: rule 1 by authorised posts, rule 2 by noisy counts; both from public numbers alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.indicators import INDICATORS
from metrics.organisation import parse_register
from metrics.rules import ReadingRules
from metrics.totals import Totals
from pipelines.tables import release_tables
from privacy.groups import (
    Z95,
    GroupTree,
    Unit,
    hidden_siblings,
    large_enough,
    plan_groups,
)
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import Mechanism
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem

LEVELS = ("organisation", "division", "programme")


def unit(name: str, parent: str | None, posts: int, line: str = "x") -> Unit:
    return Unit(name, name, parent, posts, line)


@st.composite
def registers(draw: st.DrawFn) -> list[Unit]:
    units = [unit("O", None, draw(st.integers(0, 20)))]
    for division in range(draw(st.integers(0, 4))):
        units.append(unit(f"D{division}", "O", draw(st.integers(0, 20))))
        for programme in range(draw(st.integers(0, 4))):
            units.append(unit(f"D{division}P{programme}", f"D{division}", draw(st.integers(0, 20))))
    return units


def below(units: list[Unit], top: str) -> list[Unit]:
    here = [u for u in units if u.id == top]
    return here + [u for child in units if child.parent == top for u in below(units, child.id)]


@given(registers(), st.integers(2, 30))
def test_rule_1_no_unit_below_the_minimum_is_a_group_and_no_post_is_lost(
    units: list[Unit], least: int
) -> None:
    tree = plan_groups(units, LEVELS, least)
    for group in tree.groups[1:]:
        if ":" not in group.id:
            assert sum(u.posts for u in below(units, group.id)) >= least
    assert sorted(place.unit for place in tree.placements) == sorted(u.id for u in units)
    assert {place.leaf for place in tree.placements} == {leaf.id for leaf in tree.leaves}
    for group in tree.groups:
        if children := tree.children(group.id):
            assert sum(child.posts for child in children) == group.posts


@given(registers(), st.integers(2, 30))
def test_a_person_is_in_one_group_a_level_at_most(units: list[Unit], least: int) -> None:
    tree = plan_groups(units, LEVELS, least)
    for place in tree.placements:
        levels = [group.level for group in tree.ancestry(place.leaf)]
        assert len(set(levels)) == len(levels) and levels[-1] == LEVELS[0]


@given(registers(), st.sampled_from(LEVELS))
def test_cutting_below_a_level_keeps_everybody_under_the_same_parents(units: list[Unit], level: str) -> None:
    tree = plan_groups(units, LEVELS, 10)
    cut = tree.cut_below(level)
    for before, after in zip(tree.placements, cut.placements, strict=True):
        kept = [group for group in tree.ancestry(before.leaf) if group.id in cut.by_id]
        assert tuple(kept) == cut.ancestry(after.leaf)


def test_a_tree_reads_back_from_the_ledger_as_it_was_written(tree: GroupTree) -> None:
    again = GroupTree.from_json(tree.to_json())
    assert (again.groups, again.placements) == (tree.groups, tree.placements)


def test_small_units_of_a_parent_are_one_group_together(tree: GroupTree) -> None:
    assert [group.id for group in tree.children("B")] == ["B1", "B:small"]
    assert next(place.leaf for place in tree.placements if place.unit == "B2") == "B:small"


def test_people_attached_to_an_inner_unit_are_a_group_of_their_own(tree: GroupTree) -> None:
    assert [group.id for group in tree.children("A")] == ["A1", "A2", "A:direct"]
    assert next(place.leaf for place in tree.placements if place.unit == "A") == "A:direct"


def test_a_group_has_the_service_line_of_most_of_its_posts() -> None:
    units = [unit("O", None, 5, "x"), unit("A", "O", 20, "y"), unit("B", "O", 12, "x")]
    assert plan_groups(units, LEVELS[:2], 10).groups[0].service_line == "y"


def test_groups_are_named_after_the_unit_that_they_are_of() -> None:
    units = [
        Unit("O", "All", None, 12, "x"),
        Unit("A", "Alpha", "O", 20, "x"),
        Unit("B", "Beta", "O", 3, "x"),
    ]
    names = {group.id: group.name for group in plan_groups(units, LEVELS[:2], 10).groups}
    assert names == {"O": "All", "A": "Alpha", "O:direct": "All (direct)", "O:small": "All (small units)"}


def test_a_tree_cut_below_a_level_has_no_group_deeper_and_one_cut_nowhere_is_whole() -> None:
    tree = plan_groups([unit("O", None, 12), unit("A", "O", 12), unit("A1", "A", 12)], LEVELS, 10)
    assert {group.level for group in tree.cut_below("division").groups} == set(LEVELS[:2])
    assert tree.cut_below("division") is tree.cut_below("division")
    assert tree.cut_below("a level of no unit").groups == tree.groups
    leaves = {place.unit: place.leaf for place in tree.cut_below("division").placements}
    assert leaves == {"O": "O:direct", "A": "A", "A1": "A"}


def test_a_gathered_group_has_the_line_of_most_of_its_posts_and_everybody_keeps_their_own() -> None:
    units = [unit("O", None, 0, "x"), unit("A", "O", 2, "z"), unit("B", "O", 5, "x"), unit("C", "O", 4, "z")]
    tree = plan_groups([*units, unit("D", "O", 30, "w")], LEVELS[:2], 10)
    assert tree.by_id["O:small"].service_line == "z"
    assert {place.unit: place.service_line for place in tree.placements} == {
        "O": "x", "A": "z", "B": "x", "C": "z", "D": "w",
    }  # fmt: skip


def test_of_service_lines_with_as_many_posts_the_first_by_name_counts() -> None:
    units = [unit("O", None, 0, "b"), unit("A", "O", 20, "b"), unit("B", "O", 20, "a")]
    assert plan_groups(units, LEVELS[:2], 10).groups[0].service_line == "a"


@pytest.mark.parametrize(
    ("posts", "groups"), [(9, {"O", "D", "O:small"}), (10, {"O", "D", "O:direct", "O:small"})]
)
def test_a_units_own_people_join_its_small_units_below_the_minimum_alone(
    posts: int, groups: set[str]
) -> None:
    units = [unit("O", None, posts), unit("D", "O", 30), unit("S", "O", 3)]
    assert set(plan_groups(units, LEVELS[:2], 10).by_id) == groups


def test_where_no_sibling_is_left_the_parent_is_blank_too_but_never_the_whole() -> None:
    """Both halves have one child with posts each; the whole organisation has one division with posts."""
    units = [unit("O", None, 0), unit("A", "O", 0), unit("A1", "A", 20)]
    tree = plan_groups(units, LEVELS, 10)
    assert hidden_siblings(tree, frozenset({"A1"})) == {"A"}
    assert hidden_siblings(tree, frozenset({"A", "A1"})) == frozenset()


@pytest.mark.parametrize(("count", "is_shown"), [(10 + Z95 * 5, True), (10 + Z95 * 5 - 0.01, False)])
def test_rule_2_shows_a_unit_from_the_lower_bound_of_its_noisy_count_on(count: float, is_shown: bool) -> None:
    assert large_enough(count, 5, 10) is is_shown


def test_a_lone_blank_takes_the_smallest_sibling_along(tree: GroupTree) -> None:
    """Else it could be worked out from the parent."""
    assert hidden_siblings(tree, frozenset({"A2"})) == {"A:direct"}
    assert hidden_siblings(tree, frozenset({"A:direct"})) == {"A1"}
    assert hidden_siblings(tree, frozenset({"A1", "A2"})) == frozenset()
    assert hidden_siblings(tree, frozenset()) == frozenset()


@given(st.sets(st.sampled_from(["A", "B", "ORG:direct", "A1", "A2", "A:direct", "B1", "B:small"])))
def test_no_blank_can_be_worked_out_from_a_parent_and_its_children(hidden: set[str]) -> None:
    """Of each family none is blank or at least two, children without authorised posts aside: nobody is in
    them by public declaration. The whole organisation is never blanked for a child's sake."""
    units = [unit("ORG", None, 3), unit("A", "ORG", 5), unit("B", "ORG", 2)]
    units += [unit(name, name[0], posts) for name, posts in (("A1", 20), ("A2", 30), ("B1", 25), ("B2", 4))]
    tree = plan_groups(units, LEVELS, 10)
    everything = hidden | hidden_siblings(tree, frozenset(hidden))
    for group in tree.groups:
        children = [child for child in tree.children(group.id) if child.posts]
        blank = [member for member in (*children, group) if member.id in everything]
        assert len(blank) != 1 or group.parent is None or not children


def test_rule_2_blanks_every_row_of_the_measurements_also_where_an_amended_item_reached_deeper(
    warehouse: duckdb.DuckDBPyConnection,
    sign: Callable[..., Ledger],
    make_item: Callable[..., PlanItem],
    noise_free: Mechanism,
    year: BudgetYear,
) -> None:
    """Nobody works in A2; an amended plan draws the month again, but only down to the divisions."""
    sigmas = (("organisation", 1), ("division", 1), ("programme", 1))
    head = make_item(measure="employed", sigmas=sigmas, cap_squared=12)
    deep = make_item(measure="left", sigmas=sigmas, cap_squared=12)
    shallow = make_item(measure="left", sigmas=sigmas[:2], cap_squared=12)
    people = "select 'p' || n, case when n < 40 then 'A1' else 'B1' end, 1, 1 from range(80) as t(n)"
    for items in ((head, deep), (head, shallow)):
        ledger = sign(*items)
        for item in items:
            measure(warehouse, ledger, noise_free, item, Period.parse("2025-07"), year, people)
    limits: Any = {name: {"month": 1e9, "year": 1e9} for name in INDICATORS}
    rules = ReadingRules(10, "mean_of_month_ends", 0.15, limits, {})
    tables = {table.name: table.rows for table in release_tables(Totals(ledger.records, rules))}
    for name in ("measurements", "estimates"):
        rows = [row for row in tables[name] if row["unit_id"] == "A2"]
        assert rows and {row["status"] for row in rows} == {"blank"}


def test_a_unit_is_no_group_once_its_validity_has_ended() -> None:
    """Each period's units are those in force at its start, also where no other row begins that day."""
    text = """unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id
O,Whole,,0,x,2020-01-01,,
A,Division A,O,20,x,2020-01-01,2025-03-31,B
B,Division B,O,20,x,2020-01-01,,
"""
    body = parse_register(text, LEVELS[:2]).signed_body("paper", LEVELS[:2], 10)
    in_force = {tree["from"]: [group[0] for group in tree["groups"]] for tree in body["trees"]}
    assert "A" in in_force["2020-01-01"]
    assert "A" not in in_force["2025-04-01"]
