"""Writing tables so that the same rows give the same bytes on every machine."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

os.environ["OPENPYXL_LXML"] = "False"  # with lxml installed the same cells would be other bytes

from openpyxl import Workbook

ZIP_TIME = (2026, 7, 3, 6, 0, 0)
MADE = datetime(*ZIP_TIME)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


@dataclass(frozen=True)
class Csv:
    """How one system writes its CSV files."""

    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"


PLAIN = Csv()


def write_csv(
    path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]], form: Csv = PLAIN
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator=form.line_end)
    writer.writerow(heading)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(form.encoding))


def write_xlsx(path: Path, sheet: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A workbook with a cover sheet, the table second."""
    book = Workbook()
    book.properties.creator, book.properties.created = "HR system", MADE
    book.active.title = "About"
    book.active.append(["Assignments, all spells in force since 01/07/2024"])
    table = book.create_sheet(sheet)
    for row in (heading, *rows):
        table.append([cell if cell != "" else None for cell in row])
    saved = io.BytesIO()
    book.save(saved)
    path.write_bytes(without_clock(saved.getvalue()))


def without_clock(workbook: bytes) -> bytes:
    """The same workbook with fixed times, and stored: compressed bytes differ from zlib to zlib."""
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(fixed, "w") as new:
        for name in old.namelist():
            stamp = MADE.isoformat().encode() + b"Z"
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system = 3  # what Windows writes here differs from what others write
            new.writestr(entry, MODIFIED.sub(rb"\g<1>" + stamp, old.read(name)))
    return fixed.getvalue()
