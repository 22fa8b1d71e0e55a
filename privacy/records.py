"""The ledger's entries as typed records: what may stand in it, and how to read it anywhere.

One entry is one line of canonical JSON; its hash is the SHA-256 of that line, and every line names
the hash of the line before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from privacy.accounting import Rho, total
from privacy.errors import BadRegister, BudgetRefused
from privacy.groups import GroupTree
from privacy.periods import BudgetYear, Period
from privacy.plan import PlanItem

FIRST_PREVIOUS = "0" * 64

BODY_KEYS: Mapping[str, frozenset[str]] = {
    "opened": frozenset({"ledger", "organisation", "schema_version"}),
    "register": frozenset({"document", "levels", "minimum_group", "trees"}),
    "plan": frozenset({"year", "items", "reserve_pico", "rho_pico", "policy", "signed_by", "register"}),
    "closed": frozenset({"year", "item"}),
    "measurement": frozenset({"item", "period", "level", "sigma", "charge", "register", "values"}),
    "release": frozenset({"release", "period", "files"}),
}
"""All that an entry may say, by kind: no row counts, durations, check results or free text."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. ``time`` is UTC, rounded to the minute."""

    seq: int
    kind: str
    time: str
    code: str
    previous: str
    body: Mapping[str, Any]
    hash: str

    @classmethod
    def from_line(cls, line: str) -> Entry:
        fields = json.loads(line)
        return cls(
            fields["seq"], fields["kind"], fields["time"], fields["code"], fields["previous"], fields["body"],
            hashlib.sha256(line.encode("utf-8")).hexdigest(),
        )  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The newest entry: all that came before hangs on its hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        seq, _, digest = text.strip().partition(":")
        if not seq.isdecimal() or int(seq) < 1 or len(digest) != 64:
            raise ValueError("a head is written NUMBER:HASH")
        return cls(int(seq), digest)


@dataclass(frozen=True)
class Measurement:
    """One draw: the noisy totals of one item, period and level, by group."""

    seq: int
    item: PlanItem
    period: Period
    level: str
    sigma: int
    charge_id: str
    values: Mapping[str, int]


