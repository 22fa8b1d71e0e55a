"""What a ledger says, from its entries in order: plans, studies, draws, releases, registers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from privacy.entries import FIRST_PREVIOUS, Entry, Head, digest
from privacy.errors import BadRegister, BudgetRefused
from privacy.groups import GroupTree
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, PlanItem, Study


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
        if not any(entry.kind in ("plan", "study") for entry in added):
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
        """Every item ever signed, those of studies included, by identity."""
        planned = (PlanItem.from_json(body) for entry in self.of("plan") for body in entry.body["items"])
        studied = (study.item for study in self.studies())
        return {item.identity: item for item in (*planned, *studied)}

    def studies(self, year: BudgetYear | None = None) -> tuple[Study, ...]:
        """The one-off studies that were signed, of a budget year or of all, oldest first."""
        bodies = (entry.body for entry in self.of("study"))
        return tuple(Study.from_json(body) for body in bodies if year is None or body["year"] == str(year))

    @property
    def years(self) -> tuple[BudgetYear, ...]:
        """The budget years for which a plan has been signed, oldest first."""
        named = {entry.body["year"] for entry in self.of("plan")}
        return tuple(BudgetYear(Period.parse(year)) for year in sorted(named))

    def plans(self, year: BudgetYear) -> tuple[Entry, ...]:
        """The plan entries of a budget year, oldest first."""
        return tuple(entry for entry in self.of("plan") if entry.body["year"] == str(year))

    @property
    def newest_plan(self) -> Entry | None:
        """The plan signed last, of whichever year."""
        return next(reversed(list(self.of("plan"))), None)

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

    def items_before(self, year: BudgetYear) -> tuple[PlanItem, ...]:
        """The items open in the newest budget year before a year: what a roll-over would keep."""
        earlier = [each for each in self.years if each.first.index < year.first.index]
        return self.open_items(earlier[-1]) if earlier else ()

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

    def drawn_items(self, year: BudgetYear) -> tuple[PlanItem, ...]:
        """The plan's items of which anything has been drawn in a budget year."""
        drawn = {m.item.identity for m in self.measurements if year.holds(m.period)}
        return tuple(item for item in self.signed_items(year) if item.identity in drawn)

    @property
    def burnt_before(self) -> date | None:
        """Periods that ended before this day are never drawn any more: a restore has lost what was."""
        days = [date.fromisoformat(entry.body["burnt_before"]) for entry in self.of("restored")]
        return max(days, default=None)

    @property
    def abandoned(self) -> frozenset[str]:
        """Heads that a restore gave up, openly: they lie in no history of this ledger."""
        return frozenset(head for entry in self.of("restored") for head in entry.body["abandoned"])

    def check_may_draw(self, item: PlanItem, period: Period, year: BudgetYear) -> None:
        """A draw needs an open item of the period's year, or a study of that very period.

        Raises:
            BudgetRefused: there is none, or a restore has burnt the period.
        """
        planned = item.identity in {open_item.identity for open_item in self.open_items(year)}
        studied = any(study.item == item and period in study.periods for study in self.studies(year))
        if not (planned or studied) or not year.holds(period) or period.cadence is not item.cadence:
            raise BudgetRefused(
                f"'{item.measure}' as given is no open item of the plan or studies of {year.title} for "
                f"{period}; sign a plan that holds it."
            )
        if self.is_burnt(period):
            raise BudgetRefused(
                f"{period} lies in a budget year whose newest entries a restore has lost, so its budget may "
                f"be spent: nothing more is drawn before {self.burnt_before}."
            )

    def is_burnt(self, period: Period) -> bool:
        """Whether a restore has given a period up."""
        return self.burnt_before is not None and period.last_day < self.burnt_before

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

    def charges(self) -> tuple[Charge, ...]:
        """Every charge that was drawn, oldest first."""
        drawn = ((m.charge_id, m.item, m.period, self.entries[m.seq - 1]) for m in self.measurements)
        found = {
            name: Charge(name, item, period, entry.body["register"]) for name, item, period, entry in drawn
        }
        return tuple(found.values())

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

    @property
    def newest_register_digest(self) -> str:
        """The digest of the register version signed last; empty where there is none."""
        seq = self._newest_register
        return digest(self.entries[seq - 1].body) if seq is not None else ""

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
        if period not in self._tree_of:
            seq = self.register_of(period)
            self._tree_of[period] = self._tree(seq, self._start(seq, period))
        return self._tree_of[period]

    def _tree(self, seq: int, start: str) -> GroupTree:
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
    def _tree_of(self) -> dict[Period, GroupTree]:
        return {}

    @cached_property
    def _trees(self) -> dict[tuple[int, str], GroupTree]:
        return {}
