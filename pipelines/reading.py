"""Reading files: CSV and XLSX as lines of text, refused where the structure is not the declared one.

Only the mapped columns are kept. Line numbers are those an analyst sees: the header is line 1.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from pipelines.confined import rows_of
from pipelines.layout import Line, Numbered, data_lines, plain
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
LARGEST_FILE = 512 * 1024 * 1024
LONGEST_CELL = 1_000_000
BATCH_ROWS = 10_000


def find_files(folder: Path, mapping: ExportMapping) -> tuple[Path, ...]:
    """The files of an export, by name.

    Raises:
        BadExport: none is there, or one is of an unknown kind, too large, or lies elsewhere.
    """
    found = sorted(path for path in folder.glob(mapping.file) if path.is_file() or path.is_symlink())
    if not found:
        raise BadExport(
            f"{mapping.export.name}: no file '{mapping.file}' lies in the exports folder; "
            "put it there or take the export out of the mapping."
        )
    for path in found:
        _check_file(folder, path)
    return tuple(found)


def _check_file(folder: Path, path: Path) -> None:
    if path.suffix.lower() not in (*CSV_SUFFIXES, *_ROWS):
        kinds = " ".join((*CSV_SUFFIXES, *_ROWS))
        raise BadExport(f"{path.name} is not one of {kinds}; export it as one.")
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise BadExport(f"{path.name} is a link that leaves the exports folder; put the file itself there.")
    size = path.stat().st_size
    if size == 0:
        raise BadExport(f"{path.name} is empty; export it again.")
    if size > LARGEST_FILE:
        raise BadExport(f"{path.name} is larger than {LARGEST_FILE >> 20} MB; export it in several files.")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_lines(path: Path, mapping: ExportMapping) -> Iterator[Line]:
    """The data lines of a file, one by one.

    Raises:
        BadExport: wrong encoding, broken quotes, NUL, a missing or doubled heading, a line of
            another width than the header, no data line at all, no workbook of that sheet, or a file that
            changed meanwhile.
    """
    foreign = _ROWS.get(path.suffix.lower())
    if foreign is _workbook_rows:
        check_unpacked_size(path)
    rows = rows_of(foreign, path, mapping) if foreign else _csv_rows(path, mapping)
    before = _state(path)
    yield from data_lines(path.name, rows, mapping.layout, mapping.headings)
    if _state(path) != before:
        raise BadExport(f"{path.name} changed while it was read; wait until it is whole and try again.")


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _csv_rows(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    delimiter = mapping.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
    # A byte order mark is part of UTF-8 as many systems write it, not of the first heading.
    encoding = "utf-8-sig" if mapping.encoding == "utf-8" else mapping.encoding
    previous = csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, errors="strict", newline="") as file:
            reader = csv.reader(_without_nul(path.name, file), strict=True, delimiter=delimiter)
            yield from _numbered(path.name, reader)
    except UnicodeError:
        raise BadExport(
            f"{path.name} is not in {mapping.encoding}; declare its true encoding in the mapping."
        ) from None
    finally:
        csv.field_size_limit(previous)


def _numbered(file: str, reader: Iterator[list[str]]) -> Iterator[Numbered]:
    """Records with the number of the line on which each starts; wholly empty lines hold no record."""
    last = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BadExport(
                f"{file}, line {last + 1} and after: broken quotes or a cell too long; export it again."
            ) from None
        if cells:
            yield last + 1, cells
        last = reader.line_num  # type: ignore[attr-defined]


def _without_nul(file: str, lines: io.TextIOBase) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise BadExport(f"{file}, line {number}: holds a NUL byte, so it is no text; export it again.")
        yield line


def _workbook_rows(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    for number, cells in enumerate(_sheet(path, mapping.sheet), start=1):
        texts = [_cell_text(cell, mapping) for cell in cells]
        if any(texts):
            yield number, texts


def _parquet_rows(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    """The columns' names as line 1, then the rows in batches, of the mapped columns alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = {plain(heading) for heading in mapping.headings}
            read = [name for name in names if plain(name) in wanted]
            yield 1, read
            number = 1
            for batch in file.iter_batches(BATCH_ROWS, columns=read):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, ["" if cell is None else _cell_text(cell, mapping) for cell in row]
    except (pa.ArrowException, OSError):
        raise BadExport(f"{path.name} is no readable Parquet file; save it again.") from None


def check_unpacked_size(path: Path) -> None:
    """Raises BadExport where a workbook is none, or is larger than any that is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise BadExport(f"{path.name} is no XLSX workbook, or one with a password; save it again.") from None
    if size > LARGEST_FILE:
        raise BadExport(f"{path.name} unpacks to more than {LARGEST_FILE >> 20} MB; export it as CSV.")


def _sheet(path: Path, sheet: str | None) -> list[list[object]]:
    import python_calamine

    try:
        with python_calamine.load_workbook(str(path)) as workbook:
            name = sheet or workbook.sheet_names[0]
            return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[return-value]
    except python_calamine.WorksheetNotFound:
        raise BadExport(f"{path.name} has no sheet '{sheet}'; correct 'sheet' in the mapping.") from None
    except (python_calamine.CalamineError, IndexError):
        raise BadExport(f"{path.name} is no readable XLSX workbook; save it again.") from None


def _cell_text(cell: object, mapping: ExportMapping) -> str:
    """The text of a workbook cell as a CSV of the same mapping would hold it, whatever the machine."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        midnight = cell.time() == time()
        return mapping.date_format.write(cell.date()) if midnight else cell.isoformat(" ")
    if isinstance(cell, date):
        return mapping.date_format.write(cell)
    if isinstance(cell, (int, float)):
        whole = isinstance(cell, int) or cell.is_integer()
        text = str(int(cell)) if whole else format(Decimal(repr(cell)), "f")
        return text.replace(".", mapping.decimal_mark)
    return str(cell).strip()


_ROWS: Mapping[str, Callable[[Path, ExportMapping], Iterator[Numbered]]] = {
    ".xlsx": _workbook_rows,
    ".parquet": _parquet_rows,
}
