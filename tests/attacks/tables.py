"""The three ways of publishing the same totals that the attacks are tried on.

A frame of cells has one row per number that is looked at, with the columns ``item`` (identity of the plan
item), ``level``, ``total`` (exact), ``heads`` (people employed in the group) and ``sigma`` (noise scale).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from attacks.advantage import Array
from privacy.mechanism import DiscreteGaussian
from privacy.plan import PlanItem


class Tables(Protocol):
    """What readers see of exact totals."""

    def publish(self, cells: pd.DataFrame) -> Array:
        """The published number of each cell, drawn for it alone; not-a-number where it is hidden."""
        ...

    def deviation(self, cells: pd.DataFrame) -> Array:
        """The noise scale of each cell, which is public."""
        ...


class Exact:
    """The totals as they are."""

    def publish(self, cells: pd.DataFrame) -> Array:
        return cells["total"].to_numpy(dtype=float)

    def deviation(self, cells: pd.DataFrame) -> Array:
        return np.zeros(len(cells))


@dataclass(frozen=True)
class Suppressed:
    """The totals as they are, those of groups below the minimum left out."""

    minimum: int

    def publish(self, cells: pd.DataFrame) -> Array:
        return np.where(cells["heads"] < self.minimum, np.nan, cells["total"]).astype(float)

    def deviation(self, cells: pd.DataFrame) -> Array:
        return np.zeros(len(cells))


@dataclass(frozen=True)
class Leeward:
    """The totals through the product's own mechanism at the signed scales; nothing is hidden.

    The ledger that readers get holds blank cells too, so an attacker may use them.
    """

    items: Mapping[str, PlanItem]

    def publish(self, cells: pd.DataFrame) -> Array:
        found = np.empty(len(cells))
        totals = cells["total"].to_numpy()
        for (identity, level), places in cells.groupby(["item", "level"]).indices.items():
            item = self.items[identity]
            found[places] = DiscreteGaussian().draw(
                totals[places].tolist(),
                cap_squared=item.cap_squared,
                sigma=item.sigma[level],
                signed=item.price_at(level),
            )
        return found

    def deviation(self, cells: pd.DataFrame) -> Array:
        return cells["sigma"].to_numpy(dtype=float)


class AsPublished:
    """The very numbers in the ledger."""

    def publish(self, cells: pd.DataFrame) -> Array:
        return cells["published"].to_numpy(dtype=float)

    def deviation(self, cells: pd.DataFrame) -> Array:
        return cells["sigma"].to_numpy(dtype=float)
