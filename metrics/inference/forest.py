"""The nodes of a model: every place that a unit has had in the tree over some months, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from metrics.inference.recursion import Array, Places
from privacy.groups import GroupTree

Path = tuple[str, ...]
"""A unit with all above it, the root's id first: where a unit moves, it becomes another node."""


def paths(tree: GroupTree) -> Mapping[str, Path]:
    """The path of every group of a tree."""
    return {group.id: tuple(above.id for above in reversed(tree.ancestry(group.id))) for group in tree.groups}


@dataclass(frozen=True)
class Forest:
    """All nodes by depth, in an order in which each parent's children stand together.

    ``nodes`` holds the paths of each depth, ``parents`` the place of each one's parent in the depth above.
    """

    nodes: tuple[tuple[Path, ...], ...]
    parents: tuple[Places, ...]
    place: Mapping[Path, tuple[int, int]]

    @classmethod
    def of(cls, trees: Iterable[GroupTree]) -> Forest:
        """The nodes of all of some trees."""
        found = {path for tree in dict.fromkeys(trees) for path in paths(tree).values()}
        depths = max(map(len, found))
        nodes = tuple(tuple(sorted(path for path in found if len(path) == n + 1)) for n in range(depths))
        place = {path: (depth, row) for depth, layer in enumerate(nodes) for row, path in enumerate(layer)}
        parents = tuple(
            np.array([place[path[:-1]][1] if depth else 0 for path in layer], dtype=np.int64)
            for depth, layer in enumerate(nodes)
        )
        return cls(nodes, parents, place)

    def zeros(self, *shape: int) -> list[Array]:
        """A table a depth, (nodes, *shape)."""
        return [np.zeros((len(layer), *shape)) for layer in self.nodes]

    def rolled_up(self, tables: Sequence[Array]) -> list[Array]:
        """Tables of leaves as tables of all nodes: what each node holds with all below it."""
        found = [each.copy() for each in tables]
        for depth in range(len(found) - 1, 0, -1):
            np.add.at(found[depth - 1], self.parents[depth], found[depth])
        return found


@dataclass(frozen=True)
class Reading:
    """What one draw of a level says: the sum over some of the months, by node, with its noise.

    ``design`` is (months,): how much each month counts in what was drawn.
    """

    design: Array
    deviation: float
    values: Mapping[Path, float]


@dataclass(frozen=True)
class Information:
    """What all draws say of the nodes of a depth: ``Ω`` (nodes, T, T) or (T, T), and ``h`` (nodes, T)."""

    precision: Array
    observed: Array


def information(forest: Forest, readings: Sequence[Reading], months: int) -> list[Information]:
    """All readings as information, a depth each."""
    observed = forest.zeros(months)
    told: list[Array] = [np.zeros((len(layer), len(readings)), dtype=bool) for layer in forest.nodes]
    for number, reading in enumerate(readings):
        for path, value in reading.values.items():
            depth, row = forest.place[path]
            observed[depth][row] += reading.design * value / reading.deviation**2
            told[depth][row, number] = True
    each = np.array([np.outer(r.design, r.design) / r.deviation**2 for r in readings])
    each = each.reshape(len(readings), months, months)
    return [Information(_added(is_told, each), h) for is_told, h in zip(told, observed, strict=True)]


def _added(told: Array, each: Array) -> Array:
    """The precision of each node, or one for all where they are told alike."""
    patterns, which = np.unique(told, axis=0, return_inverse=True)
    tables = np.einsum("pr,rtu->ptu", patterns.astype(float), each)
    return np.asarray(tables[0] if len(patterns) == 1 else tables[which.ravel()], dtype=np.float64)
