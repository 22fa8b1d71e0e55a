"""Texts become types by the declared format and nothing else; every wrong text finds its rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from pipelines.conversion import Conversion, convert
from pipelines.dateformat import DateFormat
from pipelines.exports import EXPORTS, Export
from pipelines.mapping import ExportMapping
from pipelines.warehouse import prepare, statement

GOOD = {
    "staff": ["p1", "U1", "caseworker", "2026-01-05", "", "37.5", "true"],
    "separations": ["p1", "2026-01-31", "voluntary"],
    "absences": ["p1", "2026-01-05", "2026-01-06", "15", "sickness"],
    "caseload": ["p1", "2026-01-31", "15", "6"],
    "exposure": ["p1", "2026-01-01", "20.25", "4", "0"],
}


def mapping_of(export: Export, **changes) -> ExportMapping:
    columns = {name: name for name in export.names}
    plain = ExportMapping(
        export, "x.csv", None, "utf-8", None, DateFormat("%Y-%m-%d"), ".", None, None, False, None,
        columns, {}, {}, {},
    )  # fmt: skip
    return replace(plain, grain="month" if export.grains else None, **changes)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        connection.execute(statement("ingest_known_units"), {"units": ["U1", "U2"]})
        staff = "insert into staff values (99, 2, 'p1', 'U1', 'r', '2020-01-01', '2020-12-31', 37.5, false)"
        connection.execute(staff)
        yield connection


def staged(warehouse: duckdb.DuckDBPyConnection, mapping: ExportMapping, *rows: list[str]) -> list[tuple]:
    """Stage rows as texts and convert them; per row the failed (rule, column) or None, then the columns."""
    names = ", ".join(f"{name}_text varchar" for name in mapping.export.stored_names)
    warehouse.execute(statement("ingest_stage_text", columns=names))
    for line, row in enumerate(rows, start=2):
        warehouse.table("stage_text").insert([1, 1, line, "", False, *row])
    conversion = Conversion(mapping)
    convert(warehouse, conversion)
    found = warehouse.execute(
        "select * exclude (load_id, position, line, place, doubts) from staged order by line"
    ).fetchall()
    failures = [None if f is None else conversion.failures[f] for *_, f in found]
    return [(f and (f.rule, f.column), *row[:-1]) for f, row in zip(failures, found, strict=True)]


def failure_of(warehouse: duckdb.DuckDBPyConnection, name: str, column: str, text: str, **changes):
    export = EXPORTS[name]
    row = [text if c == column else cell for c, cell in zip(export.names, GOOD[name], strict=True)]
    return staged(warehouse, mapping_of(export, **changes), row)[0][0]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_good_row_passes(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    assert staged(warehouse, mapping_of(EXPORTS[name]), GOOD[name])[0][0] is None


def test_values_are_exact(warehouse: duckdb.DuckDBPyConnection) -> None:
    row = staged(warehouse, mapping_of(EXPORTS["staff"]), GOOD["staff"])[0]
    assert row[1:] == ("p1", "U1", "caseworker", date(2026, 1, 5), None, Decimal("37.5000"), True)


@pytest.mark.parametrize(("name", "column"), [(e.name, c.name) for e in EXPORTS.values() for c in e.columns])
def test_an_empty_cell_is_missing_unless_the_column_may_be_empty(
    warehouse: duckdb.DuckDBPyConnection, name: str, column: str
) -> None:
    expected = None if EXPORTS[name].column(column).nullable else ("missing", column)
    if column == "start_date":
        expected = ("no-start", column)
    assert failure_of(warehouse, name, column, "") == expected


BAD_NUMBERS = [
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "1e400",
    "1e3",
    "0x1F",
    "1_000",
    "1,000",
    "1.000.000",
    "12 h",
    "½",
    "--5",
    "5.",
    ".5",
    "٣",
    "8:30",
    "true",
    "99999999999",
]


@pytest.mark.parametrize("text", BAD_NUMBERS)
@pytest.mark.parametrize(
    ("name", "column"), [("staff", "weekly_hours"), ("absences", "hours"), ("caseload", "open_cases")]
)
def test_what_is_no_plain_number_fails_its_format(
    warehouse: duckdb.DuckDBPyConnection, name: str, column: str, text: str
) -> None:
    assert failure_of(warehouse, name, column, text) == ("format", column)


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (
            "%d/%m/%Y",
            "03/04/2026",
            ["3/4/26", "3/4/2026", "31/02/2026", "2026-04-03", "03/13/2026", "03.04.2026"],
        ),
        ("%-m/%-d/%Y", "4/3/2026", ["04/03/2026", "13/1/2026", "4/31/2026", "4/3/26", "4/3/2026 0:00"]),
        ("%d. %m. %Y", "03. 04. 2026", ["03.04.2026", "03. 04. 26", "00. 04. 2026"]),
        ("%Y-%m-%d", "2026-04-03", ["2026-4-3", "20260403", "2026-04-03T00:00", "2025-02-29", "٢٠٢٦-04-03"]),
    ],
)
def test_dates_follow_the_declared_format_strictly(
    warehouse: duckdb.DuckDBPyConnection, form: str, good: str, bad: list[str]
) -> None:
    mapping = mapping_of(EXPORTS["separations"], date_format=DateFormat.parse(form, "here"))
    rows = staged(warehouse, mapping, *(["p1", text, "other"] for text in [good, *bad]))
    assert rows[0] == (None, "p1", date(2026, 4, 3), "other")
    assert [row[0] for row in rows[1:]] == [("format", "date")] * len(bad)


def test_the_declared_decimal_mark_is_the_only_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert failure_of(warehouse, "absences", "hours", "7,5", decimal_mark=",") is None
    assert failure_of(warehouse, "absences", "hours", "7.5", decimal_mark=",") == ("format", "hours")


def test_constants_are_in_canonical_form_whatever_the_file_declares(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    constants = {"start_date": "2026-01-05", "weekly_hours": "37.5"}
    mapping = mapping_of(
        EXPORTS["staff"], constants=constants, date_format=DateFormat("%d/%m/%Y"), decimal_mark=","
    )
    assert staged(warehouse, mapping, GOOD["staff"])[0][0] is None


@pytest.mark.parametrize(
    ("name", "column", "text", "rule"),
    [
        ("staff", "weekly_hours", "0", "bounds"),
        ("staff", "weekly_hours", "80.0001", "bounds"),
        ("staff", "weekly_hours", "80", None),
        ("staff", "start_date", "1949-12-31", "bounds"),
        ("staff", "end_date", "4712-12-31", "bounds"),
        ("staff", "end_date", "2026-01-04", "end-before-start"),
        ("staff", "unit_id", "U9", "unknown-unit"),
        ("staff", "role", "x" * 201, "format"),
        ("staff", "is_supervisor", "Y", "format"),
        ("separations", "reason", "resigned", "format"),
        ("separations", "person_id", "p2", "unknown-person"),
        ("absences", "hours", "-1", "bounds"),
        ("absences", "hours", "48", None),
        ("absences", "hours", "48.01", "hours-beyond-days"),
        ("absences", "end_date", "2026-01-04", "end-before-start"),
        ("caseload", "open_cases", "-1", "bounds"),
        ("caseload", "open_cases", "501", "bounds"),
        ("caseload", "trauma_cases", "16", "trauma-beyond-open"),
        ("exposure", "critical_incidents", "201", "bounds"),
        ("exposure", "direct_hours", "740.25", "hours-beyond-days"),
        ("exposure", "direct_hours", "740", None),
    ],
)
def test_each_row_rule_finds_its_row_at_the_limit(
    warehouse: duckdb.DuckDBPyConnection, name: str, column: str, text: str, rule: str | None
) -> None:
    found = failure_of(warehouse, name, column, text)
    assert (found and found[0]) == rule


@pytest.mark.parametrize(("grain", "most"), [("day", 24), ("week", 168), ("month", 744)])
def test_exposure_hours_fit_into_the_days_of_the_grain(
    warehouse: duckdb.DuckDBPyConnection, grain: str, most: int
) -> None:
    mapping = replace(mapping_of(EXPORTS["exposure"]), grain=grain)
    rows = [["p1", "2026-01-01", str(most), extra, "0"] for extra in ("0", "0.25")]
    assert [row[0] and row[0][0] for row in staged(warehouse, mapping, *rows)] == [None, "hours-beyond-days"]


def test_a_row_is_set_aside_for_the_first_rule_that_it_breaks(warehouse: duckdb.DuckDBPyConnection) -> None:
    row = ["p2", "2026-01-31", "NaN", "501"]
    assert staged(warehouse, mapping_of(EXPORTS["caseload"]), row)[0][0] == ("format", "open_cases")


def spells(*days: tuple[int, int]) -> list[list[str]]:
    return [["p1", f"2026-01-{a:02d}", f"2026-01-{b:02d}", "4", "sickness"] for a, b in days]


@pytest.mark.parametrize(
    ("days", "late"),
    [
        ([(1, 5), (6, 9)], [0, 0]),
        ([(1, 5), (5, 9)], [0, 1]),
        ([(5, 9), (1, 5)], [1, 0]),
        ([(1, 9), (1, 5)], [1, 0]),
        ([(1, 9), (2, 3), (4, 5), (10, 11)], [0, 1, 1, 0]),
    ],
)
def test_of_overlapping_spells_the_later_starting_is_set_aside(
    warehouse: duckdb.DuckDBPyConnection, days: list[tuple[int, int]], late: list[int]
) -> None:
    rows = staged(warehouse, mapping_of(EXPORTS["absences"]), *spells(*days))
    assert [int(row[0] is not None) for row in rows] == late
    assert {row[0] for row in rows} <= {None, ("overlap", "start_date")}


def test_a_spell_that_is_set_aside_for_another_reason_sets_nothing_aside(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    broken = ["p1", "2026-01-01", "2026-01-31", "-4", "sickness"]
    rows = staged(warehouse, mapping_of(EXPORTS["absences"]), broken, *spells((2, 3)))
    assert [row[0] and row[0][0] for row in rows] == ["bounds", None]


def test_spells_stored_from_another_file_stand_whatever_their_start(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("insert into absences values (7, 2, 'p1', '2026-01-05', '2026-01-08', 4, 'other')")
    rows = staged(warehouse, mapping_of(EXPORTS["absences"]), *spells((1, 5), (8, 8), (9, 9)))
    assert [row[0] and row[0][0] for row in rows] == ["overlap", "overlap", None]


def test_two_contracts_overlap_freely_in_different_units_but_not_in_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    def contract(unit: str, start: str, role: str) -> list[str]:
        return ["p1", unit, role, start, "", "20", "false"]

    rows = [
        contract("U1", "2026-01-01", "a"),
        contract("U2", "2026-01-01", "a"),
        contract("U1", "2026-03-01", "b"),
    ]
    found = staged(warehouse, mapping_of(EXPORTS["staff"]), *rows)
    assert [row[0] and row[0][0] for row in found] == [None, None, "overlap"]


def test_an_exact_repetition_is_a_duplicate_and_a_near_one_is_not(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    other = ["p1", "2026-01-30", "15", "6"]
    rows = [GOOD["caseload"], GOOD["caseload"], other]
    found = staged(warehouse, mapping_of(EXPORTS["caseload"]), *rows)
    assert [row[0] and row[0][0] for row in found] == [None, "duplicate", None]
    found = staged(warehouse, mapping_of(EXPORTS["caseload"], distinct=True), *rows)
    assert [row[0] and row[0][0] for row in found] == [None, "collapsed", None]


def test_a_row_like_a_colleagues_is_no_duplicate(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into staff select * replace ('p2' as person) from staff")
    rows = staged(warehouse, mapping_of(EXPORTS["caseload"]), GOOD["caseload"], ["p2", *GOOD["caseload"][1:]])
    assert [row[0] for row in rows] == [None, None]


def test_a_row_repeating_one_stored_from_another_file_is_a_duplicate(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    warehouse.execute("insert into caseload values (7, 2, 'p1', '2026-01-31', 15, 6)")
    assert failure_of(warehouse, "caseload", "trauma_cases", "6") == ("duplicate", "")


@pytest.mark.parametrize("name", EXPORTS)
def test_no_reason_holds_more_than_declared_words(name: str) -> None:
    failures = Conversion(mapping_of(EXPORTS[name])).failures
    assert all(failure.rule and failure.reason for failure in failures)
