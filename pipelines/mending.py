"""Rows set aside, given out as a sheet to be mended, and taken in again in place of the file's own.

A sheet holds what the mapping reads of the rows, in the file's headings, and so people's ids: it lies in
the protected zone. Mended rows are stored under the pseudonym and stand for those rows as long as the file
holds them.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import duckdb

from pipelines.conversion import NOT_FAULTS
from pipelines.home import Home
from pipelines.layout import Line
from pipelines.loads import Load, stored_loads
from pipelines.mapping import ExportMapping, read_mapping
from pipelines.mended import MendedRow, Origin, origins, store_row
from pipelines.pseudonyms import pseudonyms_for
from pipelines.reading import content_hash, find_files, read_lines
from pipelines.release_files import harmless
from pipelines.staging import RowReader
from pipelines.warehouse import connect, statement
from privacy.bounding import transaction
from privacy.durable import write_whole
from privacy.errors import BadExport

PLACE, WHY = ("load", "row", "line"), ("rule", "column", "reason")
DELIMITERS = (",", ";", "\t")
DIGEST_DIGITS = 16
LARGEST_SHEET = 64 << 20
_FORMULA = ("=", "+", "-", "@", "'")


@dataclass(frozen=True)
class Sheet:
    """What became of one file's rows set aside: where its sheet lies, or why there is none."""

    file_name: str
    rows: int
    path: Path | None = None
    why_not: str = ""


class Mended(NamedTuple):
    """What became of a sheet: its load, how many of its rows stand for the file's, the lines left out."""

    load: Load
    rows: int
    left_out: tuple[int, ...]


def write_sheets(home: Home, folder: Path) -> tuple[Sheet, ...]:
    """Write a sheet for each file in the folder of which rows are set aside; older sheets go.

    Raises:
        BadExport: the mapping or a file is not as declared.
        Refusal: the warehouse cannot be used.
    """
    forget_sheets(home)
    with connect(home) as warehouse:
        loads = [
            (load, _set_aside(warehouse, load), _open_lines(warehouse, load))
            for load in stored_loads(warehouse)
        ]
    mappings = {mapping.export.name: mapping for mapping in read_mapping(home.mapping)}
    return tuple(
        _write_sheet(home, folder, load, mappings[load.export], why, known)
        for load, why, known in loads
        if why and load.export in mappings
    )


def forget_sheets(home: Home) -> None:
    """Remove every sheet: they hold people's ids."""
    shutil.rmtree(home.sheets, ignore_errors=True)


def _set_aside(warehouse: duckdb.DuckDBPyConnection, load: Load) -> dict[int, tuple[str, str, str]]:
    """Rule, column and reason of each line of a load set aside, but for those that the mapping skips."""
    rows = warehouse.execute(statement("ingest_set_aside_lines"), {"load_id": load.load_id}).fetchall()
    return {line: (rule, column, reason) for line, rule, column, reason, _ in rows if rule not in NOT_FAULTS}


def _write_sheet(
    home: Home,
    folder: Path,
    load: Load,
    mapping: ExportMapping,
    why: Mapping[int, tuple[str, str, str]],
    known: Mapping[int, Origin],
) -> Sheet:
    path = next((each for each in find_files(folder, mapping) if each.name == load.file_name), None)
    if path is None:
        return Sheet(load.file_name, len(why), why_not="the file is not in that folder")
    if content_hash(path) != load.content_hash:
        return Sheet(load.file_name, len(why), why_not="the file changed since; ingest it first")
    lines = [line for line in read_lines(path, mapping) if line.number in why]
    if len(lines) != len(why):
        return Sheet(load.file_name, len(why), why_not="a line of it is several rows; mend the file itself")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mapping.delimiter or ",", lineterminator="\r\n")
    writer.writerow(_header(mapping))
    for line in lines:
        place = (load.load_id, _row_name(known[line.number]), line.number)
        writer.writerow((*place, *map(_shielded, line.texts), *why[line.number]))
    home.sheets.mkdir(mode=0o700, exist_ok=True)
    sheet = home.sheets / f"{load.load_id:06d}-{load.export}.csv"
    write_whole(sheet, text.getvalue().encode("utf-8-sig"), 0o600)
    return Sheet(load.file_name, len(why), sheet)


def _row_name(origin: Origin) -> str:
    """What a sheet calls a row, by what it says; the letter keeps spreadsheets from making a number of it."""
    return f"r{origin.digest[:DIGEST_DIGITS]}"


def _header(mapping: ExportMapping) -> list[str]:
    return [*PLACE, *mapping.headings, *WHY]


