"""What people of each service line amount to: the differences between units that their work explains.

Units of one line stand in many places of the tree. Where the lines differ much, a unit is better compared
with its line than with its neighbours; so what is usual in each line is found first, and the model of the
tree tells the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from metrics.inference.forest import Forest, Reading
from metrics.inference.recursion import Array
from metrics.inference.spread import WIDE, Prior

Lines = Sequence[NDArray[np.int64]]
"""The service line of each node by depth, as a number from 0; (nodes,). Only that of leaves counts."""


def usual_amounts(
    forest: Forest, people: Sequence[Array], lines: Lines, prior: Prior, readings: Sequence[Reading]
) -> list[Array]:
    """What would be usual in each leaf and month for the people of its line; (nodes, T) by depth.

    The amount a person of each line is the ridge estimate (Hoerl and Kennard 1970) from all sums over months
    that were drawn, with lines expected to differ by ``prior.rate`` around what they have in common.
    """
    count = 1 + max(int(each.max()) for each in lines)
    each = zip(lines, people, strict=True)
    of_line = [np.eye(count)[line][:, :, None] * table[:, None, :] for line, table in each]
    units, sums, noise = _sums(forest, forest.rolled_up(of_line), readings)
    there = units.sum(axis=1)
    variance = noise + prior.own * there + (prior.between * prior.rate * there) ** 2
    common = (WIDE * prior.rate) ** 2 * np.ones((count, count))
    beforehand = np.linalg.inv(common + prior.rate**2 * np.eye(count))
    told = units / variance[:, None]
    amounts = np.linalg.solve(beforehand + told.T @ units, told.T @ sums)
    return [amounts[line][:, None] * table for line, table in zip(lines, people, strict=True)]


def _sums(forest: Forest, people: Sequence[Array], readings: Sequence[Reading]) -> tuple[Array, Array, Array]:
    """Of every node of which anything was drawn: people of each line, amount and noise over the months drawn.

    Shapes: (found, lines), (found,) and (found,), the last a variance.
    """
    units = [np.zeros(each.shape[:2]) for each in people]
    sums, noise = forest.zeros(), forest.zeros()
    for reading in readings:
        for path, value in reading.values.items():
            depth, row = forest.place[path]
            units[depth][row] += people[depth][row] @ reading.design
            sums[depth][row] += value
            noise[depth][row] += reading.deviation**2
    told = np.concatenate(noise) > 0
    return np.concatenate(units)[told], np.concatenate(sums)[told], np.concatenate(noise)[told]
