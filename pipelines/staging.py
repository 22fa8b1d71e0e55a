"""Staging: the lines of one export's files as texts in a temporary table, persons as pseudonyms already."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, repeat
from operator import itemgetter
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.day_amounts import AMOUNT_UNIT
from pipelines.exports import PERSON_ID, Kind
from pipelines.layout import Line
from pipelines.mapping import ExportMapping
from pipelines.mended import MendedRow, staged_names
from pipelines.progress import shown
from pipelines.pseudonyms import Pseudonyms, plain_id
from pipelines.reading import read_lines
from pipelines.warehouse import statement
from pipelines.words import Words

BATCH = 50_000
MOST_KNOWN = 200_000  # texts of a column whose conversions are remembered from batch to batch
Texts = Sequence[str]
Column = Callable[[Sequence[Texts]], Texts]


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
    columns = ", ".join(f"{name} varchar" for name in staged_names(mapping))
    warehouse.execute(statement("ingest_stage_text", columns=columns))
    reader = RowReader(mapping, pseudonyms)
    with _collecting_nothing():
        for file in files:
            for lines in _batches(shown(read_lines(file.path, mapping), file.path.name)):
                _insert(warehouse, reader.table(file, lines))


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Without Python's search for cycles: lines form none, yet it takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class RowReader:
    """Turns lines into columns of ``stage_text``: value maps, constants and skip rules are applied here."""

    def __init__(self, mapping: ExportMapping, pseudonyms: Pseudonyms) -> None:
        places = {heading: place for place, heading in enumerate(mapping.headings)}
        self.place = {name: places[heading] for name, heading in mapping.columns.items()}
        self.skips = [(places[heading], texts) for heading, texts in mapping.skip.items()]
        self.keeps = [(places[heading], texts) for heading, texts in mapping.keep.items()]
        self.dates = {column.name for column in mapping.export.columns if column.kind is Kind.DATE}
        years = "|".join(f"{year:04d}" for year in sorted(mapping.open_years))
        self.open_year = re.compile(rf"(?<![0-9])({years})(?![0-9])") if years else None
        self.mapping, self.pseudonyms = mapping, pseudonyms
        self.place |= {name: places[heading] for name, heading in mapping.beside.items()}
        self.columns = [self._column(name) for name in (*mapping.export.names, *mapping.beside)]

    def table(self, file: StagedFile, lines: Sequence[Line]) -> pa.Table:
        """Some lines of a file as rows of ``stage_text``."""
        numbers, _, totals, sheets = zip(*lines, strict=True)
        texts = self.texts(lines)
        is_skipped = [total or not counts for total, counts in zip(totals, self._counts(lines), strict=True)]
        names = ("load_id", "position", "line", "place", "is_skipped", *staged_names(self.mapping))
        same = (pa.repeat(number, len(lines)) for number in (file.load_id, file.position))
        return pa.table(dict(zip(names, (*same, numbers, sheets, is_skipped, *texts), strict=True)))

    def row(self, line: Line) -> MendedRow:
        """Whether a line is skipped, then its texts in the declared order, the person as a pseudonym.

        Behind them stands what is staged beside an export's columns.
        """
        (counts,) = self._counts([line])
        return (line.is_total or not counts, *(text for (text,) in self.texts([line])))

    def texts(self, lines: Sequence[Line]) -> list[Texts]:
        """The texts of some lines by column, in the declared order."""
        found = list(zip(*(line.texts for line in lines), strict=True))
        return [column(found) for column in self.columns]

    def _counts(self, lines: Sequence[Line]) -> Iterable[bool]:
        if not self.keeps and not self.skips:
            return repeat(True, len(lines))
        return (
            all(line.texts[place] in texts for place, texts in self.keeps)
            and not any(line.texts[place] in texts for place, texts in self.skips)
            for line in lines
        )

    def _column(self, name: str) -> Column:
        """What makes a column of those of the file; decided once a file."""
        if name not in self.place:
            constant = self.mapping.constants.get(name, "")
            return lambda found: [constant] * len(found[0])
        place, convert = self.place[name], self._conversion(name)
        if convert is None:
            return itemgetter(place)
        known = Known(convert)
        return lambda found: known.all(found[place])

    def _conversion(self, name: str) -> Callable[[str], str] | None:
        """What makes a text of the column of the file's; None where it stays as it is."""
        if name == PERSON_ID:
            of, id_format = self.pseudonyms.of, self.mapping.id_format
            return lambda text: of(plain_id(text, id_format))
        words = self._words(name)
        if name in self.dates and self.open_year:
            is_open = self.open_year.search
            return lambda text: "" if is_open(text) else words.get(text, text)
        return (lambda text: words.get(text, text)) if words else None

    def _words(self, name: str) -> Words:
        units = self.mapping.in_days.words if self.mapping.in_days else None
        return (units or {}) if name == AMOUNT_UNIT else self.mapping.values.get(name, {})


class Known(dict[str, str]):
    """What texts are turned into, each worked out once: a file of millions of lines holds few of them."""

    def __init__(self, convert: Callable[[str], str]) -> None:
        super().__init__()
        self.convert = convert

    def __missing__(self, text: str) -> str:
        self[text] = self.convert(text)
        return self[text]

    def all(self, texts: Texts) -> Texts:
        if len(self) > MOST_KNOWN:
            self.clear()
        return list(map(self.__getitem__, texts))


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _insert(warehouse: duckdb.DuckDBPyConnection, batch: pa.Table) -> None:
    """The statement finds ``batch`` by its name; registered, each would stay until the transaction ends."""
    warehouse.execute(statement("ingest_stage_batch"))
