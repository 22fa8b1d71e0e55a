"""A register that changes: units renamed, split, merged and closed, and where people of each id count."""

from __future__ import annotations

from datetime import date

import pytest

from metrics.organisation import Register, parse_register
from privacy.errors import BadRegister
from privacy.periods import BudgetYear, Period

HEADINGS = "unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id"
LEVELS = ("organisation", "team")
BEFORE, AFTER = date(2026, 3, 1), date(2026, 4, 1)
ROOT = "ORG,Agency,,0,support,2025-07-01,,"


def register(*rows: str) -> Register:
    return parse_register("\n".join([HEADINGS, ROOT, *rows]), LEVELS)


def counted_in(register: Register, day: date) -> dict[str, str]:
    """The group in which people of each unit id count on a day."""
    return {place.unit: place.leaf for place in register.tree(day, LEVELS, 10).placements}


def names(register: Register, day: date) -> dict[str, str]:
    return {unit.id: unit.name for unit in register.units(day)}


def test_a_renamed_unit_keeps_its_id_and_so_its_history() -> None:
    renamed = register(
        "A,Intake,ORG,40,family,2025-07-01,2026-03-31,", "A,Front Door,ORG,40,family,2026-04-01,,"
    )
    assert (names(renamed, BEFORE)["A"], names(renamed, AFTER)["A"]) == ("Intake", "Front Door")
    assert counted_in(renamed, BEFORE) == counted_in(renamed, AFTER)
    assert renamed.starts == (date(2025, 7, 1), AFTER)


def test_merged_units_count_apart_until_the_day_and_then_together_under_every_old_id() -> None:
    """Also where an export still writes the old ids."""
    merged = register(
        "A,East,ORG,40,family,2025-07-01,2026-03-31,AB",
        "B,West,ORG,40,family,2025-07-01,2026-03-31,AB",
        "AB,East and West,ORG,80,family,2026-04-01,,",
    )
    before, after = counted_in(merged, BEFORE), counted_in(merged, AFTER)
    assert (before["A"], before["B"]) == ("A", "B")
    assert {after[unit] for unit in ("A", "B", "AB")} == {"AB"}


def test_of_a_split_unit_whoever_still_has_the_old_id_counts_with_the_declared_successor() -> None:
    split = register(
        "A,Assessment,ORG,90,family,2025-07-01,2026-03-31,A1",
        "A1,Assessment one,ORG,45,family,2026-04-01,,",
        "A2,Assessment two,ORG,45,family,2026-04-01,,",
    )
    after = counted_in(split, AFTER)
    assert (after["A"], after["A1"], after["A2"]) == ("A1", "A1", "A2")
    assert counted_in(split, BEFORE)["A"] == "A"


def test_ids_of_units_still_to_come_count_in_the_whole_alone() -> None:
    """Nobody can have them yet, but an export may be early."""
    split = register("A,One,ORG,40,family,2025-07-01,,", "NEW,Later,ORG,40,family,2026-04-01,,")
    assert counted_in(split, BEFORE)["NEW"] == counted_in(split, BEFORE)["ORG"]
    assert counted_in(split, AFTER)["NEW"] == "NEW"


def test_a_chain_of_successors_is_followed_and_a_circle_ends_in_the_whole() -> None:
    chain = register(
        "A,First,ORG,40,family,2025-07-01,2025-12-31,B",
        "B,Second,ORG,40,family,2026-01-01,2026-03-31,C",
        "C,Third,ORG,40,family,2026-04-01,,",
    )
    assert [counted_in(chain, day)["A"] for day in (date(2025, 8, 1), BEFORE, AFTER)] == ["A", "B", "C"]
    circle = register(
        "A,First,ORG,40,family,2025-07-01,2025-12-31,B",
        "B,Second,ORG,40,family,2025-07-01,2025-12-31,A",
        "C,Third,ORG,40,family,2025-07-01,,",
    )
    assert counted_in(circle, AFTER)["A"] == counted_in(circle, AFTER)["ORG"]


def test_a_change_within_a_month_counts_from_the_next_ones_first_day() -> None:
    moved = register("A,First,ORG,40,family,2025-07-01,2026-03-14,B", "B,Second,ORG,40,family,2026-03-15,,")
    assert moved.starts == (date(2025, 7, 1), AFTER)


def test_a_successor_that_the_register_lacks_is_refused() -> None:
    with pytest.raises(BadRegister, match="names a successor that the register lacks"):
        register("A,First,ORG,40,family,2025-07-01,2026-03-31,GONE")


def test_years_that_start_in_any_month_are_named_by_both_calendar_years() -> None:
    for starts, title in ((1, "2026"), (4, "2025/26"), (7, "2025/26"), (10, "2025/26")):
        assert BudgetYear.of(Period.parse("2026-03"), starts=starts).title == title
