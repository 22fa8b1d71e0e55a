"""XLSX workbooks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import BinaryIO

from pipelines.formats import limits
from pipelines.formats.cells import cell_text
from pipelines.layout import Numbered
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport


def workbook_rows(name: str, file: BinaryIO, mapping: ExportMapping) -> Iterator[Numbered]:
    """The rows that are not empty, of the declared sheet or of the first one.

    Where the mapping may mean several sheets, a row 0 with number and name of the sheet comes before those of
    each; a name may be a person's, so that messages say the number.

    Raises:
        BadExport: no workbook, one that unpacks beyond the limit, or none with such a sheet.
    """
    import python_calamine

    check_unpacked_size(name, file)
    try:
        with python_calamine.load_workbook(file) as workbook:
            for sheet in _meant(name, workbook.sheet_names, mapping.sheet):
                if mapping.may_have_several_sheets:
                    yield 0, (str(workbook.sheet_names.index(sheet) + 1), sheet)
                cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                yield from _filled(cells, mapping)
    except python_calamine.CalamineError:
        raise BadExport(f"{name} is no readable XLSX workbook; save it again.") from None


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


def _meant(name: str, sheets: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The sheets that are meant, in the order of the workbook."""
    if not sheets:
        raise BadExport(f"{name} is no readable XLSX workbook; save it again.")
    meant = {
        pattern: [each for each in sheets if each == pattern or fnmatchcase(each, pattern)]
        for pattern in patterns
    }
    for pattern, found in meant.items():
        if not found:
            raise BadExport(f"{name} has no sheet '{pattern}'; correct 'sheet' in the mapping.")
    return [each for each in sheets if any(each in found for found in meant.values())] or [sheets[0]]


def _filled(rows: Sequence[Sequence[object]], mapping: ExportMapping) -> Iterator[Numbered]:
    for number, cells in enumerate(rows, start=1):
        texts = [cell_text(cell, mapping) for cell in cells]
        if any(texts):
            yield number, texts
