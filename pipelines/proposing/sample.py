"""The beginning of a file as it looks: encoding, delimiter, header; cells of allowed columns alone."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from pathlib import Path

from pipelines import presets
from pipelines.confined import rows_of
from pipelines.forbidden import Forbidden, why_forbidden
from pipelines.layout import Numbered, plain
from pipelines.formats.workbook import check_unpacked_size
from privacy.errors import BadExport

LOOKED_AT, ROWS = 4 << 20, 5_000  # bytes of a text, rows of any file
DELIMITERS = (",", ";", "\t", "|")
TITLES = 20  # a header is looked for in so many lines


@dataclass(frozen=True)
class Sample:
    """What a file looks like. ``rows`` hold no cell of a forbidden column, which ``refused`` names.

    ``sheet`` is None where the first one is meant, ``presets`` names those that fit.
    """

    file: str
    encoding: str | None
    why_encoding: str
    delimiter: str | None
    sheet: str | None
    header_line: int
    header: tuple[str, ...]
    refused: tuple[tuple[str, Forbidden], ...]
    rows: tuple[Numbered, ...]
    presets: tuple[str, ...]

    def column(self, heading: str) -> list[tuple[int, str]]:
        """The cells below a heading that are not empty, each with its line."""
        place = self.header.index(heading)
        return [(number, cells[place]) for number, cells in self.rows if cells[place]]


def look_at(path: Path) -> Sample:
    """Read the beginning of a file.

    Raises:
        BadExport: it cannot be read, is of another kind, or has no table.
    """
    if not path.is_file():
        raise BadExport(f"There is no file {path.name}; name an export.")
    encoding = why = delimiter = sheet = None
    if path.suffix.lower() == ".xlsx":
        check_unpacked_size(path)
        (_, (sheet,)), *rows = rows_of(_workbook, path, None)
    elif path.suffix.lower() == ".parquet":
        rows = list(rows_of(_parquet, path, None))
    else:
        text, encoding, why = _decoded(path)
        delimiter, rows = _delimited(path.name, text)
    header_line, header, body = _below_header(path.name, rows)
    found = {place: why_forbidden(name, "") for place, name in enumerate(header)}
    refused = {place: why for place, why in found.items() if why is not None}
    kept = tuple(
        (number, tuple("" if place in refused else cell.strip() for place, cell in enumerate(cells)))
        for number, cells in body
    )
    return Sample(
        file=path.name,
        encoding=encoding,
        why_encoding=why or "",
        delimiter=delimiter,
        sheet=sheet or None,
        header_line=header_line,
        header=header,
        refused=tuple((header[place], why) for place, why in refused.items()),
        rows=kept,
        presets=presets.fitting(_possible_headers(rows)),
    )


def _possible_headers(rows: Sequence[Numbered]) -> tuple[tuple[str, ...], ...]:
    """The first lines, alone and each with the one below it, as far as they could be headers."""
    lines = [tuple(cell.strip() for cell in cells) for _, cells in rows[:TITLES]]
    both = (
        tuple(f"{upper} / {lower}" for upper, lower in zip(one, other, strict=True))
        for one, other in pairwise(lines)
        if len(one) == len(other)
    )
    return (*lines, *both)


def _decoded(path: Path) -> tuple[str, str, str]:
    with path.open("rb") as file:
        data = file.read(LOOKED_AT)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="ignore"), "utf-16", "it begins with the mark of UTF-16"
    if b"\0" in data:
        raise BadExport(f"{path.name} holds NUL bytes, so it is no text; export it as CSV or XLSX.")
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


def _workbook(path: Path, _: None) -> Iterator[Numbered]:
    """The sheet with the most rows: its name as line 0, empty if it is the first one, and its rows."""
    import python_calamine

    try:
        with python_calamine.load_workbook(str(path)) as book:
            sheets = {
                name: book.get_sheet_by_name(name).to_python(nrows=ROWS, skip_empty_area=False)
                for name in book.sheet_names
            }
    except python_calamine.CalamineError:
        raise BadExport(f"{path.name} is no readable XLSX workbook; save it again.") from None
    name = max(sheets, key=lambda each: len(sheets[each]), default="")
    yield 0, ["" if name == next(iter(sheets), "") else name]
    texts = ((n, [*map(_text, cells)]) for n, cells in enumerate(sheets.get(name, ()), start=1))
    yield from (row for row in texts if any(row[1]))


def _text(cell: object) -> str:
    return cell.strftime("%Y-%m-%d") if isinstance(cell, date) else str(cell)


def _parquet(path: Path, _: None) -> Iterator[Numbered]:
    """The columns' names as line 1, and the first rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            batch = next(file.iter_batches(ROWS), None)
            names = file.schema_arrow.names
    except (pa.ArrowException, OSError):
        raise BadExport(f"{path.name} is no readable Parquet file; save it again.") from None
    yield 1, names
    columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
    for number, row in enumerate(zip(*columns, strict=True), start=2):
        yield number, ["" if cell is None else str(cell) for cell in row]


def _below_header(file: str, rows: Sequence[Numbered]) -> tuple[int, tuple[str, ...], list[Numbered]]:
    """The first line as wide as most lines are, and what stands below it and is as wide."""
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
