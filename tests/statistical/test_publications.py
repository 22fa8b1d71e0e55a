"""Whole publications of the true product pass every audit, and its own guards refuse what is planted alone.

How surely the same audits detect a defect is measured in ``test_detection_power.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from audits import AUDITS, FALSE_ALARM
from canary_house import COUNT, HOURS, House, Publication
from defects import NO_CUT, rewritten_sql

from privacy.accounting import Rho
from privacy.errors import LedgerRefused
from privacy.mechanism import DiscreteGaussian
from privacy.records import Records


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[Publication]:
    house = House(tmp_path_factory.mktemp("house"))
    return [house.publish(DiscreteGaussian(), 2) for _ in range(8)]


@pytest.mark.parametrize("audit", AUDITS)
def test_no_audit_rejects_the_product(published: list[Publication], audit: str) -> None:
    """Each fails with the chance FALSE_ALARM though all is well."""
    assert AUDITS[audit](published) >= FALSE_ALARM


class Watched(DiscreteGaussian):
    """The true mechanism; notes each map that it looks at and each draw, in order."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, object]] = []

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        measurement, loss = DiscreteGaussian._measurement(cap_squared, sigma)

        def noted(values: list[int]) -> Any:
            self.seen.append(("draw", signed))
            return measurement(values)

        with patch.object(DiscreteGaussian, "_measurement", lambda *_: (noted, loss)):
            self.seen.append(("map", loss))
            return super().draw(totals, cap_squared=cap_squared, sigma=sigma, signed=signed)


def test_before_every_draw_its_map_is_finite_and_within_what_was_signed_for_the_level(tmp_path: Path) -> None:
    watched = Watched()
    House(tmp_path).publish(watched, 2)
    looked, drawn = watched.seen[::2], watched.seen[1::2]
    prices = [
        item.price_at(level)
        for item, months in ((HOURS, 12), (COUNT, 1))
        for _ in range(months)
        for level in item.levels
    ]
    assert [kind for kind, _ in watched.seen] == ["map", "draw"] * len(prices)
    assert [signed for _, signed in drawn] == prices
    for (_, loss), price in zip(looked, prices, strict=True):
        assert isinstance(loss, float) and isfinite(loss) and 0 < Fraction(loss) <= price.value


def test_a_missing_cap_alone_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    """The cap is asserted apart from the cut: both must be broken for the audits to have work."""
    watched = Watched()
    with rewritten_sql(bounded_contributions=NO_CUT), pytest.raises(LedgerRefused, match="exceeds its cap"):
        House(tmp_path).publish(watched, 2)
    assert not watched.seen


def test_a_run_that_forgets_what_was_drawn_still_draws_nothing_twice(tmp_path: Path) -> None:
    """The ledger's own key refuses a second draw where the check before it is broken."""
    watched = Watched()
    with patch.object(Records, "is_drawn", lambda *_: False):
        assert House(tmp_path).publish(watched, 2).entries == 1
    assert len(watched.seen) == 2 * (12 + 1) * 2
