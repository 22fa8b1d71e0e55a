"""The organisation register: dated units in a tree, and the groups it makes over time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from privacy.errors import BadRegister
from privacy.groups import GroupTree, Unit, plan_groups

OPEN_ENDED = 9999  # the year by which many systems say "until further notice"
COLUMNS = (
    "unit_id",
    "name",
    "parent_id",
    "authorised_posts",
    "service_line",
    "valid_from",
    "valid_to",
    "successor_id",
)


@dataclass(frozen=True)
class RegisterRow:
    """A unit over a span of days; ``valid_to`` is its last day, None while in force."""

    unit: Unit
    valid_from: date
    valid_to: date | None
    successor: str | None

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Register:
    """All rows of the hand-kept register."""

    rows: tuple[RegisterRow, ...]

    @property
    def unit_ids(self) -> frozenset[str]:
        return frozenset(row.unit.id for row in self.rows)

    @property
    def starts(self) -> tuple[date, ...]:
        """The first days of month from which the units differ from those before."""
        ends = {row.valid_to + timedelta(days=1) for row in self.rows if row.valid_to is not None}
        days = {row.valid_from for row in self.rows} | ends
        starts = {_month_start(day) for day in days}
        return tuple(sorted(start for start in starts if self.units(start)))

    def newest_start(self, day: date) -> date:
        """The newest day up to a day on which the units changed; the first of all before that."""
        return max((start for start in self.starts if start <= day), default=self.starts[0])

    def units(self, day: date) -> tuple[Unit, ...]:
        return tuple(row.unit for row in self.rows if row.in_force(day))

    def successors(self) -> Mapping[str, str]:
        return {row.unit.id: row.successor for row in self.rows if row.successor}

    def tree(self, day: date, levels: tuple[str, ...], minimum: int) -> GroupTree:
        """The groups on a day; units not in force are placed with their successor, else at the root."""
        units = self.units(day)
        grown = plan_groups(units, levels, minimum)
        placed = {place.unit: place for place in grown.placements}
        root = next(unit.id for unit in units if unit.parent is None)
        absent = [
            replace(placed[self._stand_in(unit_id, frozenset(placed)) or root], unit=unit_id)
            for unit_id in self.unit_ids - set(placed)
        ]
        return GroupTree(grown.groups, tuple(sorted([*grown.placements, *absent])))

    def _stand_in(self, unit_id: str, known: frozenset[str]) -> str | None:
        seen: set[str] = set()
        following: str | None = unit_id
        while following is not None and following not in known and following not in seen:
            seen.add(following)
            following = self.successors().get(following)
        return following if following in known else None

    def signed_body(self, document: str, levels: tuple[str, ...], minimum: int) -> dict[str, Any]:
        """What the ledger keeps of a register version: the groups from each day on which they change."""
        trees = [
            {"from": start.isoformat(), **self.tree(start, levels, minimum).to_json()}
            for start in self.starts
        ]
        return {"document": document, "levels": list(levels), "minimum_group": minimum, "trees": trees}


def _month_start(day: date) -> date:
    """Units of a period are those in force at its start, so a change counts from the next month's first."""
    if day.day == 1:
        return day
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def parse_register(text: str, levels: tuple[str, ...]) -> Register:
    """Read a register in its canonical form.

    Raises:
        BadRegister: a heading is missing, a row cannot be read, or the units in force on some day are
            no tree that fits the levels.
    """
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if reader.fieldnames is None or set(reader.fieldnames) != set(COLUMNS):
        raise BadRegister(f"The register's headings must be {', '.join(COLUMNS)}; correct its first line.")
    try:
        rows = tuple(_row(number, fields) for number, fields in enumerate(reader, start=2))
    except csv.Error:
        raise BadRegister("The register is not a well-formed CSV file; save it again as CSV.") from None
    if not rows:
        raise BadRegister("The register has no units; add one row a unit, the whole organisation first.")
    register = Register(rows)
    for day in sorted({row.valid_from for row in rows} | set(register.starts)):
        _check_tree(register.units(day), day, len(levels))
    _check_successors(register)
    return register


def _row(number: int, fields: Mapping[str, str | None]) -> RegisterRow:
    if None in fields or None in fields.values():
        raise BadRegister(f"Register line {number} has another number of cells than the heading; correct it.")
    cells = {key: (value or "").strip() for key, value in fields.items()}
    try:
        posts = int(cells["authorised_posts"])
        first = date.fromisoformat(cells["valid_from"])
        last = date.fromisoformat(cells["valid_to"]) if cells["valid_to"] else None
    except ValueError:
        raise BadRegister(
            f"Register line {number}: posts must be a whole number and dates YYYY-MM-DD; correct it."
        ) from None
    if last is not None and last.year == OPEN_ENDED:
        last = None
    if not cells["unit_id"] or ":" in cells["unit_id"] or posts < 0 or (last is not None and last < first):
        raise BadRegister(
            f"Register line {number}: a unit needs an id without ':', posts of at least 0 and an end on or "
            "after its start; correct it."
        )
    unit = Unit(cells["unit_id"], cells["name"], cells["parent_id"] or None, posts, cells["service_line"])
    return RegisterRow(unit, first, last, cells["successor_id"] or None)


def _check_tree(units: Iterable[Unit], day: date, depth: int) -> None:
    known: dict[str, Unit] = {}
    for unit in units:
        if unit.id in known:
            raise BadRegister(
                f"The register has unit '{unit.id}' twice on {day}; end one row before the other."
            )
        known[unit.id] = unit
    roots = [unit for unit in known.values() if unit.parent is None]
    if len(roots) != 1:
        raise BadRegister(f"The register has {len(roots)} units without parent on {day}; it must have one.")
    for unit in known.values():
        _check_ancestry(unit, known, day, depth)


def _check_ancestry(unit: Unit, known: Mapping[str, Unit], day: date, depth: int) -> None:
    steps, above = 1, unit
    while above.parent is not None:
        if above.parent not in known:
            raise BadRegister(
                f"Unit '{above.id}' has the parent '{above.parent}' on {day}, which is not in force then; "
                "add the parent or correct the row."
            )
        above, steps = known[above.parent], steps + 1
        if steps > depth:
            raise BadRegister(
                f"Unit '{unit.id}' lies deeper than the policy's {depth} levels on {day}, or in a circle; "
                "correct its parents."
            )


def _check_successors(register: Register) -> None:
    for row in register.rows:
        if row.successor is not None and row.successor not in register.unit_ids:
            raise BadRegister(f"Unit '{row.unit.id}' names a successor that the register lacks; add it.")
