"""The model of one measure: its tree and months, its people, what is expected of it, and what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.inference.evidence import PatternLayer, Patterns, log_evidence
from metrics.inference.forest import Forest, Information, Reading, information
from metrics.inference.lines import Lines, usual_amounts
from metrics.inference.recursion import Array, Layer, Posterior, sweep_down, sweep_up
from metrics.inference.spread import WIDE, Prior, Proposed, Spread, fading, proposed, weights

LEAST = (
    1e-4  # of one person's variance: what a unit without people may still hold, so that nothing divides by 0
)


@dataclass(frozen=True)
class Model:
    """A measure over some months.

    Args:
        people: people of each leaf and month by depth, 0 where a node is no leaf; each (nodes, T).
        readings: all that was drawn.
        lines: the service line of each leaf, where what is usual in a line is to be told first.
    """

    forest: Forest
    people: Sequence[Array]
    prior: Prior
    readings: Sequence[Reading]
    lines: Lines | None = None

    @cached_property
    def months(self) -> int:
        return int(self.people[0].shape[1])

    @cached_property
    def depths(self) -> int:
        return len(self.forest.nodes)

    @cached_property
    def usual(self) -> list[Array]:
        """What is usual for the lines of the people, in every node and month; (nodes, T) by depth."""
        if self.lines is None:
            return self.forest.zeros(self.months)
        found = usual_amounts(self.forest, self.people, self.lines, self.prior, self.readings)
        return self.forest.rolled_up(found)

    @cached_property
    def _information(self) -> list[Information]:
        """What was drawn beyond the usual."""
        told = information(self.forest, self.readings, self.months)
        away = (
            each.observed - np.einsum("...tu,...u->...t", each.precision, usual)
            for each, usual in zip(told, self.usual, strict=True)
        )
        return [Information(each.precision, beyond) for each, beyond in zip(told, away, strict=True)]

    def layers(self, spread: Spread, *, informed: bool = True) -> list[Layer]:
        """The model under some parameters; without what was drawn, if it is not ``informed``."""
        nothing = np.zeros((self.months, self.months))
        passing, lasting = fading(self.months), np.ones_like(nothing)
        mixed = spread.lasting * lasting + (1 - spread.lasting) * passing
        own = spread.own * (spread.own_lasting * mixed + (1 - spread.own_lasting) * np.eye(self.months))
        least = LEAST * self.prior.own * np.eye(self.months)
        layers = []
        for depth, told in enumerate(self._information):
            people, level = self.people[depth], spread.levels[depth]
            between = level**2 * mixed
            if depth == 0:
                between = (WIDE * self.prior.rate) ** 2 * lasting + level**2 * passing
            root = np.sqrt(people)
            mine = root[:, :, None] * own * root[:, None, :] + least
            layers.append(
                Layer(
                    self.forest.parents[depth], people, mine, between,
                    told.precision if informed else nothing, told.observed if informed else 0 * told.observed,
                )
            )  # fmt: skip
        return layers

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns.of(np.ones((self.months, self.months)), fading(self.months))

    @cached_property
    def _pattern_layers(self) -> list[PatternLayer]:
        each = zip(self.forest.parents, self.people, self._information, strict=True)
        return [PatternLayer.of(self._patterns, *layer) for layer in each]

    def evidence(self, spread: Spread) -> float:
        """The log marginal likelihood of what was drawn, nearly, and up to a constant."""
        lasting, passing = self._patterns.lasting, self._patterns.passing
        mixed = spread.lasting * lasting + (1 - spread.lasting) * passing
        root = (WIDE * self.prior.rate) ** 2 * lasting + spread.levels[0] ** 2 * passing
        between = [root, *(level**2 * mixed for level in spread.levels[1:])]
        own = spread.own * (spread.own_lasting * mixed + 1 - spread.own_lasting)
        return log_evidence(self._pattern_layers, between, own, LEAST * self.prior.own)

    @cached_property
    def spreads(self) -> tuple[Proposed, ...]:
        """The parameters to weigh."""
        return proposed(self.evidence, self.prior, self.depths)


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
    """The estimates of all nodes of a model: over all parameters, each weighed by the exact evidence."""
    found = [_given(model, each.spread) for each in model.spreads]
    logs = [each.log_weight + part.log_evidence for each, part in zip(model.spreads, found, strict=True)]
    parts = list(zip(weights(np.array(logs)), found, strict=True))
    depths = range(model.depths)
    mean = [_mixed([(w, part.posterior[d].mean) for w, part in parts]) for d in depths]
    covariance = [
        _mixed([(w, p.posterior[d].covariance + _square(p.posterior[d].mean - mean[d])) for w, p in parts])
        for d in depths
    ]
    by_people = [_mixed([(w, part.by_people[d]) for w, part in parts]) for d in depths]
    whole = [beyond + usual for beyond, usual in zip(mean, model.usual, strict=True)]
    return Estimates(model.forest, whole, covariance, by_people)


@dataclass(frozen=True)
class _Given:
    """The estimates under one set of parameters."""

    posterior: Sequence[Posterior]
    by_people: Sequence[Array]
    log_evidence: float


def _mixed(parts: Sequence[tuple[float, Array]]) -> Array:
    return np.asarray(sum(weight * part for weight, part in parts), dtype=np.float64)


def _given(model: Model, spread: Spread) -> _Given:
    layers = model.layers(spread)
    up = sweep_up(layers)
    posterior = sweep_down(layers, up)
    bare = sweep_up(model.layers(spread, informed=False))
    people = model.forest.rolled_up(model.people)
    rests = []
    for depth in range(model.depths):
        told, untold = (each.upward[depth].rest_of_parent for each in (up, bare))
        share = np.diagonal(told, axis1=1, axis2=2) / np.diagonal(untold, axis1=1, axis2=2)
        total = posterior[depth].mean + model.usual[depth]
        rests.append(share * total / np.maximum(people[depth], 1.0))
    return _Given(posterior, rests, up.log_evidence)


def _square(away: Array) -> Array:
    return np.asarray(away[:, :, None] * away[:, None, :], dtype=np.float64)
