"""Staging: the lines of one export's files as texts in a temporary table, persons as pseudonyms already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.exports import PERSON_ID, Kind
from pipelines.layout import Line
from pipelines.mapping import ExportMapping
from pipelines.mended import MendedRow, staged_names
from pipelines.progress import shown
from pipelines.pseudonyms import Pseudonyms, plain_id
from pipelines.reading import read_lines
from pipelines.warehouse import statement

BATCH = 50_000
Row = tuple[int | bool | str, ...]
Cell = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class StagedFile:
    """One file to stage: the load it becomes and its place among the export's files."""

    load_id: int
    position: int
    path: Path


def stage(
    warehouse: duckdb.DuckDBPyConnection,
    mapping: ExportMapping,
    files: Sequence[StagedFile],
    pseudonyms: Pseudonyms,
) -> None:
    """Fill ``stage_text`` with every data line of the files.

    Lines of erased people leave no trace, not even in a count: nobody else's correction brings them back.

    Raises:
        BadExport: a file's structure is not what the mapping declares.
    """
    names = staged_names(mapping)
    warehouse.execute(statement("ingest_stage_text", columns=", ".join(f"{name} varchar" for name in names)))
    reader = RowReader(mapping, pseudonyms)
    for file in files:
        rows = shown(reader.rows(file, read_lines(file.path, mapping)), file.path.name)
        header = ["load_id", "position", "line", "place", "is_skipped", *names]
        for batch in _batches(rows):
            _insert(warehouse, header, batch)


class RowReader:
    """Turns lines into rows of ``stage_text``: value maps, constants and skip rules are applied here."""

    def __init__(self, mapping: ExportMapping, pseudonyms: Pseudonyms) -> None:
        places = {heading: place for place, heading in enumerate(mapping.headings)}
        self.names = mapping.export.names
        self.place = {name: places[heading] for name, heading in mapping.columns.items()}
        self.skips = [(places[heading], texts) for heading, texts in mapping.skip.items()]
        self.keeps = [(places[heading], texts) for heading, texts in mapping.keep.items()]
        self.dates = {column.name for column in mapping.export.columns if column.kind is Kind.DATE}
        years = "|".join(f"{year:04d}" for year in sorted(mapping.open_years))
        self.open_year = re.compile(rf"(?<![0-9])({years})(?![0-9])") if years else None
        self.mapping, self.pseudonyms = mapping, pseudonyms
        self.cells = [self._cell(name) for name in self.names]
        if mapping.snapshots:
            self.cells.append(itemgetter(places[mapping.snapshots.heading]))

    def rows(self, file: StagedFile, lines: Iterable[Line]) -> Iterator[Row]:
        for line in lines:
            yield (file.load_id, file.position, line.number, line.place, *self.row(line))

    def row(self, line: Line) -> MendedRow:
        """Whether a line is skipped, then its texts in the declared order, the person as a pseudonym.

        Behind them stands the day of its snapshot, where there are any.
        """
        skipped = line.is_total or not self._counts(line)
        texts = line.texts
        return (skipped, *[cell(texts) for cell in self.cells])

    def _counts(self, line: Line) -> bool:
        if not self.keeps and not self.skips:
            return True
        return all(line.texts[place] in texts for place, texts in self.keeps) and not any(
            line.texts[place] in texts for place, texts in self.skips
        )

    def _cell(self, name: str) -> Cell:
        """What makes a column's text of a line's; decided once a file, since there are millions of lines."""
        if name not in self.place:
            constant = self.mapping.constants.get(name, "")
            return lambda _: constant
        place, mapping = self.place[name], self.mapping
        if name == PERSON_ID:
            of, id_format = self.pseudonyms.of, mapping.id_format
            return lambda texts: of(plain_id(texts[place], id_format))
        words = mapping.values.get(name, {})
        if name in self.dates and self.open_year:
            is_open = self.open_year.search
            return lambda texts: "" if is_open(texts[place]) else words.get(texts[place], texts[place])
        if words:
            return lambda texts: words.get(texts[place], texts[place])
        return itemgetter(place)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _insert(warehouse: duckdb.DuckDBPyConnection, header: list[str], batch: list[Row]) -> None:
    warehouse.register("batch", pa.table(dict(zip(header, map(list, zip(*batch, strict=True)), strict=True))))
    warehouse.execute(statement("ingest_stage_batch"))
    warehouse.unregister("batch")
