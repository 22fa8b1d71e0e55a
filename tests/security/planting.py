"""What is planted in each export, and the files it is written to: workbooks, and texts of three kinds."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property

from canaries import AWKWARD, Canary, Place, Refuge, Salt, ordinary
from openpyxl import Workbook
from openpyxl.comments import Comment

from pipelines.exports import EXPORTS, PERSON_ID, STAFF, Export

SIDES = ("left", "right")
CROWD = tuple(f"P{number:03d}" for number in range(100))
Cell = Canary | str
Grid = list[list[Cell]]


@dataclass(frozen=True)
class Layout:
    """How one export's file is written and what its mapping says of it."""

    suffix: str
    encoding: str = "utf-8"
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."

    def text(self, cell: Cell) -> str:
        """A cell as this kind of file holds it."""
        text = cell.cell if isinstance(cell, Canary) else cell
        if _is_day(text):
            return date.fromisoformat(text).strftime(self.date_format)
        return text.replace(".", self.decimal_mark) if _is_number(text) else text

    @property
    def mapping(self) -> str:
        return (
            f'encoding = "{self.encoding}"\ndelimiter = "{self.delimiter}"\n'.replace("\t", "\\t")
            + f'date_format = "{self.date_format}"\ndecimal_mark = "{self.decimal_mark}"\n'
        )


LAYOUTS = (
    Layout(".xlsx"),
    Layout(".csv"),
    Layout(".txt", "cp1252", ";", "%d/%m/%Y", ","),
    Layout(".tsv", "utf-16", "\t"),
)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def heading(column: str) -> str:
    return column.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Planted:
    """One export of an agency, every column of it planted, between two columns that nothing reads."""

    export: Export
    salt: Salt
    layout: Layout

    @cached_property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(self.salt, self.export, column) for column in self.export.columns)

    @cached_property
    def unread_heading(self) -> Canary:
        return self.salt.word(f"{self.export.name}, unread heading")

    @cached_property
    def name(self) -> Canary:
        return self.salt.word(f"{self.export.name}, file name", Refuge.FILE_NAMES)

    @property
    def file_name(self) -> str:
        return f"{self.export.name} {self.name.text}{self.layout.suffix}"

    @cached_property
    def rows(self) -> Grid:
        """Two accepted rows, far in time and near, then each refused cell in a row of its own."""
        far, near = ([place.accepted(is_far) for place in self.places] for is_far in (True, False))
        refused = [
            [*near[: place.step], cell, *near[place.step + 1 :]]
            for place in self.places
            for cell in place.refused()
        ]
        return [far, near, *refused]

    @cached_property
    def grid(self) -> Grid:
        """Everything that stands in the file; of the crowd, staff has all and the others every fifth."""
        crowd = CROWD if self.export is STAFF else CROWD[::5]
        names = self.export.names
        common = [
            [person if column.name == PERSON_ID else ordinary(column) for column in self.export.columns]
            for person in crowd
        ]
        head: list[Cell] = [self.unread_heading, *(heading(name) for name in names), "Comments"]
        left, right = (
            self.salt.word(f"{self.export.name}, unread on the {side}", tail=AWKWARD) for side in SIDES
        )
        return [head, *([left, *row, right] for row in [*common, *self.rows])]

    @cached_property
    def hidden(self) -> Canary:
        """In the parts of a workbook that no sheet shows: author, comment, another sheet."""
        return self.salt.word(f"{self.export.name}, hidden part of the workbook")

    @property
    def canaries(self) -> tuple[Canary, ...]:
        cells = [cell for row in self.grid for cell in row if isinstance(cell, Canary)]
        hidden = [self.hidden] if self.layout.suffix == ".xlsx" else []
        return tuple(dict.fromkeys([*cells, self.name, *hidden]))

    def mapping(self, last_month: str) -> str:
        """Its part of mapping.toml."""
        columns = "".join(f'{name} = "{heading(name)}"\n' for name in self.export.names)
        table = f"exports.{self.export.name}"
        return (
            f'[{table}]\nfile = "{self.export.name} *{self.layout.suffix}"\n'
            f'covers = ["2026-01", "{last_month}"]\n{self.layout.mapping}[{table}.columns]\n{columns}'
        )

    @property
    def content(self) -> bytes:
        return workbook(self) if self.layout.suffix == ".xlsx" else delimited(self.grid, self.layout)


def delimited(grid: Sequence[Sequence[Cell]], layout: Layout) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter, lineterminator="\n")
    writer.writerows([layout.text(cell) for cell in row] for row in grid)
    return text.getvalue().encode(layout.encoding)


def workbook(planted: Planted) -> bytes:
    """Days and numbers as such in the row after the far one, as texts elsewhere."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in planted.grid:
        as_typed = row[1:-1] == planted.rows[1]
        sheet.append([_typed(cell) if as_typed else planted.layout.text(cell) for cell in row])
    sheet["A1"].comment = Comment(planted.hidden.text, planted.hidden.text)
    book.properties.creator = planted.hidden.text
    book.create_sheet("Notes").append([planted.hidden.text])
    book["Notes"].sheet_state = "hidden"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _typed(cell: Cell) -> object:
    if isinstance(cell, Canary) and isinstance(cell.typed, Decimal):
        return float(cell.text)
    text = cell.cell if isinstance(cell, Canary) else cell
    return datetime.combine(date.fromisoformat(text), time()) if _is_day(text) else text


def planted(salt: Salt, exports: Mapping[str, Export] = EXPORTS) -> tuple[Planted, ...]:
    """Every declared export, each in another kind of file."""
    return tuple(
        Planted(export, salt, LAYOUTS[place % len(LAYOUTS)]) for place, export in enumerate(exports.values())
    )
