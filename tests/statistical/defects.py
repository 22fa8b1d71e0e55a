"""Planted defects: each way in which a product could break the promise, put in for as long as it is audited.

Each is a context that yields what makes a mechanism for one publication. They exist here alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest.mock import patch

from metrics import blanks
from metrics.measures import HEAD_COUNT
from privacy import bounding, measuring
from privacy.accounting import Rho
from privacy.groups import Group
from privacy.ledger import Ledger
from privacy.mechanism import DiscreteGaussian, Mechanism
from privacy.plan import Charge
from privacy.records import Records

MakeMechanism = Callable[[], Mechanism]
SEED = 20_240_701


@dataclass(frozen=True)
class Quieter:
    """Draws with a share of the signed scale, and asks nobody."""

    share: float

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        measurement, _ = DiscreteGaussian._measurement(cap_squared, round(sigma * self.share))
        return [int(value) for value in measurement(list(totals))]


@dataclass
class Seeded:
    """Noise of the signed scale from a generator that each publication starts at the same seed."""

    generator: random.Random = field(default_factory=lambda: random.Random(SEED))

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        return [total + round(self.generator.gauss(0, sigma)) for total in totals]


@contextmanager
def nothing() -> Iterator[MakeMechanism]:
    """The product as it is."""
    yield DiscreteGaussian


@contextmanager
def of_mechanism(make: MakeMechanism) -> Iterator[MakeMechanism]:
    yield make


@contextmanager
def exact_threshold() -> Iterator[MakeMechanism]:
    """Rule 2 looks at the exact head counts as they are charged, not at the noisy ones."""
    heads: dict[str, int] = {}
    true = measuring.draw_level

    def noting(mechanism: Mechanism, charge: Charge, level: str, exact: Mapping[str, int]) -> dict[str, int]:
        heads.update(exact if charge.item.measure == HEAD_COUNT.id else {})
        return true(mechanism, charge, level, exact)

    def is_small(totals: Any, measures: Any, periods: Any, group: Group) -> bool:
        return bool(heads[group.id] < totals.rules.minimum_group)

    with patch.object(measuring, "draw_level", noting), patch.object(blanks, "is_small", is_small):
        yield DiscreteGaussian


@contextmanager
def rewritten_sql(**changes: Sequence[tuple[str, str]]) -> Iterator[MakeMechanism]:
    """Statements of ``privacy/sql`` with passages put otherwise.

    Raises LookupError where a statement lacks a passage: the defect would not be planted.
    """
    true = bounding._sql

    def changed(name: str) -> str:
        text = true(name)
        for passage, other in changes.get(name, ()):
            if passage not in text:
                raise LookupError(f"{name}.sql does not hold a passage to rewrite")
            text = text.replace(passage, other)
        return text

    with patch.object(bounding, "_sql", changed):
        yield DiscreteGaussian


NOTHING_SPENT = [("coalesce(max(spent), 0)", "0 * coalesce(max(spent), 0)")]
NO_CUT = [
    ("least($highest, value)", "value + 0 * $highest"),
    (
        "greatest(-$half_width, least($half_width, value - centre * base))",
        "value - centre * base + 0 * $half_width",
    ),
    ("least(abs(x), limit_x) as x", "abs(x) as x"),
]
monthly_cap = partial(rewritten_sql, bounded_contributions=NOTHING_SPENT, largest_yearly_square=NOTHING_SPENT)
no_cap = partial(rewritten_sql, bounded_contributions=NO_CUT, largest_yearly_square=NOTHING_SPENT)


@contextmanager
def second_draw_on_retry() -> Iterator[MakeMechanism]:
    """A run again draws again and enters it: nothing asks the ledger, and no key is unique."""

    def enter(self: Ledger, charge: Charge, level: str, values: Mapping[str, int]) -> None:
        body = {
            "item": charge.item.identity, "period": str(charge.period), "level": level,
            "sigma": charge.item.sigma[level], "charge": charge.charge_id, "register": charge.register,
            "values": values,
        }  # fmt: skip
        self._insert("measurement", body)

    with ExitStack() as planted:
        planted.enter_context(patch.object(Records, "is_drawn", lambda *_: False))
        planted.enter_context(patch.object(Ledger, "_enter_draw", enter))
        yield DiscreteGaussian


Planted = Callable[[], AbstractContextManager[MakeMechanism]]


DEFECTS: Mapping[str, Planted] = {
    "half the noise": partial(of_mechanism, partial(Quieter, 0.5)),
    "80 % of the noise": partial(of_mechanism, partial(Quieter, 0.8)),
    "a seeded generator": partial(of_mechanism, Seeded),
    "units suppressed by exact counts": exact_threshold,
    "the cap on a month, not a year": monthly_cap,
    "no cap": no_cap,
    "a second draw on a retry": second_draw_on_retry,
}
NO_DEFECT, ON_A_RETRY = "none", "a second draw on a retry"
PLANTED: Mapping[str, Planted] = {NO_DEFECT: nothing, **DEFECTS}


def runs(defect: str) -> int:
    """How often a publication is run: again, as a scheduler would, where a run again may tell something."""
    return 2 if defect in (NO_DEFECT, ON_A_RETRY) else 1