class Records:
    """What a ledger says, from its entries in order."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: tuple[Entry, ...] = tuple(entries)

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> Records:
        return cls(Entry.from_line(line) for line in lines)

    @classmethod
    def from_file(cls, path: Path) -> Records:
        """Read a published ``ledger.jsonl``."""
        return cls.from_lines(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"))

    def extended(self, fresh: Iterable[Entry]) -> Records:
        """These entries and the ones after them; what was parsed of the former is kept."""
        added = tuple(fresh)
        longer = Records((*self.entries, *added))
        longer._trees = self._trees
        if not any(entry.kind == "plan" for entry in added):
            longer.items = self.items
            longer.measurements = (*self.measurements, *longer._measurements_of(added))
        return longer

    def of(self, kind: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind == kind)

    def up_to(self, seq: int) -> Records:
        """The ledger as it stood after an entry."""
        shorter = Records(entry for entry in self.entries if entry.seq <= seq)
        shorter._trees = self._trees
        return shorter

    @property
    def chain_is_whole(self) -> bool:
        """Whether every entry names the hash of the one before it."""
        previous = FIRST_PREVIOUS
        for number, entry in enumerate(self.entries, start=1):
            if entry.seq != number or entry.previous != previous:
                return False
            previous = entry.hash
        return True

    @property
    def head(self) -> Head:
        last = self.entries[-1]
        return Head(last.seq, last.hash)

    @cached_property
    def opening(self) -> Entry:
        return next(self.of("opened"))

    @property
    def organisation(self) -> str:
        return str(self.opening.body["organisation"])

    @property
    def ledger_id(self) -> str:
        return str(self.opening.body["ledger"])

    @cached_property
    def items(self) -> Mapping[str, PlanItem]:
        """Every item ever signed, by identity."""
        signed = (PlanItem.from_json(body) for entry in self.of("plan") for body in entry.body["items"])
        return {item.identity: item for item in signed}

    @property
    def years(self) -> tuple[BudgetYear, ...]:
        """The budget years for which a plan has been signed, oldest first."""
        named = {entry.body["year"] for entry in self.of("plan")}
        return tuple(BudgetYear(Period.parse(year)) for year in sorted(named))

    def plans(self, year: BudgetYear) -> tuple[Entry, ...]:
        """The plan entries of a budget year, oldest first."""
        return tuple(entry for entry in self.of("plan") if entry.body["year"] == str(year))

    def plan_in_force(self, year: BudgetYear) -> Entry:
        """The newest plan of a budget year.

        Raises:
            BudgetRefused: none has been signed.
        """
        if not (plans := self.plans(year)):
            raise BudgetRefused(
                f"No plan has been signed for the budget year {year.title}; "
                f"look at 'leeward plan --year {year}' and sign it with 'leeward plan sign --year {year}'."
            )
        return plans[-1]

    def signed_items(self, year: BudgetYear) -> tuple[PlanItem, ...]:
        """The items signed for a budget year, closed ones included."""
        items = (PlanItem.from_json(body) for entry in self.plans(year) for body in entry.body["items"])
        return tuple({item.identity: item for item in items}.values())

    def open_items(self, year: BudgetYear) -> tuple[PlanItem, ...]:
        """The items of a budget year that may still be drawn."""
        open_ones: dict[str, PlanItem] = {}
        for entry in self.entries:
            if entry.kind == "plan" and entry.body["year"] == str(year):
                open_ones |= {i.identity: i for i in map(PlanItem.from_json, entry.body["items"])}
            elif entry.kind == "closed" and entry.body["year"] == str(year):
                open_ones.pop(entry.body["item"], None)
        return tuple(open_ones.values())

    def reserve(self, year: BudgetYear) -> Rho:
        return Rho(self.plan_in_force(year).body["reserve_pico"])

    def committed(self, year: BudgetYear) -> Rho:
        """What the items of a year cost a person: open ones, and closed ones drawn in that year."""
        still_open = {item.identity for item in self.open_items(year)}
        drawn = {m.item.identity for m in self.measurements if year.holds(m.period)}
        return total(item.rho for item in self.signed_items(year) if item.identity in still_open | drawn)

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        return tuple(self._measurements_of(self.entries))

    def _measurements_of(self, entries: Iterable[Entry]) -> Iterator[Measurement]:
        for entry in entries:
            if entry.kind == "measurement":
                yield Measurement(
                    seq=entry.seq,
                    item=self.items[entry.body["item"]],
                    period=Period.parse(entry.body["period"]),
                    level=entry.body["level"],
                    sigma=entry.body["sigma"],
                    charge_id=entry.body["charge"],
                    values=entry.body["values"],
                )

    @cached_property
    def _drawn(self) -> frozenset[tuple[str, str, str]]:
        return frozenset((m.item.identity, str(m.period), m.level) for m in self.measurements)

    def is_drawn(self, item: PlanItem, period: Period) -> bool:
        """Whether all levels of an item and period have been measured."""
        return all((item.identity, str(period), level) in self._drawn for level in item.levels)

    def charge_ids(self, item: PlanItem) -> frozenset[str]:
        return self._charges.get(item.identity, frozenset())

    @cached_property
    def _charges(self) -> Mapping[str, frozenset[str]]:
        table: dict[str, set[str]] = {}
        for measurement in self.measurements:
            table.setdefault(measurement.item.identity, set()).add(measurement.charge_id)
        return {identity: frozenset(charges) for identity, charges in table.items()}

    @cached_property
    def _newest_register(self) -> int | None:
        return max((entry.seq for entry in self.of("register")), default=None)

    def register_of(self, period: Period) -> int:
        """The register version a period is measured with: that of its first draw, or else the newest.

        Raises:
            BadRegister: none has been signed.
        """
        drawn = self._registers_drawn.get(str(period))
        newest = self._newest_register
        if drawn is None and newest is None:
            raise BadRegister("No register has been signed; run 'leeward plan sign' first.")
        return drawn if drawn is not None else int(newest or 0)

    @cached_property
    def _registers_drawn(self) -> Mapping[str, int]:
        table: dict[str, int] = {}
        for entry in self.of("measurement"):
            table.setdefault(entry.body["period"], entry.body["register"])
        return table

    def tree(self, period: Period) -> GroupTree:
        """The groups in force at a period's start.

        Raises:
            BadRegister: the signed register has no units that early.
        """
        seq = self.register_of(period)
        start = self._start(seq, period)
        if (seq, start) not in self._trees:
            body = next(t for t in self.entries[seq - 1].body["trees"] if t["from"] == start)
            self._trees[seq, start] = GroupTree.from_json(body)
        return self._trees[seq, start]

    def _start(self, seq: int, period: Period) -> str:
        starts = [tree["from"] for tree in self.entries[seq - 1].body["trees"]]
        in_force = [start for start in starts if start <= period.first_day.isoformat()]
        if not in_force:
            raise BadRegister(
                f"The signed register has no units in force at the start of {period}; "
                "add rows that are valid from an earlier date and sign it again."
            )
        return str(max(in_force))

    @cached_property
    def _trees(self) -> dict[tuple[int, str], GroupTree]:
        return {}
