"""Cells that are more than texts, as a CSV of the same mapping would hold them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from pipelines.mapping import ExportMapping


def cell_text(cell: object, mapping: ExportMapping) -> str:
    """The text of a cell of a workbook or of Parquet, whatever the machine."""
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
