"""XLSX workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from pipelines.formats import limits
from pipelines.formats.cells import cell_text
from pipelines.layout import Numbered
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport


def workbook_rows(name: str, file: BinaryIO, mapping: ExportMapping) -> Iterator[Numbered]:
    """The rows of the declared sheet, or of the first one, that are not empty.

    Raises:
        BadExport: no workbook, one that unpacks beyond the limit, or none with that sheet.
    """
    check_unpacked_size(name, file)
    for number, cells in enumerate(_sheet(name, file, mapping.sheet), start=1):
        texts = [cell_text(cell, mapping) for cell in cells]
        if any(texts):
            yield number, texts


def check_unpacked_size(name: str, file: BinaryIO) -> None:
    """Raises BadExport where a workbook is none, or is larger than any that is read."""
    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise BadExport(f"{name} is no XLSX workbook, or one with a password; save it again.") from None
    if size > limits.LARGEST_FILE:
        most = limits.megabytes(limits.LARGEST_FILE)
        raise BadExport(f"{name} unpacks to more than {most}; export it as CSV.")
    file.seek(0)


def _sheet(name: str, file: BinaryIO, sheet: str | None) -> list[list[object]]:
    import python_calamine

    try:
        with python_calamine.load_workbook(file) as workbook:
            wanted = sheet or workbook.sheet_names[0]
            return workbook.get_sheet_by_name(wanted).to_python(skip_empty_area=False)  # type: ignore[return-value]
    except python_calamine.WorksheetNotFound:
        raise BadExport(f"{name} has no sheet '{sheet}'; correct 'sheet' in the mapping.") from None
    except (python_calamine.CalamineError, IndexError):
        raise BadExport(f"{name} is no readable XLSX workbook; save it again.") from None
