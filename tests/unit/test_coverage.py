"""What an export covers: a pair of months, or several where months between are missing."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.coverage import Covers, covered_months, declare
from pipelines.warehouse import prepare
from privacy.errors import BadExport


def test_months_between_pairs_are_missing() -> None:
    covers = Covers.parse([["2025-11", "2025-12"], ["2026-03", "2026-04"]], "here")
    assert covers.months == ("2025-11", "2025-12", "2026-03", "2026-04")
    assert str(covers) == "2025-11 to 2026-04 without 2026-01, 2026-02"
    assert Covers.stored(*covers.texts) == covers


def test_one_pair_may_stand_alone_or_in_a_list() -> None:
    alone = Covers.parse(["2025-11", "2026-01"], "here")
    assert alone == Covers.parse([["2025-11", "2026-01"]], "here")
    assert str(alone) == "2025-11 to 2026-01" and Covers.stored(*alone.texts) == alone


@pytest.mark.parametrize(
    "given",
    [
        [],
        "2026-01",
        7,
        ["2026-01"],
        ["2026-02", "2026-01"],
        ["2026-Q1", "2026-Q2"],
        [["2026-01", "2026-02"], "2026-04"],
        [["2026-03", "2026-04"], ["2026-01", "2026-01"]],
        [["2026-01", "2026-03"], ["2026-03", "2026-04"]],
        [["2026-01", "2026-02"], ["2026-03", "2026-04"]],
    ],
)
def test_anything_else_is_refused_with_an_example(given: object) -> None:
    """Pairs that touch or overlap too: they leave no month between, which may not be what was meant."""
    with pytest.raises(BadExport, match=r'^here: covers must be .*"2026-06"'):
        Covers.parse(given, "here")


JANUARY, MARCH = ["2026-01", "2026-01"], ["2026-03", "2026-03"]
QUARTER, SPRING = ["2026-01", "2026-03"], ["2026-02", "2026-04"]


@pytest.mark.parametrize(
    ("declared", "months"),
    [
        ([JANUARY], "1"),
        ([JANUARY, MARCH], "1 3"),
        ([JANUARY, MARCH, QUARTER], "1 2 3"),
        ([QUARTER, SPRING], "1 2 3 4"),
        ([QUARTER, MARCH], "3"),
        ([QUARTER, SPRING, MARCH], "3"),
        ([QUARTER, [JANUARY, MARCH]], "1 3"),
        ([QUARTER, QUARTER], "1 2 3"),
    ],
)
def test_declarations_add_up_until_a_part_is_declared_anew(declared: list[object], months: str) -> None:
    """No file is in the warehouse at all: whose came and whose is gone decides nothing here."""
    with duckdb.connect() as warehouse:
        prepare(warehouse)
        declare(warehouse, "exposure", Covers.parse(JANUARY, "another export"))
        for each in declared:
            declare(warehouse, "absences", Covers.parse(each, "here"))
        assert covered_months(warehouse, "absences") == {f"2026-{int(month):02d}" for month in months.split()}
        assert covered_months(warehouse, "exposure") == {"2026-01"}


def test_what_loads_of_an_earlier_release_cover_is_taken_for_declared() -> None:
    with duckdb.connect() as warehouse:
        prepare(warehouse)
        warehouse.execute(
            "insert into load by name select 1 as load_id, 'absences' as export, 'a.csv' as file_name, "
            "'' as content_hash, '' as mapping_hash, '' as setting_hash, 0 as rows_read, 0 as rows_accepted, "
            "0 as rows_collapsed, 0 as rows_set_aside, '2026-01' as covers_from, '2026-02' as covers_to, "
            "date '2026-03-01' as loaded_on"
        )
        prepare(warehouse)
        assert covered_months(warehouse, "absences") == {"2026-01", "2026-02"}
