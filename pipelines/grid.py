"""Grids: files with a row a person and a column a day, each filled cell of which is a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.dateformat import DateFormat
from pipelines.day_headings import day_columns
from pipelines.exports import GRID, Export
from pipelines.layout import Layout, Line, Numbered, check_width, not_none, places_of, plain, read_header
from pipelines.words import Words
from privacy.errors import BadExport
from privacy.periods import Cadence, Period

DAY, CELL = "{day}", "{cell}"  # stand for the headings of what a cell is of and what is in it
COLUMNS, MOST_LINES = 1_000, 2_000_000  # a cell's number is its line's times COLUMNS, and its column's


@dataclass(frozen=True)
class Grid:
    """The months that a grid's days are of, by name of file or sheet; ``""`` is any."""

    months: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, export: Export, table: Mapping[str, object], columns: Words, where: str) -> Grid | None:
        """Read ``shape`` and ``period`` of an export's table; None without a grid.

        Raises:
            BadExport: no column is what a cell holds, the days have a heading, or the period or the grain is
                none of a grid.
        """
        given = table.get("period", {})
        if table.get("shape") != GRID:
            if "period" in table:
                raise BadExport(f"{where}: 'period' needs shape = \"{GRID}\".")
            return None
        if export.grains and table.get("grain") != "day":
            raise BadExport(f'{where}: a cell of a grid is of a day; declare grain = "day".')
        if CELL not in columns.values():
            raise BadExport(f'{where}: no column is what the grid\'s cells hold; map one to "{CELL}".')
        if any(columns.get(name) != DAY for name in export.spell):
            raise BadExport(f"{where}: the columns of a grid are its days; take '{export.spell[0]}' out.")
        periods = given if isinstance(given, dict) else {"": given}
        return cls({name: _months(text, where) for name, text in periods.items()})

    def months_of(self, file: str, sheet: str) -> tuple[Period, ...]:
        """The months that the days of a file or its sheet may be of; none where the headings say the year."""
        return self.months.get(sheet) or self.months.get(file) or self.months.get("", ())


def _months(text: object, where: str) -> tuple[Period, ...]:
    """The months of ``2026``, ``2026-02``, ``2026-Q1`` or, as twelve that end there, ``2026-03/P12M``."""
    written = text if isinstance(text, str) else ""
    try:
        if re.fullmatch(r"[0-9]{4}", written):
            return Period(Cadence.MONTH, int(written) * 12 + 11).trailing(12)
        if written.endswith("/P12M"):
            return Period.parse(written.removesuffix("/P12M")).months[-1].trailing(12)
        return Period.parse(written).months
    except ValueError:
        raise BadExport(
            f'{where}: \'period\' is a year, a month or twelve months, such as "2026", "2026-02" or '
            '"2026-03/P12M"; or a table with that of each file or sheet.'
        ) from None


def grid_lines(
    file: str,
    rows: Iterator[Numbered],
    layout: Layout,
    headings: Sequence[str],
    months: Sequence[Period],
    date_format: DateFormat,
) -> Iterator[Line]:
    """A line for each filled cell of a day, its texts in the order of the headings.

    Raises:
        BadExport: a heading is missing or doubled, a day's heading is unclear, a line has another width, or
            there is no line below the header. A line without a filled cell is of somebody without absence.
    """
    header, width = read_header(file, rows, layout)
    own = [heading for heading in headings if heading not in (DAY, CELL)]
    places = dict(zip(own, places_of(file, header, own), strict=True))
    free = ["" if plain(name) in map(plain, own) else name for name in header]
    days = day_columns(file, free, months, date_format)
    if len(header) >= COLUMNS:
        raise BadExport(f"{file} has {COLUMNS:,} columns or more; give a file for each year.")
    for number, cells in not_none(file, rows):
        check_width(file, number, cells, width, len(header))
        if number >= MOST_LINES:
            raise BadExport(f"{file} has more than {MOST_LINES:,} lines; export it in several files.")
        said = {heading: cells[place].strip() for heading, place in places.items()}
        is_total = layout.is_total(cells)
        for day in days:
            if cell := cells[day.place].strip():
                said |= {DAY: day.text, CELL: cell}
                texts = tuple(said[heading] for heading in headings)
                place = f"line {number}, column {day.place + 1}"
                yield Line(number * COLUMNS + day.place + 1, texts, is_total, place)
