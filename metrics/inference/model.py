"""The model of one measure: its tree and months, its people, what is expected of it, and what was drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from metrics.inference.evidence import PatternLayer, Patterns, log_evidence
from metrics.inference.forest import Forest, Information, Reading, information
from metrics.inference.lines import Lines, usual_amounts
from metrics.inference.recursion import Array, Layer
from metrics.inference.spread import WIDE, Likely, Prior, Spread, fading, likely

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

    def _kernels(
        self, spread: Spread, lasting: Array, passing: Array, alone: Array
    ) -> tuple[list[Array], Array]:
        """How rates go together over months, by depth, and a person's amounts.

        Args:
            lasting: what goes together where a difference lasts for all months, ``passing`` where it fades,
                ``alone`` where each month is by itself: (T, T), or their diagonals over the patterns, (T,).
        """
        mixed = spread.lasting * lasting + (1 - spread.lasting) * passing
        root = (WIDE * self.prior.rate) ** 2 * lasting + spread.levels[0] ** 2 * passing
        own = spread.own * (spread.own_lasting * mixed + (1 - spread.own_lasting) * alone)
        return [root, *(level**2 * mixed for level in spread.levels[1:])], own

    def layers(self, spread: Spread, *, informed: bool = True) -> list[Layer]:
        """The model under some parameters; without what was drawn, if it is not ``informed``."""
        alone = np.eye(self.months)
        between, own = self._kernels(spread, np.ones_like(alone), fading(self.months), alone)
        layers = []
        for depth, told in enumerate(self._information):
            root = np.sqrt(self.people[depth])
            mine = root[:, :, None] * own * root[:, None, :] + LEAST * self.prior.own * alone
            precision, observed = told.precision, told.observed
            if not informed:
                precision, observed = 0 * alone, 0 * observed
            parent, people = self.forest.parents[depth], self.people[depth]
            layers.append(Layer(parent, people, mine, between[depth], precision, observed))
        return layers

    @cached_property
    def patterns(self) -> Patterns:
        return Patterns.of(np.ones((self.months, self.months)), fading(self.months))

    @cached_property
    def _pattern_layers(self) -> list[PatternLayer]:
        each = zip(self.forest.parents, self.people, self._information, strict=True)
        return [PatternLayer.of(self.patterns, *layer) for layer in each]

    def _over_patterns(self, spread: Spread) -> tuple[list[Array], Array]:
        kernels = self.patterns.lasting, self.patterns.passing
        return self._kernels(spread, *kernels, np.ones(self.months))

    def evidence(self, spread: Spread) -> float:
        """The log marginal likelihood of what was drawn, nearly, and up to a constant."""
        return log_evidence(self._pattern_layers, *self._over_patterns(spread), LEAST * self.prior.own)

    def patterned(self, spread: Spread) -> list[Layer]:
        """The model in patterns, each a model of a single month; nodes stand pattern by pattern.

        What it tells is near what :meth:`layers` tell, and told in a fraction of the time.
        """
        between, own = self._over_patterns(spread)
        found, above = [], 0
        for layer, variance in zip(self._pattern_layers, between, strict=True):
            nodes = len(layer.parent)
            parent = (np.arange(self.months)[:, None] * above + layer.parent).ravel()
            people = np.tile(layer.people, (self.months, 1))
            mine = np.repeat(own, nodes)[:, None] * people + LEAST * self.prior.own
            each = np.repeat(variance, nodes), layer.precision.T.ravel()
            found.append(
                Layer(
                    parent, people, mine[:, :, None], each[0][:, None, None], each[1][:, None, None],
                    layer.observed.T.reshape(-1, 1),
                )
            )  # fmt: skip
            above = nodes
        return found

    @cached_property
    def likely(self) -> Likely:
        """The parameters to weigh."""
        return likely(self.evidence, self.prior, self.depths)
