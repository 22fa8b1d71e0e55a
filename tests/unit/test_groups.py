"""The minimum group: rule 1 by authorised posts, rule 2 by noisy counts; both from public numbers alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.groups import (
    Z95,
    GroupTree,
    Unit,
    hidden_siblings,
    large_enough,
    plan_groups,
    smallest_passing,
)

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


@pytest.mark.parametrize(("count", "is_shown"), [(10 + Z95 * 5, True), (10 + Z95 * 5 - 0.01, False)])
def test_rule_2_shows_a_unit_from_the_lower_bound_of_its_noisy_count_on(count: float, is_shown: bool) -> None:
    assert large_enough(count, 5, 10) is is_shown


def test_the_plan_says_how_many_people_pass_rule_2() -> None:
    least = smallest_passing(5, 10)
    assert large_enough(least, 5, 10) and not large_enough(least - 1, 5, 10)


def test_a_lone_blank_takes_the_smallest_sibling_along(tree: GroupTree) -> None:
    """Else it could be worked out from the parent."""
    assert hidden_siblings(tree, frozenset({"A2"})) == {"A:direct"}
    assert hidden_siblings(tree, frozenset({"A:direct"})) == {"A1"}
    assert hidden_siblings(tree, frozenset({"A1", "A2"})) == frozenset()
    assert hidden_siblings(tree, frozenset()) == frozenset()


@given(st.sets(st.sampled_from(["A", "B", "ORG:direct", "A1", "A2", "A:direct", "B1", "B:small"])))
def test_no_parent_keeps_a_single_blank_child_beside_shown_ones(hidden: set[str]) -> None:
    """Children without authorised posts aside: nobody is in them by public declaration."""
    units = [unit("ORG", None, 3), unit("A", "ORG", 5), unit("B", "ORG", 2)]
    units += [unit(name, name[0], posts) for name, posts in (("A1", 20), ("A2", 30), ("B1", 25), ("B2", 4))]
    tree = plan_groups(units, LEVELS, 10)
    everything = hidden | hidden_siblings(tree, frozenset(hidden))
    for group in tree.groups:
        children = [child for child in tree.children(group.id) if child.posts]
        blank = [child for child in children if child.id in everything]
        assert len(blank) != 1 or len(children) == 1
