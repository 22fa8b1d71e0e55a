"""Good files of every kind that is read, each with its mapping: what is mutated."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from pipelines.mapping import ExportMapping, read_mapping

MARK = "KxQ7"
"""What every cell of data holds, so that one in a message is seen."""
HEADER = ["Id", "From", "To", "Lost", "Kind"]
ROWS = [
    [f"{MARK}p{n}", f"2026-01-{n:02d}", f"2026-01-{n + 1:02d}", f"{n}.25", f"{MARK} é{n}"]
    for n in range(1, 9)
]
TABLE = [HEADER, *ROWS]
TEXTS = (
    (".csv", ",", "utf-8"),
    (".csv", ";", "cp1252"),
    (".tsv", "\t", "utf-16"),
    (".txt", "|", "iso-8859-15"),
)
MAPPING = """
[exports.staff]
file = "*"
[exports.staff.columns]
person_id = "Id"
unit_id = "Unit"
[exports.staff.constants]
role = "r"
start_date = "2025-01-01"
weekly_hours = "37"
is_supervisor = "false"
[exports.absences]
file = "*"
[exports.absences.columns]
person_id = "Id"
start_date = "From"
end_date = "To"
hours = "Lost"
kind = "Kind"
"""


@dataclass(frozen=True)
class Good:
    """One good file: its ending, its bytes and how it is read."""

    suffix: str
    content: bytes
    mapping: ExportMapping


def corpus(folder: Path) -> tuple[Good, ...]:
    """Texts in every encoding, a workbook, a Parquet file, and archives of each."""
    path = folder / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    plain = next(each for each in read_mapping(path) if each.export.name == "absences")
    texts = [
        Good(suffix, _text(TABLE, mark, encoding), replace(plain, delimiter=mark, encoding=encoding))
        for suffix, mark, encoding in TEXTS
    ]
    packed = [Good(".xlsx", _workbook(), plain), Good(".parquet", _parquet(), plain)]
    archives = [
        Good(".zip", _archive(f"absences{good.suffix}", good.content), good.mapping)
        for good in (texts[0], *packed)
    ]
    return (*texts, *packed, *archives)


def _text(table: Sequence[Sequence[str]], delimiter: str, encoding: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return text.getvalue().encode(encoding)


def _workbook() -> bytes:
    book, content = Workbook(), io.BytesIO()
    for row in TABLE:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(content)
    return content.getvalue()


def _parquet() -> bytes:
    content = io.BytesIO()
    columns = zip(*ROWS, strict=True)
    pq.write_table(pa.table(dict(zip(HEADER, map(list, columns), strict=True))), content)
    return content.getvalue()


def _archive(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()
