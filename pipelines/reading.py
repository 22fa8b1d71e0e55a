"""Reading files: every kind as lines of text, refused where the structure is not the declared one.

Only the mapped columns are kept. Line numbers are those an analyst sees: the header is line 1.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, groupby
from pathlib import Path
from typing import BinaryIO, cast

from pipelines.confined import rows_of
from pipelines.formats import delimited, limits
from pipelines.formats.archive import opened_member
from pipelines.formats.parquet import parquet_rows
from pipelines.formats.workbook import check_unpacked_size, workbook_rows
from pipelines.layout import Cells, Line, Numbered
from pipelines.lines import table_lines
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

Rows = Callable[[str, BinaryIO, ExportMapping], Iterator[Numbered]]
FOREIGN: Mapping[str, Rows] = {".xlsx": workbook_rows, ".parquet": parquet_rows}
TABLES = (*delimited.SUFFIXES, *FOREIGN)
ARCHIVE = ".zip"
KINDS = (*TABLES, ARCHIVE)


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
    if path.suffix.lower() not in KINDS:
        raise BadExport(f"{path.name} is not one of {' '.join(KINDS)}; export it as one.")
    if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
        raise BadExport(f"{path.name} is a link that leaves the exports folder; put the file itself there.")
    size = path.stat().st_size
    if size == 0:
        raise BadExport(f"{path.name} is empty; export it again.")
    if size > limits.LARGEST_FILE:
        most = limits.megabytes(limits.LARGEST_FILE)
        raise BadExport(f"{path.name} is larger than {most}; export it in several files.")


def content_hash(path: Path) -> str:
    """SHA-256 of the file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_lines(path: Path, mapping: ExportMapping) -> Iterator[Line]:
    """The data lines of a file, one by one.

    Raises:
        BadExport: wrong encoding, broken quotes, NUL, a missing or doubled heading, a line of
            another width than the header, no data line at all, no workbook of that sheet, no archive with
            that member, or a file that changed meanwhile.
    """
    before = _state(path)
    yield from _lines(path.name, _rows(path, mapping), mapping)
    if _state(path) != before:
        raise BadExport(f"{path.name} changed while it was read; wait until it is whole and try again.")


def _lines(name: str, rows: Iterator[Numbered], mapping: ExportMapping) -> Iterator[Line]:
    """The lines of one table, or of several sheets' with their numbers going on from sheet to sheet."""
    first = next(rows, (1, ()))
    rows = chain([first] if first[1] else (), rows)
    if first[0]:  # no sheet is named
        yield from table_lines(name, ("", ""), rows, mapping)
        return
    last = before = 0
    for (number, sheet), table in _by_sheet(rows):
        for line in table_lines(name, (number, sheet), table, mapping):
            last = before + line.number
            yield line._replace(number=last, place=f"sheet '{sheet}', {line.place or f'line {line.number}'}")
        before = last


def _by_sheet(rows: Iterator[Numbered]) -> Iterator[tuple[Cells, Iterator[Numbered]]]:
    """The rows behind each row 0, which holds the number and the name of their sheet."""
    current: Cells = ()

    def sheet(row: Numbered) -> Cells:
        nonlocal current
        current = current if row[0] else row[1]
        return current

    for number_and_name, found in groupby(rows, sheet):
        yield number_and_name, (row for row in found if row[0])


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _rows(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    """A text is read here; what libraries unpack is read in a process of its own."""
    kind = path.suffix.lower()
    if kind in delimited.SUFFIXES:
        return rows_of_a_file(path, mapping)
    if kind == ".xlsx":
        with path.open("rb") as file:
            check_unpacked_size(path.name, file)
    return rows_of(rows_of_a_file, path, mapping)


def rows_of_a_file(path: Path, mapping: ExportMapping) -> Iterator[Numbered]:
    """The rows of a file of any kind, or of the member of an archive that is meant."""
    with path.open("rb") as file:
        kind = path.suffix.lower()
        if kind != ARCHIVE:
            yield from _rows_of_kind(kind, path.name, file, mapping)
            return
        with opened_member(path.name, file, mapping.member, TABLES) as (kind, unpacked):
            # Libraries jump about in a file, so they get it whole: unpacked into memory, never to a disk.
            whole = io.BytesIO(unpacked.read()) if kind in FOREIGN else unpacked
            yield from _rows_of_kind(kind, f"{path.name}, unpacked,", cast(BinaryIO, whole), mapping)


def _rows_of_kind(kind: str, name: str, file: BinaryIO, mapping: ExportMapping) -> Iterator[Numbered]:
    if kind in FOREIGN:
        return FOREIGN[kind](name, file, mapping)
    return delimited.delimited_rows(name, file, mapping, delimited.usual_delimiter(kind))
