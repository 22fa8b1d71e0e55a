"""How precisely a tree of noisy totals tells each of its groups, without working out any estimate.

Every group of a level is drawn with the same noise, so a level is known by one precision (one over the
variance of a draw; 0 where the level is not drawn). Two sweeps give the variance of the least-squares
estimate of every group: upwards what the groups below tell, downwards what all others tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from privacy.groups import GroupTree

Array = NDArray[np.float64]
STEP = 1e-30


@dataclass(frozen=True, eq=False)
class TreePrecision:
    """A tree prepared for the two sweeps."""

    tree: GroupTree

    @cached_property
    def levels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(group.level for group in self.tree.groups))

    @cached_property
    def _rows(self) -> Mapping[str, NDArray[np.int64]]:
        """The rows of each level's groups."""
        return {
            level: np.array([row for row, group in enumerate(self.tree.groups) if group.level == level])
            for level in self.levels
        }

    @cached_property
    def _parent(self) -> NDArray[np.int64]:
        """The row of each group's parent; the root is its own."""
        row = {group.id: number for number, group in enumerate(self.tree.groups)}
        return np.array([row[group.parent or group.id] for group in self.tree.groups])

    def variances(self, precisions: NDArray[np.complex128] | Array) -> NDArray[np.complex128]:
        """The variance of every group's estimate, in the tree's order, infinite where nothing tells it.

        Args:
            precisions: one a level, the root's level first.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            own = self._own(precisions)
            below, spread = self._upwards(own)
            return 1 / (own + below + self._downwards(own, below, spread))

    def _own(self, precisions: NDArray[np.complex128] | Array) -> NDArray[np.complex128]:
        own = np.zeros(len(self.tree.groups), dtype=complex)
        for level, precision in zip(self.levels, precisions, strict=True):
            own[self._rows[level]] = precision
        return own

    def _upwards(self, own: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """What a group's children tell of it, and the sum of the variances by which they do."""
        below, spread = np.zeros_like(own), np.zeros_like(own)
        for level in reversed(self.levels[1:]):
            rows = self._rows[level]
            np.add.at(spread, self._parent[rows], 1 / (own[rows] + below[rows]))
            parents = np.unique(self._parent[rows])
            below[parents] = 1 / spread[parents]
        return below, spread

    def _downwards(
        self,
        own: NDArray[np.complex128],
        below: NDArray[np.complex128],
        spread: NDArray[np.complex128],
    ) -> NDArray[np.complex128]:
        """What all that is not below a group tells of it: its parent, less what its siblings leave open."""
        above = np.zeros_like(own)
        for level in self.levels[1:]:
            rows = self._rows[level]
            parent = self._parent[rows]
            siblings = spread[parent] - 1 / (own[rows] + below[rows])
            above[rows] = 1 / (1 / (own[parent] + above[parent]) + siblings)
        return above

    def variance_and_slope(self, group: int, precisions: Array) -> tuple[float, Array]:
        """The variance of one group's estimate and how it changes with each level's precision.

        By complex steps: the derivative is exact to rounding, since the sweeps only add and divide.
        """
        slopes = np.zeros(len(precisions))
        for place in range(len(precisions)):
            shifted = precisions.astype(complex)
            shifted[place] += 1j * STEP
            slopes[place] = self.variances(shifted)[group].imag / STEP
        return float(self.variances(precisions)[group].real), slopes
