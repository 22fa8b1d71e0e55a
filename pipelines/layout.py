"""Where the table stands in a file: lines before its header, two header lines, totals, headings by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from privacy.errors import BadExport

Cells = Sequence[str]
Numbered = tuple[int, Cells]  # the line that an analyst sees, and its cells
MOST_HEADINGS = 2_000
LAST_HEADER_LINE = 100
MOST_HEADER_LINES = 3
_NTH = re.compile(r"(.+) \[([1-9][0-9]?)\]")


@dataclass(frozen=True)
class Layout:
    """How a file's table is laid out.

    ``header_line`` is the line on which the header begins, None for the first one that is not empty. Of two
    header lines a heading is "Upper / Lower", of three "Upper / Middle / Lower". A row that begins with
    one of ``totals`` is no data. Only with ``line_breaks`` may a cell of a text's rows hold one.
    """

    header_line: int | None = None
    header_lines: int = 1
    totals: tuple[str, ...] = ()
    line_breaks: bool = False

    @classmethod
    def parse(cls, table: Mapping[str, object], where: str) -> Layout:
        """Read the keys of an export's table. Raises BadExport for a line or words that cannot be."""
        line, lines, totals = table.get("header_line"), table.get("header_lines", 1), table.get("totals", [])
        if line is not None and (type(line) is not int or not 1 <= line <= LAST_HEADER_LINE):
            raise BadExport(f"{where}: 'header_line' must be the number of a line, 1 to {LAST_HEADER_LINE}.")
        if type(lines) is not int or not 1 <= lines <= MOST_HEADER_LINES:
            raise BadExport(f"{where}: 'header_lines' must be 1 to {MOST_HEADER_LINES}.")
        if not isinstance(totals, list) or not all(isinstance(word, str) and word.strip() for word in totals):
            raise BadExport(f"{where}: 'totals' must be a list of words, such as [\"Total\"].")
        if not isinstance(breaks := table.get("line_breaks", False), bool):
            raise BadExport(f"{where}: 'line_breaks' must be true or false.")
        return cls(line, lines, tuple(totals), breaks)

    def is_total(self, cells: Cells) -> bool:
        if not self.totals:
            return False
        first = next((plain(cell) for cell in cells if cell.strip()), "")
        return any(first == plain(word) or first.startswith(f"{plain(word)} ") for word in self.totals)


class Line(NamedTuple):
    """One line of data: its number in the file and its texts, stripped, in the order of the headings.

    ``is_total`` is true of a line that only sums up others. ``place`` says what the number alone does not:
    the sheet, where a file has several. A tuple, since millions of them are made.
    """

    number: int
    texts: tuple[str, ...]
    is_total: bool = False
    place: str = ""


def plain(text: str) -> str:
    """A heading as headings are compared: blanks of every kind are one, and case does not matter.

    >>> plain("  Total FTE\\u00a0 Days ")
    'total fte days'
    """
    return " ".join(text.split()).casefold()


def data_lines(
    file: str, rows: Iterator[Numbered], layout: Layout, headings: Sequence[str]
) -> Iterator[Line]:
    """The lines of data below the header.

    Raises:
        BadExport: there is no such header, a heading is missing or doubled, a line has another width than
            the header, or there is no line of data.
    """
    header, width = read_header(file, rows, layout)
    picked, named = _picker(places_of(file, header, headings)), len(header)
    for number, cells in not_none(file, rows):
        if len(cells) != width or named != width:
            check_width(file, number, cells, width, named)
        yield Line(number, tuple(map(str.strip, picked(cells))), layout.is_total(cells))


def not_none(file: str, rows: Iterator[Numbered]) -> Iterator[Numbered]:
    """The same rows below a header. Raises BadExport where there is none."""
    first = next(rows, None)
    if first is None:
        raise BadExport(f"{file} holds a header and no data line; export it again or unmap the export.")
    yield first
    yield from rows


def _picker(places: Sequence[int]) -> Callable[[Cells], tuple[str, ...]]:
    """What takes the cells at some places out of a row."""
    if len(places) == 1:
        return lambda cells: (cells[places[0]],)
    return itemgetter(*places)


def read_header(file: str, rows: Iterator[Numbered], layout: Layout) -> tuple[tuple[str, ...], int]:
    """The headings up to the last one that is not empty, and how many cells the header has.

    Raises:
        BadExport: there is no such header, or it has more headings than any export.
    """
    found = list(_header_rows(file, rows, layout))
    width = max(len(cells) for cells in found)
    rows_above = _filled(found)
    names = [_joined([cells[n] if n < len(cells) else "" for cells in rows_above]) for n in range(width)]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_HEADINGS:
        raise BadExport(f"{file} has more than {MOST_HEADINGS:,} columns; export only those that are needed.")
    return tuple(names), width


def _header_rows(file: str, rows: Iterator[Numbered], layout: Layout) -> Iterator[Cells]:
    wanted = layout.header_line
    for number, cells in rows:
        if wanted is None or number == wanted:
            yield cells
            yield from (cells for _, cells in _taken(rows, layout.header_lines - 1))
            return
        if number > wanted:
            break
    if wanted is None:
        raise BadExport(f"{file} is empty; export it again.")
    raise BadExport(f"{file} has no header on line {wanted}; correct 'header_line' in the mapping.")


def _taken(rows: Iterator[Numbered], count: int) -> Iterator[Numbered]:
    for _ in range(count):
        if (row := next(rows, None)) is not None:
            yield row


def _filled(rows: Sequence[Cells]) -> list[Cells]:
    """Header lines, of which the uppermost of several says each heading once for all columns below it."""
    uppermost, *others = ([cell.strip() for cell in cells] for cells in rows)
    for place in range(1, len(uppermost)) if others else ():
        uppermost[place] = uppermost[place] or uppermost[place - 1]
    return [uppermost, *others]


def _joined(parts: Sequence[str]) -> str:
    return " / ".join(part for part in parts if part)


def places_of(file: str, header: Sequence[str], headings: Iterable[str]) -> tuple[int, ...]:
    """The columns of headings. Raises BadExport where one is missing or doubled."""
    known = [plain(name) for name in header]
    return tuple(_place(file, known, heading) for heading in headings)


def _place(file: str, known: Sequence[str], heading: str) -> int:
    """The column of a heading; of several of one name ``Hours [2]`` is the second."""
    found = [place for place, name in enumerate(known) if name == plain(heading)]
    if not found and (nth := _NTH.fullmatch(heading.strip())):
        same = [place for place, name in enumerate(known) if name == plain(nth[1])]
        found = same[int(nth[2]) - 1 : int(nth[2])]
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadExport(
            f"{file} lacks the heading '{heading}' in its header line of {len(known)} cells; correct the "
            "file or the mapping (delimiter, header_line), or look at it with 'leeward map'."
        )
    raise BadExport(
        f"{file} has the heading '{heading}' {len(found)} times; name the one that is meant, as in "
        f"'{heading} [2]'."
    )


def check_width(file: str, number: int, cells: Cells, width: int, named: int) -> None:
    """A line is exactly as wide as its header, else columns could move; beyond all headings it is empty.

    Raises:
        BadExport: it is not.
    """
    if len(cells) != width:
        raise BadExport(
            f"{file}, line {number}: {len(cells)} cells where the header has {width}; "
            "export the file again with its texts quoted."
        )
    if any(cell.strip() for cell in cells[named:width]):
        raise BadExport(
            f"{file}, line {number}: a cell beyond the last heading is filled, so columns may have moved; "
            "name every column and export the file again."
        )
