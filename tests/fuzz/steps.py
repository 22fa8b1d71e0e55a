"""The steps of a story, each done in a world by the product's own functions."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Protocol, cast
from unittest.mock import patch

from ingest_folder import Agency

from fuzz.deliveries import CHANGES, DAYS, FILES, MONTHS, ONE_PERSON, Delivery, first_delivery
from pipelines import people
from pipelines.loads import stored_loads, undo
from pipelines.mending import PLACE, WHY, store_mended, write_sheets
from pipelines.person_period import build_person_period, values_query
from pipelines.retention import retain
from privacy import bounding
from privacy.belonging import acknowledge
from privacy.errors import Refusal
from privacy.groups import Unit, plan_groups
from privacy.periods import Cadence, Period
from privacy.plan import PlanItem
from privacy.policy import Policy

LEVELS = ("organisation", "division")
UNITS = (
    Unit("ORG", "Whole house", None, 0, "support"),
    Unit("U1", "Division 1", "ORG", 50, "support"),
    Unit("U2", "Division 2", "ORG", 50, "support"),
)
TREE = plan_groups(UNITS, LEVELS, 10)
CHARGED_MONTHS = MONTHS[1:]
RETAINED_ON = (date(2026, 4, 1), date(2026, 6, 1), date(2027, 12, 1), date(2028, 2, 3))
TURNS = 10


def _item(measure: str, **bounds: Any) -> PlanItem:
    fields: dict[str, Any] = {
        "version": 1,
        "base": "",
        "centre": (("*", 0),),
        "standard": (),
        "cadence": Cadence.MONTH,
        "sigmas": tuple((level, 100) for level in LEVELS),
    }
    return PlanItem(measure, **(fields | bounds))


ITEMS = (
    _item("absent_hours", highest=240, half_width=240, cap_squared=600**2),
    _item("left", highest=1, half_width=1, cap_squared=1),
    _item(
        "open_cases",
        base="case_holders",
        highest=60,
        centre=(("*", 4),),
        half_width=9,
        cap_squared=100,
    ),
    _item("exposure_hours", base="employed", highest=200, half_width=100, cap_squared=150**2),
    _item(
        "scheduled_hours",
        base="employed",
        highest=1000,
        centre=(("*", 600),),
        half_width=300,
        cap_squared=400**2,
    ),
)


@dataclass(frozen=True)
class World:
    """An agency, and the ids of whom it has no records."""

    agency: Agency
    without: frozenset[str]

    @property
    def has_everybody(self) -> bool:
        return not self.without


class Step(Protocol):
    """Something that happens in both worlds, or to the one person where there is one."""

    def done_in(self, world: World) -> None:
        """Raises Refusal where the product refuses."""


@dataclass(frozen=True)
class Deliver:
    """The folder of exports as it is now, taken in."""

    delivery: Delivery
    news: tuple[str, ...]

    def __str__(self) -> str:
        return f"deliver ({', '.join(self.news)})"

    def done_in(self, world: World) -> None:
        agency, now = world.agency, self.delivery
        for file in FILES:
            if file in now.absent:
                (agency.folder / file).unlink(missing_ok=True)
            else:
                agency.put(file, now.text(file, world.without))
        agency.map(now.mapping)
        agency.put("manifest.toml", now.manifest)
        agency.ingest(known_units=now.units)


@dataclass(frozen=True)
class Mend:
    """About half of the rows set aside are given back, some of their cells mended, each by what it says."""

    salt: int

    def __str__(self) -> str:
        return "mend"

    def done_in(self, world: World) -> None:
        home = world.agency.home
        for path in [sheet.path for sheet in write_sheets(home, world.agency.folder) if sheet.path]:
            header, *records = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
            given = [again for record in records if (again := self._given_back(record))]
            if given:
                store_mended(home, _write(home.protected / "mended.csv", [header, *given]))

    def _given_back(self, record: Sequence[str]) -> list[str]:
        place, texts, why = record[: len(PLACE)], record[len(PLACE) : -len(WHY)], record[-len(WHY) :]
        dice = Random(repr((self.salt, texts)))
        person, *others = texts
        if dice.random() < 0.5:
            return []
        mended = [_mended(text, dice) if dice.random() < 0.5 else text for text in others]
        return [*place, person, *mended, *why]


def _write(path: Path, records: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(records)
    return path


def _mended(text: str, dice: Random) -> str:
    if text in ("", *DAYS):
        return dice.choice(DAYS)
    if text in ("x", "0", "180", "999999"):
        return dice.choice(("1", "8", "19"))
    return "U1" if text == "U9" else text


@dataclass(frozen=True)
class Erase:
    person: str

    def __str__(self) -> str:
        return f"erase {self.person}"

    def done_in(self, world: World) -> None:
        if world.has_everybody:
            people.erase(world.agency.home, self.person)


@dataclass(frozen=True)
class Readmit:
    person: str

    def __str__(self) -> str:
        return f"readmit {self.person}"

    def done_in(self, world: World) -> None:
        if world.has_everybody:
            with suppress(Refusal):
                people.readmit(world.agency.home, self.person)


@dataclass(frozen=True)
class Join:
    """Both ids of the one person become one."""

    def __str__(self) -> str:
        return "join"

    def done_in(self, world: World) -> None:
        if world.has_everybody:
            with suppress(Refusal):
                people.join(world.agency.home, *sorted(ONE_PERSON))


@dataclass(frozen=True)
class Rotate:
    key: bytes

    def __str__(self) -> str:
        return "rotate the key"

    def done_in(self, world: World) -> None:
        with patch.object(people, "os", SimpleNamespace(urandom=lambda _: self.key)):
            people.rotate_key(world.agency.home)


@dataclass(frozen=True)
class Retain:
    today: date

    def __str__(self) -> str:
        return f"retain on {self.today}"

    def done_in(self, world: World) -> None:
        retain(world.agency.home, cast(Policy, SimpleNamespace(months_kept={})), self.today)


@dataclass(frozen=True)
class Undo:
    file: str

    def __str__(self) -> str:
        return f"undo {self.file}"

    def done_in(self, world: World) -> None:
        with world.agency.warehouse() as warehouse:
            numbers = [load.load_id for load in stored_loads(warehouse) if load.file_name == self.file]
        for number in numbers:
            undo(world.agency.home, number, frozenset())


@dataclass(frozen=True)
class Charge:
    """Every item's contributions of a month are frozen, and the caps asserted."""

    month: str

    def __str__(self) -> str:
        return f"charge {self.month}"

    def done_in(self, world: World) -> None:
        period = Period.parse(self.month)
        with world.agency.warehouse() as warehouse:
            bounding.prepare(warehouse)
            build_person_period(warehouse, period)
            for item in ITEMS:
                charge = bounding.freeze(warehouse, item, period, TREE, 1, values_query(item, period))
                bounding.check_cap(warehouse, item, period)
                acknowledge(warehouse, charge)


