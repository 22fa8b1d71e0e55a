"""The product's estimates of everything that was drawn, and the ratios of them with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from metrics.inference.estimate import Estimates, estimate
from metrics.inference.forest import Forest, Path, Reading
from metrics.inference.model import Model
from metrics.inference.spread import Prior
from utility.indicators import Indicator
from utility.protecting import BASES, ORDER, Drawn, Protected, Scales
from utility.workforce import BRANCHING, LEVELS, MONTHS, Floats, Ints, Workforce

PRIORS: Mapping[str, Prior] = {
    "employed": Prior(1.0, 0.15, 0.05, 0.7, 1.0, 0.9),
    "left": Prior(0.015, 0.4, 0.015, 0.7, 0.1, 0.05),
    "scheduled_hours": Prior(40.0, 0.5, 60.0**2, 1.0, 0.7, 0.9),
    "absent_hours": Prior(24.0, 0.3, 60.0**2, 0.7, 0.7, 0.5),
    "case_holders": Prior(0.5, 0.5, 0.25, 0.7, 0.3, 0.9),
    "open_cases": Prior(4.0, 0.7, 5.0**2, 0.7, 0.7, 0.9),
    "exposure_hours": Prior(40.0, 0.5, 60.0**2, 0.7, 0.7, 0.8),
}
"""What is expected beforehand, from public figures: typical rates, and how people are clamped."""


def unit(level: int, number: int) -> Path:
    """The path of a unit, named so that paths in order are units in order."""
    steps = (number * BRANCHING[above] // BRANCHING[level] for above in range(level + 1))
    return tuple(f"{above}.{step:03d}" for above, step in enumerate(steps))


PATHS = tuple(tuple(unit(level, n) for n in range(BRANCHING[level])) for level in range(len(LEVELS)))


def forest() -> Forest:
    place = {path: (depth, row) for depth, layer in enumerate(PATHS) for row, path in enumerate(layer)}
    parents = [
        np.array([place[path[:-1]][1] if depth else 0 for path in layer]) for depth, layer in enumerate(PATHS)
    ]
    return Forest(PATHS, tuple(parents), place)


FOREST = forest()


@dataclass(frozen=True)
class Told:
    """Everything that is told of a draw: each measure's estimates and, by level, the public centres."""

    work: Workforce
    protected: Mapping[str, Protected]
    by_measure: Mapping[str, Estimates]

    @classmethod
    def of(cls, work: Workforce, protected: Mapping[str, Protected], noisy: Drawn, noise: Scales) -> Told:
        found: dict[str, Estimates] = {}
        for name in ORDER:
            people = FOREST.zeros(MONTHS)
            if name == "employed":
                people[-1][:] = work.posts[:, None]
            else:
                people[-1][:] = np.maximum(found[BASES[name]].mean[-1], 0.5)
            lines = None if name == "employed" else _lines(work)
            model = Model(FOREST, people, PRIORS[name], _readings(name, noisy, noise), lines)
            found[name] = estimate(model)
        return cls(work, protected, found)

    def total(self, name: str, level: int) -> Floats:
        """The estimated total with what was centred put back; (units, months)."""
        each = self.protected[name]
        total = self.by_measure[name].mean[level]
        if each.centre is None:
            return total
        centred = each.centre[:, None] * self.by_measure[each.base].mean[-1]
        back = np.zeros_like(total)
        np.add.at(back, self.work.parent(level), centred)
        return total + back

    def parts(self, name: str, level: int) -> dict[str, Floats]:
        """How far the total moves with what each measure is wrong by, its own first; (units, months)."""
        each = self.protected[name]
        found = {name: np.ones((BRANCHING[level], MONTHS))}
        if name not in BASES:
            return found
        moved = self.by_measure[name].by_people[level]
        if each.centre is not None:
            moved = moved + _mean_centre(self.work, each.centre, level)[:, None]
        for source, share in self.parts(BASES[name], level).items():
            found[source] = found.get(source, 0) + moved * share
        return found

    def covariance(self, left: str, right: str, level: int) -> Floats:
        """The covariance of two totals of each unit and month."""
        one, two = self.parts(left, level), self.parts(right, level)
        shared = [name for name in one if name in two]
        variance = sum(one[m] * two[m] * self.variance(m, level) for m in shared)
        return variance + self.mixture(left, level) if left == right else variance

    def variance(self, name: str, level: int) -> Floats:
        return np.diagonal(self.by_measure[name].covariance[level], axis1=1, axis2=2)

    def mixture(self, name: str, level: int) -> Floats:
        """What it adds to a total's variance that its members lie elsewhere than was thought.

        Of each child of a unit the part whose centre is not the unit's own counts; (units, months).
        """
        each = self.protected[name]
        found = np.zeros((BRANCHING[-1], MONTHS))
        if each.centre is None:
            return found if level == len(LEVELS) - 1 else np.zeros((BRANCHING[level], MONTHS))
        for depth in range(len(LEVELS) - 1, level, -1):
            parent = FOREST.parents[depth]
            apart = (
                _mean_centre(self.work, each.centre, depth)
                - _mean_centre(self.work, each.centre, depth - 1)[parent]
            )
            below = found + apart[:, None] ** 2 * self.variance(each.base, depth)
            found = np.zeros((BRANCHING[depth - 1], MONTHS))
            np.add.at(found, parent, below)
        return found

    def ratio(self, indicator: Indicator, level: int) -> tuple[Floats, Floats]:
        """An indicator of every unit and month, and its standard deviation by linear approximation."""
        n, d = self.total(indicator.numerator, level), self.total(indicator.denominator, level)
        ratio = n / d
        v_n = self.covariance(indicator.numerator, indicator.numerator, level)
        v_d = self.covariance(indicator.denominator, indicator.denominator, level)
        v_nd = self.covariance(indicator.numerator, indicator.denominator, level)
        variance = (v_n - 2 * ratio * v_nd + ratio**2 * v_d) / d**2
        return indicator.factor * ratio, indicator.factor * np.sqrt(np.maximum(variance, 0))


def _lines(work: Workforce) -> list[Ints]:
    inner = [np.zeros(len(layer), dtype=np.int64) for layer in PATHS[:-1]]
    return [*inner, work.line]


def _mean_centre(work: Workforce, centre: Floats, level: int) -> Floats:
    weighted, posts = np.zeros(BRANCHING[level]), np.zeros(BRANCHING[level])
    np.add.at(weighted, work.parent(level), centre * work.posts)
    np.add.at(posts, work.parent(level), work.posts)
    return weighted / posts


def _readings(name: str, noisy: Drawn, noise: Scales) -> list[Reading]:
    return [
        Reading(
            np.eye(MONTHS)[month],
            noise[name, level],
            dict(zip(PATHS[level], noisy[name, level][:, month].tolist(), strict=True)),
        )
        for level in range(len(LEVELS))
        if (name, level) in noise
        for month in range(MONTHS)
    ]