def _shielded(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula; :func:`_bare` takes the quote off again."""
    return f"'{text}" if text.startswith("'") else str(harmless(text))


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:2] in _FORMULA else text


def store_mended(home: Home, path: Path) -> Mended:
    """Let the rows of a mended sheet stand for those of the file that they were made of.

    The next ingest of the file judges them by the same rules as any other row. A row is left out where the
    file no longer holds what it was made of, or where it says another person or nobody: whose a row is, is
    corrected in the file itself, else two people's figures would hang on each other.

    Raises:
        BadExport: it is no sheet of this home, the mapping changed since it was written, or a line is in it
            twice.
        Refusal: the key or the warehouse cannot be used.
    """
    text = _text_of(path)
    mappings = {mapping.export.name: mapping for mapping in read_mapping(home.mapping)}
    with connect(home) as warehouse:
        load, mapping, rows = _read_sheet(path.name, text, stored_loads(warehouse), mappings)
        reader, known = RowReader(mapping, pseudonyms_for(home, warehouse)), _open_lines(warehouse, load)
        fitting = _Fitting(known)
        left_out = []
        with transaction(warehouse):
            for row in rows:
                mended = reader.row(row.line)
                if (line := fitting.line_of(row, mended)) is None:
                    left_out.append(row.line.number)
                else:
                    store_row(warehouse, load, line, known[line], mended)
    return Mended(load, len(rows) - len(left_out), tuple(left_out))


class _SheetRow(NamedTuple):
    """A row of a sheet: the name of what it was made of, its line in the file then, and its texts now."""

    name: str
    line: Line


class _Fitting:
    """The line of the file for which each row of a sheet stands: one of the same person that said it."""

    def __init__(self, known: Mapping[int, Origin]) -> None:
        self.lines: dict[tuple[str, str], list[int]] = defaultdict(list)
        for line, origin in sorted(known.items()):
            if origin.person:
                self.lines[origin.person, _row_name(origin)].append(line)

    def line_of(self, row: _SheetRow, mended: MendedRow) -> int | None:
        """The line where it stood, if it still says that, else the first that does; each is given once."""
        lines = self.lines[str(mended[1]), row.name]
        if not lines:
            return None
        return lines.pop(lines.index(row.line.number) if row.line.number in lines else 0)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_SHEET:
            raise BadExport(f"{path.name} is larger than {LARGEST_SHEET >> 20} MB, so it is no sheet.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise BadExport(f"There is no sheet {path} that can be read; name the mended one.") from None
    except UnicodeDecodeError:
        raise BadExport(f"{path.name} is not in UTF-8; save it as CSV UTF-8.") from None
    if "\0" in text:
        raise BadExport(f"{path.name} holds a NUL byte, so it is no text; save it again.")
    return text


def _read_sheet(
    name: str, text: str, loads: Sequence[Load], mappings: Mapping[str, ExportMapping]
) -> tuple[Load, ExportMapping, list[_SheetRow]]:
    """The load that a sheet is of, with its rows."""
    for delimiter in DELIMITERS:
        header, *records = _records(name, text, delimiter) or [[]]
        for load in loads:
            mapping = mappings.get(load.export)
            if records and mapping and header == _header(mapping) and _is_of(load, len(header), records):
                return load, mapping, _rows(name, records)
    raise BadExport(
        f"{name} is no sheet of what is stored now: the mapping changed since it was written, or its "
        "headings or first columns did; write it anew with 'leeward set-aside export'."
    )


def _records(name: str, text: str, delimiter: str) -> list[list[str]]:
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter))
    except csv.Error:
        raise BadExport(f"{name}: broken quotes or a cell too long; save it again.") from None
    return [cells for cells in found if any(cell.strip() for cell in cells)]


def _is_of(load: Load, width: int, records: Sequence[Sequence[str]]) -> bool:
    """Whether every record is a whole row of a sheet of the load."""
    return all(
        len(cells) == width
        and cells[0] == str(load.load_id)
        and re.fullmatch(f"r[0-9a-f]{{{DIGEST_DIGITS}}}", cells[1])
        and re.fullmatch("[0-9]{1,9}", cells[2])
        for cells in records
    )


def _rows(name: str, records: Sequence[Sequence[str]]) -> list[_SheetRow]:
    """The rows of a sheet. Raises BadExport where one is in it twice."""
    rows = [_SheetRow(cells[1], _line(cells)) for cells in records]
    for line, times in Counter(row.line.number for row in rows).items():
        if times > 1:
            raise BadExport(
                f"{name} holds line {line} of the file {times} times; keep the one that is meant."
            )
    return rows


def _line(record: Sequence[str]) -> Line:
    texts = record[len(PLACE) : -len(WHY)]
    return Line(int(record[2]), tuple(_bare(text.strip()) for text in texts))


def _open_lines(warehouse: duckdb.DuckDBPyConnection, load: Load) -> dict[int, Origin]:
    """The lines that may be mended, and whose rows they are: those set aside, and those mended already."""
    rows = warehouse.execute(statement("set_aside_origins"), {"load_id": load.load_id}).fetchall()
    aside = {line: Origin(person, digest) for line, rule, person, digest in rows if rule not in NOT_FAULTS}
    return aside | origins(warehouse, load)