DEEDS: Mapping[Callable[[Random], Step], float] = {
    lambda dice: Mend(dice.randrange(10**9)): 4,
    lambda dice: Charge(dice.choice(CHARGED_MONTHS)): 3,
    lambda dice: Erase(dice.choice(sorted(ONE_PERSON))): 1.5,
    lambda dice: Readmit(dice.choice(sorted(ONE_PERSON))): 1.5,
    lambda dice: Retain(dice.choice(RETAINED_ON)): 1.2,
    lambda dice: Undo(dice.choice(FILES)): 1,
    lambda _: Join(): 0.7,
    lambda dice: Rotate(dice.randbytes(32)): 0.5,
}
"""What may happen beside deliveries, each with how often."""


def story(seed: int) -> list[Step]:
    """A first delivery and what happens after it; at the end every month is charged."""
    dice = Random(seed)
    delivery = first_delivery(dice)
    steps: list[Step] = [Deliver(delivery, ("everything",))]
    news: tuple[str, ...] = ()
    for _ in range(TURNS):
        if dice.random() < sum(CHANGES.values()) / sum((*CHANGES.values(), *DEEDS.values())):
            change = dice.choices(list(CHANGES), list(CHANGES.values()))[0]
            delivery, told = change(delivery, dice)
            news = (*news, told)
        else:
            steps.append(dice.choices(list(DEEDS), list(DEEDS.values()))[0](dice))
        if dice.random() < 0.7:
            steps.append(Deliver(delivery, news or ("nothing new",)))
            news = ()
    return [*steps, *map(Charge, dice.sample(CHARGED_MONTHS, len(CHARGED_MONTHS)))]
