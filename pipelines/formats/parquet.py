"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from pipelines.formats.cells import cell_text
from pipelines.layout import Numbered, plain
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000
NO_VALUE = "beyond the calendar"


def parquet_rows(name: str, file: BinaryIO, mapping: ExportMapping) -> Iterator[Numbered]:
    """The columns' names as line 1, then the rows in batches, of the mapped columns alone.

    Raises:
        BadExport: no readable Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            wanted = {plain(heading) for heading in mapping.headings}
            names = table.schema_arrow.names
            read = names if mapping.grid else [column for column in names if plain(column) in wanted]
            yield 1, read
            number = 1
            for batch in table.iter_batches(BATCH_ROWS, columns=read):
                for row in zip(*map(_values, batch.columns), strict=True):
                    number += 1
                    yield number, ["" if cell is None else cell_text(cell, mapping) for cell in row]
    except (pa.ArrowException, OSError):
        raise BadExport(f"{name} is no readable Parquet file; save it again.") from None


def _values(column: pa.Array) -> list[Any]:
    """The cells of a column; what Python has no value for is a text that sets its row alone aside."""
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):
        return [_value(cell) for cell in column]


def _value(cell: pa.Scalar) -> Any:
    try:
        return cell.as_py()
    except (OverflowError, ValueError):
        return NO_VALUE
