"""A good file that comes in another shape gives the same rows or is refused: never other rows."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.conversion import Conversion, convert
from pipelines.mapping import ExportMapping, read_mapping
from pipelines.pseudonyms import Pseudonyms
from pipelines.staging import StagedFile, stage
from pipelines.warehouse import prepare, statement
from privacy.errors import BadExport

MAPPING = """
[exports.staff]
file = "staff.csv"
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
role = "Beruf"
start_date = "From"
end_date = "To"
weekly_hours = "Hours"
[exports.staff.constants]
is_supervisor = "false"
[exports.absences]
file = "absences.csv"
encoding = "cp1252"
delimiter = ";"
date_format = "%d/%m/%Y"
decimal_mark = ","
[exports.absences.columns]
person_id = "Personal-Nr"
start_date = "Von"
end_date = "Bis"
hours = "Stunden"
kind = "Grund für die Abwesenheit"
[exports.absences.values.kind]
"krank" = "sickness"
"häuslich" = "family"
""".replace("Grund für die", "Art der")
ROSTER = [
    ["Id", "Unit", "Beruf", "From", "To", "Hours", "Bemerkung"],
    ["007", "U1", "Betreuerin für Kinder", "2025-01-01", "", "37.5", "a, b; c"],
    ["7", "U2", 'dite "éducatrice"', "2024-02-29", "2026-03-31", "20", ""],
    ["A-1", "U2", "Ärztin, leitend", "2025-06-30", "", "7.25", "x\ty"],
]
ABSENT = [
    ["Personal-Nr", "Von", "Bis", "Stunden", "Art der Abwesenheit"],
    ["007", "05/01/2026", "06/01/2026", "15,5", "krank"],
    ["7", "03/04/2026", "03/04/2026", "7,5", "häuslich"],
    ["A-1", "12/11/2026", "12/12/2026", "100", "krank"],
]
GOOD = {"staff": ROSTER, "absences": ABSENT}
WORN = {"staff": ("utf-8", ","), "absences": ("cp1252", ";")}


@dataclass(frozen=True)
class Shape:
    """How a table is written: as it is declared, but for what a test changes."""

    encoding: str
    delimiter: str
    line_end: str = "\n"
    is_quoted: bool = False
    rows: Sequence[int] = (0, 1, 2)
    columns: Sequence[int] = ()
    headings: str = "as they are"
    around: str = ""
    blank_lines: int = 0
    empty_rows: int = 0
    is_marked: bool = False

    def write(self, grid: Sequence[Sequence[str]]) -> bytes:
        order = [*self.columns, *(n for n in range(len(grid[0])) if n not in self.columns)]
        head, *data = ([row[place] for place in order] for row in grid)
        rows = [[HEADINGS[self.headings](name) for name in head], *(data[place] for place in self.rows)]
        rows = [[f"{self.around}{cell}{self.around}" for cell in row] for row in rows]
        rows += [[""] * len(head)] * self.empty_rows
        text = io.StringIO()
        quoting = csv.QUOTE_ALL if self.is_quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=quoting)
        writer.writerows(rows)
        mark = "\ufeff" if self.is_marked else ""
        return (mark + text.getvalue() + self.line_end * self.blank_lines).encode(self.encoding)


HEADINGS = {
    "as they are": str,
    "upper": str.upper,
    "lower": str.lower,
    "blanks": lambda name: f"  {name.replace(' ', '  ')}\u00a0",
}


def worn(export: str, **changes: Any) -> Shape:
    encoding, delimiter = WORN[export]
    return replace(Shape(encoding, delimiter), **changes)


@dataclass(frozen=True)
class Door:
    """What reads and converts one file, in memory."""

    folder: Path
    mappings: dict[str, ExportMapping]
    pseudonyms: Pseudonyms
    warehouse: duckdb.DuckDBPyConnection

    def rows(self, export: str, content: bytes) -> Counter[tuple[Any, ...]] | None:
        """The typed rows that count, by how often; None where the file is refused, in one sentence."""
        path = self.folder / f"{export}.csv"
        path.write_bytes(content)
        mapping = self.mappings[export]
        try:
            stage(self.warehouse, mapping, [StagedFile(1, 1, path)], self.pseudonyms)
        except BadExport as refusal:
            cells = {cell for row in GOOD[export][1:] for cell in row if len(cell) > 4}
            assert not [cell for cell in cells if cell in str(refusal)] and "\n" not in str(refusal)
            return None
        convert(self.warehouse, Conversion(mapping))
        columns = ", ".join(mapping.export.stored_names)
        return Counter(
            self.warehouse.execute(f"select {columns} from staged where failure is null").fetchall()  # noqa: S608
        )


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    mappings = {mapping.export.name: mapping for mapping in read_mapping(folder / "mapping.toml")}
    with duckdb.connect() as warehouse:
        prepare(warehouse)
        warehouse.execute(statement("ingest_known_units"), {"units": ["U1", "U2"]})
        names = Pseudonyms(bytes(32))
        for row in ROSTER[1:]:
            staff = "insert into staff values (99, 2, ?, 'U1', 'r', '2019-01-01', '2019-12-31', 1, false)"
            warehouse.execute(staff, [names.of(row[0])])
        yield Door(folder, mappings, names, warehouse)


def good(door: Door, export: str) -> Counter[tuple[Any, ...]]:
    rows = door.rows(export, worn(export).write(GOOD[export]))
    assert rows is not None and rows.total() == 3
    return rows


SAME, REFUSED = "same", "refused"
SINGLE = (
    ("carriage return and line feed", {"line_end": "\r\n"}, SAME),
    ("carriage return alone", {"line_end": "\r"}, SAME),
    ("everything in quotes", {"is_quoted": True}, SAME),
    ("rows in another order", {"rows": (2, 0, 1)}, SAME),
    ("columns in another order", {"columns": (4, 2, 0)}, SAME),
    ("headings in capitals", {"headings": "upper"}, SAME),
    ("headings in small letters", {"headings": "lower"}, SAME),
    ("blanks around and in headings", {"headings": "blanks"}, SAME),
    ("blanks around cells", {"around": "  "}, SAME),
    ("no-break spaces around cells", {"around": "\u00a0"}, SAME),
    ("blank lines at the end", {"blank_lines": 3}, SAME),
    ("rows of delimiters at the end", {"empty_rows": 2}, SAME),
    ("another delimiter", {"delimiter": "|"}, REFUSED),
    ("tabs", {"delimiter": "\t"}, REFUSED),
    ("UTF-16", {"encoding": "utf-16"}, REFUSED),
    ("UTF-16 without a mark", {"encoding": "utf-16-le"}, REFUSED),
)


@pytest.mark.parametrize("export", GOOD)
@pytest.mark.parametrize(("name", "changes", "verdict"), SINGLE, ids=[name for name, _, _ in SINGLE])
def test_one_change_alone(door: Door, export: str, name: str, changes: dict[str, Any], verdict: str) -> None:
    found = door.rows(export, worn(export, **changes).write(GOOD[export]))
    assert found == (good(door, export) if verdict == SAME else None)


def test_a_mark_at_the_beginning_is_part_of_utf8_alone(door: Door) -> None:
    assert door.rows("staff", worn("staff", is_marked=True).write(ROSTER)) == good(door, "staff")
    marked = worn("absences", encoding="utf-8", is_marked=True).write(ABSENT)
    assert door.rows("absences", marked) is None


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1"])
def test_a_text_that_is_not_utf8_is_refused_where_utf8_is_declared(door: Door, encoding: str) -> None:
    assert door.rows("staff", worn("staff", encoding=encoding).write(ROSTER)) is None


def test_a_text_in_utf8_is_refused_where_another_encoding_is_declared(door: Door) -> None:
    """Every byte means something in these encodings, so it would be read as other words without a word."""
    assert door.rows("absences", worn("absences", encoding="utf-8").write(ABSENT)) is None


def test_cp1252_is_refused_where_an_encoding_without_its_signs_is_declared(door: Door) -> None:
    text = worn("absences", rows=(0,)).write(
        [ABSENT[0], ["007", "05/01/2026", "06/01/2026", "15", "krank – lang"]]
    )
    latin = replace(door.mappings["absences"], encoding="iso-8859-1")
    declared = replace(door, mappings={**door.mappings, "absences": latin})
    assert declared.rows("absences", text) is None


def shapes(export: str) -> st.SearchStrategy[Shape]:
    encoding, delimiter = WORN[export]
    width = len(GOOD[export][0])
    return st.builds(
        Shape,
        encoding=st.sampled_from([encoding] * 4 + ["utf-8", "cp1252", "iso-8859-15", "utf-16"]),
        delimiter=st.sampled_from([delimiter] * 5 + [",", ";", "\t", "|"]),
        line_end=st.sampled_from(["\n", "\r\n", "\r"]),
        is_quoted=st.booleans(),
        rows=st.permutations(range(3)),
        columns=st.permutations(range(width)),
        headings=st.sampled_from(sorted(HEADINGS)),
        around=st.sampled_from(["", " ", "   ", "\u00a0"]),
        blank_lines=st.integers(0, 2),
        empty_rows=st.integers(0, 2),
        is_marked=st.booleans(),
    )


@settings(max_examples=40)
@given(data=st.data())
@pytest.mark.parametrize("export", GOOD)
def test_any_changes_together(door: Door, export: str, data: st.DataObject) -> None:
    shape = data.draw(shapes(export))
    try:
        content = shape.write(GOOD[export])
    except UnicodeEncodeError:
        return  # that encoding cannot hold the file
    found = door.rows(export, content)
    assert found is None or found == good(door, export)


def test_enough_of_them_are_read_for_that_to_say_something(door: Door) -> None:
    """A door that refuses everything would pass the test above."""
    dice = random.Random(7)
    shapes_read = [
        worn(
            "staff", line_end=dice.choice(["\n", "\r\n"]), is_quoted=dice.random() < 0.5,
            rows=dice.sample(range(3), 3), columns=dice.sample(range(7), 7),
            headings=dice.choice(sorted(HEADINGS)), around=dice.choice(["", " "]),
        )
        for _ in range(20)
    ]  # fmt: skip
    assert all(door.rows("staff", shape.write(ROSTER)) == good(door, "staff") for shape in shapes_read)
