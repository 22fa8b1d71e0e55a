"""Which months an export covers: declared in a manifest or the mapping, never inferred from rows."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from pipelines.exports import EXPORTS
from pipelines.warehouse import statement
from privacy.errors import BadExport
from privacy.periods import Cadence, Period

MANIFEST = "manifest.toml"


@dataclass(frozen=True)
class Covers:
    """The first and the last month that an export covers whole, and those between that it lacks."""

    first: Period
    last: Period
    without: tuple[Period, ...] = ()

    @classmethod
    def parse(cls, value: object, where: str) -> Covers:
        """Read a declaration: a pair such as ``["2024-07", "2026-06"]``, or several with months between.

        Raises:
            BadExport: it is anything else.
        """
        try:
            pairs = value if all(isinstance(each, list) for each in value) else [value]  # type: ignore[attr-defined]
            spans = [_span(pair) for pair in pairs]  # type: ignore[attr-defined]
            without = [month for before, after in pairwise(spans) for month in _between(before[1], after[0])]
            return cls(spans[0][0], spans[-1][1], tuple(without))
        except (IndexError, TypeError, ValueError):
            raise BadExport(
                f'{where}: covers must be the first and the last month, such as ["2024-07", "2026-06"]; '
                "where months between are missing, several such pairs, oldest first, such as "
                '[["2024-07", "2025-03"], ["2025-05", "2026-06"]].'
            ) from None

    @classmethod
    def stored(cls, first: str, last: str, without: str) -> Covers:
        """What :attr:`texts` gave."""
        return cls(Period.parse(first), Period.parse(last), tuple(map(Period.parse, without.split())))

    @property
    def texts(self) -> tuple[str, str, str]:
        """The first month, the last, and those between that are missing with blanks between."""
        return str(self.first), str(self.last), " ".join(map(str, self.without))

    @property
    def months(self) -> tuple[str, ...]:
        """Every covered month, oldest first, as ``2026-03``."""
        whole = (Period(Cadence.MONTH, i) for i in range(self.first.index, self.last.index + 1))
        return tuple(str(month) for month in whole if month not in self.without)

    def __str__(self) -> str:
        gaps = f" without {', '.join(map(str, self.without))}" if self.without else ""
        return f"{self.first} to {self.last}{gaps}"


def _span(pair: object) -> tuple[Period, Period]:
    first, last = (Period.parse(month) for month in pair)  # type: ignore[attr-defined]
    if {first.cadence, last.cadence} != {Cadence.MONTH} or first.index > last.index:
        raise ValueError
    return first, last


def _between(before: Period, after: Period) -> Iterator[Period]:
    """The months between two. Raises ValueError where there is none, or they are out of order."""
    if after.index - before.index < 2:
        raise ValueError
    return (Period(Cadence.MONTH, i) for i in range(before.index + 1, after.index))


def read_manifest(folder: Path) -> dict[str, Covers]:
    """What ``manifest.toml`` in the exports folder declares, one entry per export; empty without a file.

    Raises:
        BadExport: no TOML in UTF-8, an unknown key or export, or months that are none.
    """
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadExport(f"{MANIFEST} is not TOML in UTF-8; correct it and try again.") from None
    table = document.pop("covers", {})
    unknown = sorted(document) or sorted(set(table) - set(EXPORTS) if isinstance(table, dict) else ["covers"])
    if unknown:
        raise BadExport(
            f"{MANIFEST} has the unknown entry '{unknown[0]}'; it holds [covers] with a line per export."
        )
    return {name: Covers.parse(value, f"{MANIFEST}, {name}") for name, value in table.items()}


def kept_from(warehouse: duckdb.DuckDBPyConnection, export: str) -> Period | None:
    """The first month of which an export is kept; none where nothing was taken out by age."""
    row = warehouse.execute(statement("known_kept_from"), [export]).fetchone()
    return Period.parse(row[0]) if row else None


def declare(warehouse: duckdb.DuckDBPyConnection, export: str, covers: Covers) -> None:
    """Enter what an export covers; who declares a part of what was declared before takes the rest back.

    Kept apart from the loads: whose file came or is gone decides nothing about the months of others.
    """
    rows = warehouse.execute(statement("ingest_covers"), {"export": export}).fetchall()
    before = [Covers.stored(*texts) for *texts, is_withdrawn in rows if not is_withdrawn]
    months = set(covers.months)
    standing = [each for each in before if not (months <= set(each.months) or months >= set(each.months))]
    warehouse.execute(statement("ingest_forget_declared"), {"export": export})
    for each in (*standing, covers):
        warehouse.execute(statement("ingest_declare"), [export, *each.texts])


def covered_months(warehouse: duckdb.DuckDBPyConnection, export: str) -> frozenset[str]:
    """The months, as ``2026-03``, that an export is declared to cover.

    Months of a load that was undone do not count until the export is ingested again: the other
    files of the export do not hold what was taken out. Months before those that are kept do not count.
    """
    rows = warehouse.execute(statement("ingest_covers"), {"export": export}).fetchall()
    months: set[str] = set()
    for *texts, _ in (row for row in rows if not row[-1]):
        months |= set(Covers.stored(*texts).months)
    for *texts, _ in (row for row in rows if row[-1]):
        months -= set(Covers.stored(*texts).months)
    first = str(kept_from(warehouse, export) or "")
    return frozenset(month for month in months if month >= first)
