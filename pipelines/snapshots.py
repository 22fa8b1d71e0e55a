"""Snapshots: files that say who works where as of a day; the days are declared, never taken from rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipelines.coverage import Covers
from pipelines.exports import SNAPSHOT, Export
from pipelines.words import check_allowed
from privacy.errors import BadExport
from privacy.periods import Period

IN_THE_NAME = "{snapshot}"  # stands for the heading where the file, not a column, says the day


@dataclass(frozen=True)
class Snapshots:
    """The days of an export's snapshots, and what says of which one a row is.

    That is the column ``heading``, or else ``by_name``: the day of each file, or of each sheet.
    """

    days: tuple[date, ...]
    heading: str = IN_THE_NAME
    by_name: Mapping[str, date] | None = None

    def __post_init__(self) -> None:
        if not self.days or list(self.days) != sorted(set(self.days)):
            raise ValueError("the days of snapshots are at least one, each once, oldest first")
        if (self.by_name is None) == (self.heading == IN_THE_NAME):
            raise ValueError("either a heading or the names say of which day a snapshot is")

    @classmethod
    def parse(cls, export: Export, table: Mapping[str, object], where: str) -> Snapshots | None:
        """Read ``shape``, ``snapshots`` and ``snapshot_date`` of an export's table; None without a snapshot.

        Raises:
            BadExport: the export has no snapshots, or the days are none or do not go with the heading.
        """
        given, heading = table.get("snapshots"), table.get("snapshot_date")
        if table.get("shape") != SNAPSHOT:
            if given is not None or heading is not None:
                raise BadExport(f"{where}: 'snapshots' and 'snapshot_date' need shape = \"{SNAPSHOT}\".")
            return None
        if isinstance(given, list) and isinstance(heading, str):
            check_allowed(heading.strip(), export, where)
            return cls(_days(given, where), heading.strip())
        if isinstance(given, dict) and heading is None:
            by_name = dict(zip(given, (_day(text, where) for text in given.values()), strict=True))
            return cls(_days(list(set(by_name.values())), where), by_name=by_name)
        raise BadExport(
            f"{where}: a snapshot needs 'snapshots', a table with the day of each file or sheet, or a list "
            "of days together with 'snapshot_date', the heading that holds them."
        )

    def day_of(self, file: str, sheet: str) -> date:
        """The day that a file or its sheet is of. Raises BadExport where none is declared."""
        by_name = self.by_name or {}
        day = by_name.get(sheet) or by_name.get(file)
        if day is None:
            what = "this sheet" if sheet else "this file"
            raise BadExport(f"{file}: no day is declared for {what}; add it to 'snapshots' in the mapping.")
        return day

    def check_covers(self, covers: Covers, export: Export) -> None:
        """Raises BadExport where months are declared of which no snapshot can tell."""
        first, last = Period.holding(self.days[0]), Period.holding(self.days[-1])
        if covers.first.index < first.index or covers.last.index > last.index:
            raise BadExport(
                f"{export.name}: it covers {covers.first} to {covers.last}, but its snapshots tell of "
                f"{first} to {last} alone; declare fewer months, or add the snapshots."
            )


def _days(given: list[object], where: str) -> tuple[date, ...]:
    days = sorted(_day(text, where) for text in given)
    if not days or len(set(days)) < len(days):
        raise BadExport(f"{where}: 'snapshots' must hold at least one day, and each of them once.")
    return tuple(days)


def _day(text: object, where: str) -> date:
    """A day in quotes, or as TOML writes it without."""
    try:
        return text if type(text) is date else date.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BadExport(f"{where}: each day of 'snapshots' is written as \"2025-12-31\".") from None
