"""Every export is declared once, and what derives from a declaration agrees with it."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.exports import EXPORTS, PERSON_ID, STAFF, Column, Export, Kind
from pipelines.warehouse import prepare, table_definition

COLUMNS = [(export, column) for export in EXPORTS.values() for column in export.columns]


def name_of(pair: tuple[Export, Column]) -> str:
    return f"{pair[0].name}.{pair[1].name}"


@pytest.mark.parametrize("pair", COLUMNS, ids=name_of)
def test_every_column_says_what_it_means_and_what_it_may_hold(pair: tuple[Export, Column]) -> None:
    column = pair[1]
    assert column.meaning.endswith(".")
    assert (column.low is None) == (column.high is None)
    assert (column.low is None) == (column.kind in (Kind.TEXT, Kind.CHOICE, Kind.FLAG))
    assert bool(column.choices) == (column.kind is Kind.CHOICE)


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_rules_and_spells_name_declared_columns(export: Export) -> None:
    assert export.columns[0].name == PERSON_ID
    assert {rule.column for rule in export.rules} <= set(export.names)
    assert set(export.spell) <= set(export.names)
    assert set(export.apart) <= set(export.stored_names)


def test_staff_is_loaded_first_since_the_roster_decides_who_is_known() -> None:
    assert next(iter(EXPORTS.values())) is STAFF


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_a_table_has_the_declared_columns_and_no_person_id(export: Export) -> None:
    with duckdb.connect() as warehouse:
        prepare(warehouse)
        columns = warehouse.execute(f"describe {export.name}").fetchall()
    found = [(name, kind, is_null == "YES") for name, kind, is_null, *_ in columns]
    declared = [(c.stored_name, c.kind.sql_type, c.nullable) for c in export.columns]
    assert found == [("load_id", "INTEGER", False), ("line", "INTEGER", False), *declared]
    assert PERSON_ID not in table_definition(export)


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [
        (
            STAFF.column("weekly_hours"),
            ["0.25", "37.5", "80"],
            ["0", "80.1", "-1", "NaN", "inf", "1e400", "3,5"],
        ),
        (STAFF.column("start_date"), ["2026-02-28"], ["2026-02-31", "28/02/2026", "1066-01-01", ""]),
        (STAFF.column("end_date"), ["", "2026-02-28"], ["never"]),
        (STAFF.column("is_supervisor"), ["true", "FALSE"], ["yes", "1", ""]),
        (STAFF.column("role"), ["Caseworker"], ["", "x" * 201]),
        (EXPORTS["caseload"].column("open_cases"), ["0", "500"], ["501", "-1", "1.5", "1_0", "0x1F"]),
        (EXPORTS["separations"].column("reason"), ["voluntary"], ["Voluntary", "resigned", ""]),
    ],
    ids=lambda value: value.name if isinstance(value, Column) else "",
)
def test_a_column_accepts_canonical_texts_within_its_limits(
    column: Column, good: list[str], bad: list[str]
) -> None:
    assert [text for text in good if not column.accepts(text)] == []
    assert [text for text in bad if column.accepts(text)] == []
