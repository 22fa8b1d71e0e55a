"""How precisely a tree of noisy totals tells each of its groups, without working out any estimate.

Every group of a level is drawn with the same noise, so a level is known by one precision: one over the
variance of a draw. Two sweeps give the variance of the least-squares estimate of every group: upwards
what the groups below tell, downwards what all others tell. Many items are swept at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privacy.groups import GroupTree

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Swept = NDArray[Any]
STEP = 1e-30


@dataclass(frozen=True)
class _Family:
    """The groups of a level, ordered by parent: their rows, where each parent's begin, and the parents."""

    rows: Rows
    begins: Rows
    parents: Rows

    @cached_property
    def parent_of_each(self) -> Rows:
        counts = np.diff(np.append(self.begins, len(self.rows)))
        return np.repeat(self.parents, counts)


@dataclass(frozen=True, eq=False)
class TreePrecision:
    """A tree prepared for the two sweeps."""

    tree: GroupTree

    @property
    def levels(self) -> tuple[str, ...]:
        return self.tree.levels

    @cached_property
    def _place(self) -> Rows:
        """The level of each group, as a number."""
        number = {level: place for place, level in enumerate(self.levels)}
        return np.array([number[group.level] for group in self.tree.groups])

    @cached_property
    def _families(self) -> tuple[_Family, ...]:
        """The levels below the root's, from the top down."""
        row = {group.id: number for number, group in enumerate(self.tree.groups)}
        parent = np.array([row[group.parent or group.id] for group in self.tree.groups])
        families = []
        for level in range(1, len(self.levels)):
            rows = np.flatnonzero(self._place == level)
            rows = rows[np.argsort(parent[rows], kind="stable")]
            parents, begins = np.unique(parent[rows], return_index=True)
            families.append(_Family(rows, begins, parents))
        return tuple(families)

    def variances(self, precisions: Swept) -> Swept:
        """The variance of every group's estimate, in the tree's order: (..., groups).

        Args:
            precisions: one a level, the root's level first, each above 0: (..., levels).
        """
        own = precisions[..., self._place]
        below, spread = np.zeros_like(own), np.zeros_like(own)
        for family in reversed(self._families):
            open_ = 1 / (own[..., family.rows] + below[..., family.rows])
            spread[..., family.parents] = np.add.reduceat(open_, family.begins, axis=-1)
            below[..., family.parents] = 1 / spread[..., family.parents]
        above = np.zeros_like(own)
        for family in self._families:
            rows, parent = family.rows, family.parent_of_each
            siblings = spread[..., parent] - 1 / (own[..., rows] + below[..., rows])
            above[..., rows] = 1 / (1 / (own[..., parent] + above[..., parent]) + siblings)
        return np.asarray(1 / (own + below + above))

    def variances_and_slopes(self, precisions: Array) -> tuple[Array, Array]:
        """The variances, and how each changes with each level's precision.

        Shapes: (..., groups) and (..., groups, levels). By complex steps: the derivatives are exact to
        rounding, since the sweeps only add and divide.
        """
        steps = 1j * STEP * np.eye(len(self.levels))
        shifted = self.variances(precisions[..., None, :] + steps)
        return shifted[..., 0, :].real, np.moveaxis(shifted.imag / STEP, -2, -1)
