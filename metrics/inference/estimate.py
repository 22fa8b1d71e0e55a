"""Estimates of a model: the exact posterior at its likeliest parameters, widened by what else they may be.

The exact posterior is taken once. How it would move with the parameters is taken from the model in patterns,
which is nearly the same and hundreds of times quicker; so the integration costs little at any size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.inference.forest import Forest
from metrics.inference.model import Model
from metrics.inference.recursion import Array, Posterior, Sweep, sweep_down, sweep_up
from metrics.inference.spread import Spread, weights


@dataclass(frozen=True)
class Estimates:
    """The posterior totals of a model, by depth; parameters are integrated over.

    Args:
        mean: (nodes, T), in the measure's smallest unit.
        covariance: over months, (nodes, T, T), for people as they were given.
        by_people: how far a total moves with its people, (nodes, T): the amount a person, as far as the
            estimate rests on people at all and not on the node's own noisy totals.
    """

    forest: Forest
    mean: Sequence[Array]
    covariance: Sequence[Array]
    by_people: Sequence[Array]


def estimate(model: Model) -> Estimates:
    """The estimates of all nodes of a model."""
    layers = model.layers(model.likely.mode)
    up = sweep_up(layers)
    exact = sweep_down(layers, up)
    moved = _moved(model)
    found = [_widened(model.patterns.basis, *each) for each in zip(exact, *moved, strict=True)]
    mean = [each.mean + usual for each, usual in zip(found, model.usual, strict=True)]
    return Estimates(model.forest, mean, [each.covariance for each in found], _by_people(model, up, mean))


@dataclass(frozen=True)
class _Told:
    """What the model in patterns tells of a depth under some parameters; both (nodes, patterns)."""

    mean: Array
    variance: Array


@dataclass(frozen=True)
class _Weighed:
    """The same under all parameters, with the weight of each."""

    parts: Sequence[tuple[float, _Told]]

    @property
    def mean(self) -> Array:
        return np.asarray(sum(weight * part.mean for weight, part in self.parts), dtype=np.float64)

    @property
    def variance(self) -> Array:
        """The mean of the variances under each."""
        return np.asarray(sum(weight * part.variance for weight, part in self.parts), dtype=np.float64)


def _moved(model: Model) -> tuple[list[_Told], list[_Weighed]]:
    """What is told at the mode, and under all parameters; by depth."""
    points = model.likely.points
    logs = np.array([each.log_weight + model.evidence(each.spread) for each in points])
    told = [_told(model, each.spread) for each in points]
    each = [
        _Weighed(list(zip(weights(logs).tolist(), parts, strict=True))) for parts in zip(*told, strict=True)
    ]
    return _told(model, model.likely.mode), each


def _told(model: Model, spread: Spread) -> list[_Told]:
    layers = model.patterned(spread)
    found = sweep_down(layers, sweep_up(layers))
    return [
        _Told(each.mean.reshape(model.months, -1).T, each.covariance.reshape(model.months, -1).T)
        for each in found
    ]


def _widened(basis: Array, exact: Posterior, mode: _Told, weighed: _Weighed) -> Posterior:
    """The exact posterior, moved and stretched as the one in patterns is by what else may be so."""
    mean = exact.mean + (weighed.mean - mode.mean) @ basis.T
    stretch = (basis * np.sqrt(weighed.variance / mode.variance)[:, None, :]) @ basis.T
    covariance = stretch @ exact.covariance @ stretch
    for weight, part in weighed.parts:
        away = (part.mean - weighed.mean) @ basis.T
        covariance += weight * away[:, :, None] * away[:, None, :]
    return Posterior(mean, covariance)


def _by_people(model: Model, up: Sweep, mean: Sequence[Array]) -> list[Array]:
    bare = sweep_up(model.layers(model.likely.mode, informed=False))
    people = model.forest.rolled_up(model.people)
    found = []
    for depth, total in enumerate(mean):
        told, untold = (each.upward[depth].rest_of_parent for each in (up, bare))
        share = np.diagonal(told, axis1=1, axis2=2) / np.diagonal(untold, axis1=1, axis2=2)
        found.append(share * total / np.maximum(people[depth], 1.0))
    return found
