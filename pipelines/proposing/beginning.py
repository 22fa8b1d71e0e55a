"""The beginning of a file of any kind: its first rows, and what they are wrapped in."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO

from pipelines.confined import rows_of
from pipelines.formats.archive import largest_member
from pipelines.formats.delimited import SUFFIXES
from pipelines.formats.workbook import check_unpacked_size
from pipelines.layout import Numbered, plain
from pipelines.reading import ARCHIVE, TABLES
from privacy.errors import BadExport

LOOKED_AT, ROWS = 4 << 20, 5_000  # bytes of a text, rows of any file
DELIMITERS = (",", ";", "\t", "|")
TITLES = 20  # a header is looked for in so many lines


@dataclass(frozen=True)
class Beginning:
    """The first rows of a file. What is None or empty does not apply, or need not be declared.

    ``sheet`` is the sheet with the most rows where it is not the first one, ``alike`` are all sheets with its
    headings where there are several; ``member`` is the largest file of an archive that holds several tables.
    """

    rows: tuple[Numbered, ...]
    encoding: str | None = None
    why_encoding: str = ""
    delimiter: str | None = None
    sheet: str | None = None
    alike: tuple[str, ...] = ()
    member: str | None = None

    @property
    def has_line_breaks(self) -> bool:
        """Whether a cell of a text holds a line break."""
        return self.delimiter is not None and any(
            set("\r\n") & set(cell) for _, cells in self.rows[1:] for cell in cells
        )


def beginning_of(path: Path) -> Beginning:
    """Look into a file; what libraries unpack is looked at in a process of its own.

    Raises:
        BadExport: it cannot be read, or is of another kind.
    """
    if not path.is_file():
        raise BadExport(f"There is no file {path.name}; name an export.")
    if path.suffix.lower() in (*TABLES, ARCHIVE) and path.suffix.lower() not in SUFFIXES:
        ((_, found),) = rows_of(_looked_at, path, None)
        return found
    with path.open("rb") as file:
        return _text(path.name, file)


def _looked_at(path: Path, _: None) -> Iterator[tuple[int, Beginning]]:
    kind = path.suffix.lower()
    with path.open("rb") as file:
        if kind != ARCHIVE:
            yield 0, _of_kind(kind, path.name, file)
            return
        with largest_member(path.name, file, TABLES) as (member, kind, unpacked):
            whole = io.BytesIO(unpacked.read()) if kind not in SUFFIXES else unpacked
            yield 0, replace(_of_kind(kind, f"{path.name}, unpacked,", whole), member=member)


def _of_kind(kind: str, name: str, file: IO[bytes]) -> Beginning:
    look = {".xlsx": _workbook, ".parquet": _parquet}.get(kind, _text)
    return look(name, file)


def _text(name: str, file: IO[bytes]) -> Beginning:
    text, encoding, why = _decoded(name, file.read(LOOKED_AT))
    delimiter, rows = _delimited(name, text)
    return Beginning(tuple(rows), encoding, why, delimiter)


def _decoded(name: str, data: bytes) -> tuple[str, str, str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="ignore"), "utf-16", "it begins with the mark of UTF-16"
    if b"\0" in data:
        raise BadExport(f"{name} holds NUL bytes, so it is no text; export it as CSV or XLSX.")
    whole = data if len(data) < LOOKED_AT else data[: data.rfind(b"\n") + 1]
    try:
        return whole.decode("utf-8-sig"), "utf-8", "all that was looked at is valid UTF-8"
    except UnicodeDecodeError:
        pass
    if any(0x80 <= byte <= 0x9F for byte in whole):
        return whole.decode("cp1252", errors="replace"), "cp1252", "bytes 80 to 9F are letters in it alone"
    return whole.decode("iso-8859-1"), "iso-8859-1", "it is no valid UTF-8; cp1252 would read it the same"


def _delimited(file: str, text: str) -> tuple[str, list[Numbered]]:
    """The delimiter under which most lines have as many cells as each other, and more than one."""
    best: tuple[int, str, list[Numbered]] = (0, "", [])
    for delimiter in DELIMITERS:
        rows = _parsed(text, delimiter)
        widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        if width and (count, width) > (best[0], 0):
            best = (count, delimiter, rows)
    if not best[0]:
        raise BadExport(f"{file} has no line with several cells; export it as CSV.")
    return best[1], best[2]


def _parsed(text: str, delimiter: str) -> list[Numbered]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Numbered] = []
    last = 0
    try:
        for cells in islice(reader, ROWS):
            if any(cell.strip() for cell in cells):
                rows.append((last + 1, tuple(cells)))
            last = reader.line_num
    except csv.Error:
        pass  # what was read so far decides
    return rows


def _workbook(name: str, file: IO[bytes]) -> Beginning:
    import python_calamine

    check_unpacked_size(name, file)
    try:
        with python_calamine.load_workbook(file) as book:
            sheets = {
                each: book.get_sheet_by_name(each).to_python(nrows=ROWS, skip_empty_area=False)
                for each in book.sheet_names
            }
    except python_calamine.CalamineError:
        raise BadExport(f"{name} is no readable XLSX workbook; save it again.") from None
    return _of_sheets(name, {each: _filled(cells) for each, cells in sheets.items()})


def _of_sheets(name: str, sheets: Mapping[str, tuple[Numbered, ...]]) -> Beginning:
    largest = max(sheets, key=lambda each: len(sheets[each]), default="")
    rows = sheets.get(largest, ())
    headings = {each: _headings(name, rows) for each, rows in sheets.items()}
    alike = tuple(each for each in sheets if headings[each] and headings[each] == headings[largest])
    is_first = largest == next(iter(sheets), "")
    return Beginning(rows, sheet=None if is_first else largest, alike=alike if len(alike) > 1 else ())


def _headings(name: str, rows: Sequence[Numbered]) -> tuple[str, ...]:
    try:
        return below_header(name, rows)[1]
    except BadExport:
        return ()


def _filled(rows: Sequence[Sequence[object]]) -> tuple[Numbered, ...]:
    texts = ((number, [*map(_cell, cells)]) for number, cells in enumerate(rows, start=1))
    return tuple(row for row in texts if any(row[1]))


def _cell(cell: object) -> str:
    return cell.strftime("%Y-%m-%d") if isinstance(cell, date) else str(cell)


def _parquet(name: str, file: IO[bytes]) -> Beginning:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            batch = next(table.iter_batches(ROWS), None)
            names = table.schema_arrow.names
    except (pa.ArrowException, OSError):
        raise BadExport(f"{name} is no readable Parquet file; save it again.") from None
    columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
    rows = (
        (number, ["" if cell is None else str(cell) for cell in row])
        for number, row in enumerate(zip(*columns, strict=True), start=2)
    )
    return Beginning(((1, names), *rows))


def below_header(file: str, rows: Sequence[Numbered]) -> tuple[int, tuple[str, ...], list[Numbered]]:
    """The number of the header, the headings, and the lines of data.

    The header is the first line as wide as most lines are, and data is what stands below it and is as wide.

    Raises:
        BadExport: there is no such line, or nothing below it.
    """
    width = Counter(len(cells) for _, cells in rows).most_common(1)
    for number, cells in rows[:TITLES] if width else ():
        header = tuple(cell.strip() for cell in cells)
        filled = [plain(cell) for cell in header if cell]
        if len(cells) >= width[0][0] and len(filled) > 1 and not any(name[:1].isdigit() for name in filled):
            body = [(n, each) for n, each in rows if n > number and len(each) == len(cells)]
            if not body:
                break
            return number, header, body
    raise BadExport(f"{file} has no table that could be told: a line of headings and lines of data as wide.")
