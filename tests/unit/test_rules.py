"""What a mapping can choose about doubtful rows: each choice does what is declared, to nobody else's rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from test_conversion import mapping_of

from pipelines.conversion import Conversion, convert
from pipelines.exports import EXPORTS
from pipelines.mapping import read_mapping
from pipelines.rules import DOUBTS, Choice, Doubt, Failure, choices_table, doubts_of, read_choices
from pipelines.warehouse import prepare, statement
from privacy.errors import BadExport

EVERY = [
    (export, doubt.name, choice) for doubt in DOUBTS for export in doubt.exports for choice in doubt.choices
]
FIRST_DAY = date(2026, 1, 1)
Judged = list[tuple[str | None, tuple[str, ...], tuple[Any, ...]]]


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        connection.execute(statement("ingest_known_units"), {"units": ["U1", "U2"]})
        for person in ("p1", "p2"):
            staff = "insert into staff values (99, 2, ?, 'U1', 'r', '2019-01-01', '2019-12-31', 37.5, false)"
            connection.execute(staff, [person])
        yield connection


def judged(warehouse: duckdb.DuckDBPyConnection, export: str, rows: list[list[str]], **rules: str) -> Judged:
    """Per row the rule that sets it aside, those that doubt it, and its columns as they would be stored."""
    mapping = mapping_of(EXPORTS[export])
    chosen = {name.replace("_", "-"): Choice(choice) for name, choice in rules.items()}
    conversion = Conversion(replace(mapping, rules=chosen), FIRST_DAY)
    names = ", ".join(f"{name}_text varchar" for name in mapping.export.stored_names)
    warehouse.execute(statement("ingest_stage_text", columns=names))
    for line, row in enumerate(rows, start=2):
        warehouse.table("stage_text").insert([1, 1, line, "", False, *row])
    convert(warehouse, conversion)
    columns = "failure, doubts, * exclude (load_id, position, line, place, doubts, failure)"
    found = warehouse.execute(f"select {columns} from staged order by line").fetchall()  # noqa: S608
    failures = conversion.failures
    return [
        (
            None if failed is None else failures[failed].rule,
            tuple(failures[d].rule for d in doubts),
            tuple(cells),
        )
        for failed, doubts, *cells in found
    ]


def absence(first: str, last: str, hours: str = "8", person: str = "p1") -> list[str]:
    return [person, first and f"2026-01-{first}", last and f"2026-01-{last}", hours, "sickness"]


def contract(first: str, last: str, hours: str = "20", unit: str = "U1", person: str = "p1") -> list[str]:
    return [person, unit, "worker", first, last, hours, "false"]


def test_a_spell_without_start_is_set_aside_or_begins_with_the_coverage(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = [contract("", "", unit="U1"), contract("", "2025-06-30", unit="U2")]
    assert [row[0] for row in judged(warehouse, "staff", rows)] == ["no-start", "no-start"]
    cut = judged(warehouse, "staff", rows, no_start="cut")
    assert [(aside, doubts, cells[3]) for aside, doubts, cells in cut] == [
        (None, ("no-start",), FIRST_DAY),
        (None, ("no-start",), date(2025, 6, 30)),
    ]


def test_a_spell_that_ends_before_it_starts_is_set_aside_or_lasts_a_day(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = [absence("09", "05"), absence("20", "05", hours="25")]
    assert [row[0] for row in judged(warehouse, "absences", rows)] == ["end-before-start"] * 2
    first, second = judged(warehouse, "absences", rows, end_before_start="cut")
    assert first == (None, ("end-before-start",), ("p1", date(2026, 1, 9), date(2026, 1, 9), 8, "sickness"))
    assert second[0] == "hours-beyond-days"


def test_of_overlapping_spells_the_later_is_set_aside_cut_or_kept(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """5 January 2026 is a Monday."""
    rows = [absence("05", "07", "24"), absence("06", "12", "40"), absence("06", "07", "16")]
    assert [row[0] for row in judged(warehouse, "absences", rows)] == [None, "overlap", "overlap"]
    kept = judged(warehouse, "absences", rows, overlap="keep")
    assert [(row[0], row[1]) for row in kept] == [(None, ()), (None, ("overlap",)), (None, ("overlap",))]
    cut = judged(warehouse, "absences", rows, overlap="cut")
    assert [row[0] for row in cut] == [None, None, "overlap"]
    whole, rest = judged(warehouse, "absences", rows[:2], overlap="cut")
    assert whole[2][3] == 24
    assert rest == (None, ("overlap",), ("p1", date(2026, 1, 8), date(2026, 1, 12), 24, "sickness"))


def test_a_cut_spell_begins_after_what_another_file_holds(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into absences values (7, 2, 'p1', '2026-01-06', '2026-01-07', 4, 'other')")
    ((aside, doubts, cells),) = judged(warehouse, "absences", [absence("05", "09", "40")], overlap="cut")
    assert (aside, doubts, cells[1], cells[3]) == (None, ("overlap",), date(2026, 1, 8), 16)


def test_nothing_is_cut_of_a_spell_after_one_that_lasts(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = [contract("2026-01-01", ""), contract("2026-02-01", "")]
    assert [row[0] for row in judged(warehouse, "staff", rows, overlap="cut")] == [None, "overlap"]


def test_contracts_of_one_id_that_nobody_can_hold_are_set_aside_all_of_them(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contract("2026-01-01", "2026-03-31", "50", "U1"),
        contract("2026-03-31", "", "40", "U2"),
        contract("2026-05-01", "2026-05-31", "40", "U1"),
    ]
    found = [row[0] for row in judged(warehouse, "staff", rows)]
    assert found == ["contradiction", "contradiction", None]
    rows[1][3] = "2026-04-01"
    assert [row[0] for row in judged(warehouse, "staff", rows)] == [None, None, None]
    rows[1][3] = "2026-03-01"
    kept = judged(warehouse, "staff", rows, contradiction="keep")
    assert [(row[0], row[1]) for row in kept] == [(None, ("contradiction",))] * 2 + [(None, ())]


@pytest.mark.parametrize(
    ("export", "rows"),
    [
        ("caseload", [["p1", "2026-01-31", "15", "6"], ["p1", "2026-01-31", "3", "1"]]),
        ("separations", [["p1", "2026-01-31", "voluntary"], ["p1", "2026-01-31", "other"]]),
    ],
)
def test_rows_of_one_id_and_day_that_differ_are_set_aside_all_of_them(
    warehouse: duckdb.DuckDBPyConnection, export: str, rows: list[list[str]]
) -> None:
    assert [row[0] for row in judged(warehouse, export, rows)] == ["contradiction"] * 2
    assert [row[0] for row in judged(warehouse, export, [rows[0], rows[0]])] == [None, "duplicate"]
    kept = judged(warehouse, export, rows, contradiction="keep")
    assert [(row[0], row[1]) for row in kept] == [(None, ("contradiction",))] * 2


def test_people_and_units_that_nobody_knows_can_be_kept(warehouse: duckdb.DuckDBPyConnection) -> None:
    row = absence("05", "05", person="p9")
    assert judged(warehouse, "absences", [row])[0][0] == "unknown-person"
    assert judged(warehouse, "absences", [row], unknown_person="keep")[0][:2] == (None, ("unknown-person",))
    unit = contract("2026-01-01", "", unit="U9")
    assert judged(warehouse, "staff", [unit])[0][0] == "unknown-unit"
    assert judged(warehouse, "staff", [unit], unknown_unit="keep")[0][:2] == (None, ("unknown-unit",))


def messy(export: str, person: str) -> list[list[str]]:
    """Rows of a person that break every rule of doubt of the export."""
    rows = {
        "staff": [
            contract("", "2026-02-01", unit="U1"),
            contract("2026-01-15", "2026-01-10", unit="U2"),
            contract("2026-01-10", "", unit="U9"),
            contract("2026-01-05", "", "50", unit="U1"),
            contract("2026-01-07", "", "5", unit="U1"),
            contract("2026-01-10", "", "70", unit="U2"),
        ],
        "absences": [
            absence("05", "09", "40"),
            absence("", "07"),
            absence("08", "14"),
            absence("20", "19"),
            absence("09", "16"),
        ],
        "separations": [["", "2026-01-31", "voluntary"], ["", "2026-01-31", "other"]],
        "caseload": [
            ["", "2026-01-31", "15", "6"],
            ["", "2026-01-31", "3", "1"],
            ["", "2026-02-28", "3", "1"],
        ],
        "exposure": [["", "2026-01-31", "15", "6", "0"]],
    }[export]
    return [[person, *row[1:]] for row in (*rows, rows[-1])]


@pytest.mark.parametrize(("export", "rule", "choice"), EVERY, ids=[f"{e}.{r}.{c.value}" for e, r, c in EVERY])
def test_whatever_is_chosen_nobodys_row_is_judged_by_a_colleagues(
    warehouse: duckdb.DuckDBPyConnection, export: str, rule: str, choice: Choice
) -> None:
    rules = {rule.replace("-", "_"): choice.value}
    doubting: set[str | None] = set()
    for alone in ("p1", "p9"):
        others = [row for person in ("p2", "p8") for row in messy(export, person)]
        found = judged(warehouse, export, messy(export, alone), **rules)
        crowd = judged(warehouse, export, [*others, *messy(export, alone), *others], **rules)
        assert crowd[len(others) :][: len(found)] == found
        doubting |= {name for aside, doubts, _ in found for name in (aside, *doubts)}
    assert rule in doubting, "the rule is not put to the test here"


@pytest.mark.parametrize("export", EXPORTS)
def test_a_choice_is_read_or_refused_with_what_there_is(export: str) -> None:
    one = EXPORTS[export]
    for doubt in doubts_of(one):
        assert read_choices(one, {doubt.name: "set-aside"}, "here") == {}
        for choice in doubt.outcomes:
            assert read_choices(one, {doubt.name: choice.value}, "here") == {doubt.name: choice}
        for other in {*(c.value for c in Choice), "KEEP", "", 3, None} - {c.value for c in doubt.choices}:
            with pytest.raises(BadExport, match=f"'{doubt.name}' can be set-aside") as refused:
                read_choices(one, {doubt.name: other}, "here")
            assert all(choice.value in str(refused.value) for choice in doubt.choices)
    with pytest.raises(BadExport, match=f"'overlaps', which {export} does not have; it has"):
        read_choices(one, {"overlaps": "cut"}, "here")


def test_a_mapping_chooses_under_the_export_and_is_another_one_then(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    columns = "\n".join(f'{name} = "{name}"' for name in EXPORTS["staff"].names)
    text = f'[exports.staff]\nfile = "s.csv"\n[exports.staff.columns]\n{columns}\n'
    path.write_text(text)
    (plain,) = read_mapping(path)
    path.write_text(f'{text}[exports.staff.rules]\noverlap = "cut"\n')
    (chosen,) = read_mapping(path)
    path.write_text(f'{text}[exports.staff.rules]\noverlap = "set-aside"\n')
    (default,) = read_mapping(path)
    assert chosen.rules == {"overlap": Choice.CUT}
    assert chosen.fingerprint != plain.fingerprint == default.fingerprint


def test_a_rule_that_contradicts_itself_cannot_be_declared() -> None:
    why = Failure("x", "", "y")
    for wrong in (
        {"outcomes": {Choice.SET_ASIDE: ""}, "broken": "true"},
        {"outcomes": {Choice.CUT: ""}, "broken": "true"},
        {"outcomes": {Choice.KEEP: ""}, "broken": "true", "replaced": {"a": "b"}},
        {"outcomes": {}, "broken": "true", "found_by": "x"},
        {"outcomes": {}},
    ):
        with pytest.raises(ValueError, match="x: "):
            Doubt(why, ("staff",), **wrong)  # type: ignore[arg-type]


def test_the_page_shows_the_rules_as_they_are_declared() -> None:
    page = Path(__file__).parents[2] / "docs" / "mappings.md"
    assert choices_table() in page.read_text(encoding="utf-8")
