"""The plan of a budget year and its studies: what is measured, how it is bounded, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from privacy.accounting import Rho, price, total
from privacy.entries import digest
from privacy.errors import BudgetRefused
from privacy.periods import BudgetYear, Cadence, Period
from privacy.sections import ANY_LINE

LARGEST_CAP_SQUARED = 2**40
LineConstants = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PlanItem:
    """One measure as it will be drawn: whole numbers in the measure's smallest unit.

    ``centre`` and ``standard`` hold one constant a service line (``*`` for any other). With a
    standard, the value counted is 1 where the quantity exceeds it and else 0. ``sigmas`` holds the
    noise scale of each level, deepest last. ``study`` names the study that the item belongs to and is
    empty for an item of the plan.
    """

    measure: str
    version: int
    base: str
    highest: int
    centre: LineConstants
    standard: LineConstants
    half_width: int
    cap_squared: int
    cadence: Cadence
    sigmas: tuple[tuple[str, int], ...]
    study: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError where the bounds could not carry the proof."""
        if not 0 < self.cap_squared <= LARGEST_CAP_SQUARED:
            raise ValueError("C² must be a whole number from 1 to 2^40")
        if not self.sigmas or any(sigma < 1 for _, sigma in self.sigmas):
            raise ValueError("every level needs a whole noise scale of at least 1")
        if self.highest < 1 or self.half_width < 1:
            raise ValueError("bounds must be whole numbers of at least 1")
        if not self.centre or dict(self.centre).get(ANY_LINE) is None:
            raise ValueError("a centre for any service line is missing")

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(level for level, _ in self.sigmas)

    @property
    def sigma(self) -> Mapping[str, int]:
        return dict(self.sigmas)

    def price_at(self, level: str) -> Rho:
        return price(self.cap_squared, self.sigma[level])

    @property
    def rho(self) -> Rho:
        """What the item costs a person in any twelve consecutive months, all levels together."""
        return total(self.price_at(level) for level in self.levels)

    @property
    def rho_of_one_period(self) -> Rho:
        """What a person's records of one period cost at most, all levels together."""
        square = min(self.half_width**2, self.cap_squared)
        return total(price(square, sigma) for _, sigma in self.sigmas)

    def to_json(self) -> dict[str, Any]:
        return {
            "study": self.study,
            "measure": self.measure,
            "version": self.version,
            "base": self.base,
            "highest": self.highest,
            "centre": dict(self.centre),
            "standard": dict(self.standard),
            "half_width": self.half_width,
            "cap_squared": self.cap_squared,
            "cadence": str(self.cadence),
            "sigma": [[level, sigma] for level, sigma in self.sigmas],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> PlanItem:
        return cls(
            measure=body["measure"],
            version=body["version"],
            base=body["base"],
            highest=body["highest"],
            centre=tuple(sorted(body["centre"].items())),
            standard=tuple(sorted(body["standard"].items())),
            half_width=body["half_width"],
            cap_squared=body["cap_squared"],
            cadence=Cadence.parse(body["cadence"]),
            sigmas=tuple((level, sigma) for level, sigma in body["sigma"]),
            study=body["study"],
        )

    @cached_property
    def identity(self) -> str:
        """Hash of all that defines the item: a changed item is another item with a cost of its own."""
        return digest(self.to_json())[:32]

    def constant(self, constants: LineConstants, service_line: str) -> int:
        """The constant of a service line, or else the one for any line."""
        table = dict(constants)
        return table.get(service_line, table[ANY_LINE])


@dataclass(frozen=True)
class Plan:
    """The items of one budget year and the reserve kept for unplanned studies."""

    year: BudgetYear
    items: tuple[PlanItem, ...]
    reserve: Rho

    @property
    def rho(self) -> Rho:
        return total(item.rho for item in self.items) + self.reserve

    def check(self, allowed: Rho) -> None:
        """Raises BudgetRefused when items and reserve together cost more than the policy allows."""
        if len({item.identity for item in self.items}) != len(self.items):
            raise BudgetRefused(f"The plan of {self.year.title} holds the same item twice; remove one.")
        if any(item.study for item in self.items):
            raise BudgetRefused(f"The plan of {self.year.title} holds an item of a study; remove it.")
        if self.rho > allowed:
            raise BudgetRefused(
                f"The plan of {self.year.title} costs ρ = {self.rho}, the policy allows {allowed}: "
                "measure less, accept wider margins or raise epsilon."
            )


@dataclass(frozen=True)
class Study:
    """A one-off measurement of some periods of a budget year, paid for from its reserve."""

    year: BudgetYear
    number: int
    item: PlanItem
    periods: tuple[Period, ...]

    def __post_init__(self) -> None:
        """Raises ValueError unless the periods are those of the item, in the year, each once."""
        if self.item.study != study_label(self.year, self.number):
            raise ValueError("a study's item carries the study's label")
        fits = all(p.cadence is self.item.cadence and self.year.holds(p) for p in self.periods)
        if not self.periods or not fits or len(set(self.periods)) != len(self.periods):
            raise ValueError("a study measures periods of its item's cadence in its year, each once")

    def to_json(self) -> dict[str, Any]:
        return {
            "year": str(self.year),
            "number": self.number,
            "item": self.item.to_json(),
            "periods": [str(period) for period in self.periods],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Study:
        return cls(
            BudgetYear(Period.parse(body["year"])),
            body["number"],
            PlanItem.from_json(body["item"]),
            tuple(Period.parse(period) for period in body["periods"]),
        )


def study_label(year: BudgetYear, number: int) -> str:
    """The name of a year's n-th study, which keeps its item apart from every other.

    >>> study_label(BudgetYear(Period.parse("2025-07")), 2)
    '2025-07/2'
    """
    return f"{year}/{number}"


@dataclass(frozen=True)
class Charge:
    """The frozen contributions of all people to one item and period, known by a random id alone.

    ``register`` is the ledger entry of the register version whose groups the totals have.
    """

    charge_id: str
    item: PlanItem
    period: Period
    register: int
