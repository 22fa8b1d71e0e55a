"""The lines of one table of a file, whatever its shape."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.grid import grid_lines
from pipelines.layout import Line, Numbered, data_lines
from pipelines.mapping import ExportMapping
from pipelines.snapshots import IN_THE_NAME


def table_lines(
    file: str, sheet: tuple[str, str], rows: Iterator[Numbered], mapping: ExportMapping
) -> Iterator[Line]:
    """The lines of data of a table, their texts in the order of the mapping's headings.

    Args:
        sheet: number and name of the sheet where the mapping may mean several, else empty texts.

    Raises:
        BadExport: the table is not as declared.
    """
    number, sheet_name = sheet
    name = f"{file}, sheet {number}" if number else file
    if mapping.grid:
        months = mapping.grid.months_of(file, sheet_name)
        yield from grid_lines(name, rows, mapping.layout, mapping.headings, months, mapping.date_format)
    elif mapping.snapshots and mapping.snapshots.by_name is not None:
        day = mapping.date_format.write(mapping.snapshots.day_of(file, sheet_name))
        place = mapping.headings.index(IN_THE_NAME)
        headings = (*mapping.headings[:place], *mapping.headings[place + 1 :])
        for line in data_lines(name, rows, mapping.layout, headings):
            texts = (*line.texts[:place], day, *line.texts[place:])
            yield line._replace(texts=texts)
    else:
        yield from data_lines(name, rows, mapping.layout, mapping.headings)
