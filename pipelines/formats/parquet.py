"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pipelines.formats.cells import cell_text
from pipelines.layout import Numbered, plain
from pipelines.mapping import ExportMapping
from privacy.errors import BadExport

BATCH_ROWS = 10_000


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
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, ["" if cell is None else cell_text(cell, mapping) for cell in row]
    except (pa.ArrowException, OSError):
        raise BadExport(f"{name} is no readable Parquet file; save it again.") from None
