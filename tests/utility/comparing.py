"""The errors of each way on one workforce: root-mean-square over the units and months of a level."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from utility.choices import Choice, Shares, chosen
from utility.estimating import Told
from utility.indicators import INDICATORS, Indicator
from utility.protecting import EPSILON, ORDER, RHO, Drawn, Protected, drawn, levels, ours, plainly, scales
from utility.workforce import BRANCHING, MONTHS, Floats, Workforce, workforce

NORMAL = 1.96
Errors = Mapping[tuple[str, str, int], float]
"""Root-mean-square error by way, indicator and level, in the indicator's unit."""
CLIPS = {"scheduled_hours": 900, "absent_hours": 240, "open_cases": 30, "exposure_hours": 240}
FEWEST = 5  # people: of whom a ratio over fewer speaks, everybody there knows
GRID = {
    "absent_hours": (80, 160, 320, 600),
    "open_cases": (15, 20, 25, 30),
    "exposure_hours": (80, 120, 160, 240),
}


def error(work: Workforce, found: Floats, indicator: Indicator, level: int) -> float:
    """The root-mean-square error over the units and months in which the indicator means anything."""
    away = (found - truth(work, indicator, level))[is_defined(work, indicator, level)]
    return math.sqrt(float(np.mean(away**2))) if away.size else math.nan


def truth(work: Workforce, indicator: Indicator, level: int) -> Floats:
    return indicator.of(lambda name: work.totals(work.values[name], level))


def is_defined(work: Workforce, indicator: Indicator, level: int) -> NDArray[np.bool_]:
    """Where an indicator speaks of at least so many people; (units, months)."""
    return np.asarray(work.totals(work.values[indicator.people], level) >= FEWEST)


def raw(
    work: Workforce, protected: Mapping[str, Protected], noisy: Drawn, level: int
) -> Callable[[str], Floats]:
    """Noisy totals as they are, with the centre times the noisy base put back."""

    def total(name: str) -> Floats:
        each = protected[name]
        if each.centre is None:
            return noisy[name, level]
        # a unit of several lines is un-centred by its teams' posts, as a reader of one level has to
        share = np.zeros(BRANCHING[level])
        np.add.at(share, work.parent(level), each.centre * work.posts)
        posts = np.zeros(BRANCHING[level])
        np.add.at(posts, work.parent(level), work.posts)
        return noisy[name, level] + (share / posts)[:, None] * noisy[each.base, level]

    return total


def of_raw(work: Workforce, protected: Mapping[str, Protected], noisy: Drawn) -> dict[tuple[str, int], float]:
    return {
        (each.name, level): error(work, each.of(raw(work, protected, noisy, level)), each, level)
        for each in INDICATORS
        for level in levels()
    }


def plain_shares(work: Workforce, protected: Mapping[str, Protected]) -> Shares:
    """The split of a good user: every level alike, and to each total what its ratio's error asks for.

    The product of all errors is least where each ratio's two totals get loss as their parts of its variance.
    """
    shares: dict[tuple[str, int], float] = dict.fromkeys(
        ((n, level) for n in ORDER for level in levels()), 0.0
    )
    for each in INDICATORS:
        ratio = float(np.mean(truth(work, each, 0))) / each.factor
        pull = {
            each.numerator: protected[each.numerator].sensitivity,
            each.denominator: ratio * protected[each.denominator].sensitivity,
        }
        for name, size in pull.items():
            for level in levels():
                shares[name, level] += size / sum(pull.values())
    return {key: share for key, share in shares.items() if share > 0}


def plain_gaussian(work: Workforce) -> dict[tuple[str, int], float]:
    """The best of the grid of clips, each measure by itself, by the mean error of all levels."""
    clips = dict(CLIPS)
    best: dict[tuple[str, int], float] = {}
    for name, tried in GRID.items():
        found = []
        for clip in tried:
            errors = _plain(work, {**clips, name: clip})
            found.append((_middle(errors), clip, errors))
        _, clips[name], best = min(found, key=lambda one: one[0])
    return best


def _plain(work: Workforce, clips: Mapping[str, int]) -> dict[tuple[str, int], float]:
    protected = plainly(work, clips)
    noise = scales(protected, plain_shares(work, protected))
    return of_raw(work, protected, drawn(work, protected, noise, np.random.default_rng()))


def _middle(errors: Mapping[tuple[str, int], float]) -> float:
    return float(np.nanmean(np.log(list(errors.values()))))


def plain_laplace(work: Workforce) -> dict[tuple[str, int], float]:
    """Basic composition: every monthly total of every level gets its part of epsilon."""
    dice = np.random.default_rng()
    protected = plainly(work, CLIPS)
    wanted = sorted(plain_shares(work, protected))
    per_level = EPSILON / len(wanted)
    noisy = {}
    for name, level in wanted:
        clip = protected[name].sensitivity / (1 if name == "left" else math.sqrt(MONTHS))
        a_year = 1 if name == "left" else MONTHS
        exact = work.totals(protected[name].values, level)
        noisy[name, level] = exact + dice.laplace(0, clip * a_year / per_level, exact.shape)
    return of_raw(work, protected, noisy)


def guessed(work: Workforce) -> dict[tuple[str, int], float]:
    """The organisation's true value for every unit."""
    return {
        (each.name, level): error(
            work, np.broadcast_to(truth(work, each, 0), (BRANCHING[level], MONTHS)), each, level
        )
        for each in INDICATORS
        for level in levels()
    }


def bound(work: Workforce, protected: Mapping[str, Protected]) -> dict[tuple[str, int], float]:
    """The whole loss spent on one numerator at one level, its denominator known exactly."""
    dice = np.random.default_rng()
    found = {}
    for each in INDICATORS:
        scale = protected[each.numerator].sensitivity / math.sqrt(2 * RHO)
        for level in levels():
            people = np.maximum(work.totals(work.values[each.denominator], level), 1.0)
            noise = each.factor * dice.normal(0, scale, people.shape) / people
            found[each.name, level] = error(work, truth(work, each, level) + noise, each, level)
    return found


@dataclass(frozen=True)
class Compared:
    """All errors, and of our estimates the bias by capping and how often the intervals cover, as shares.

    Bias is the root-mean-square difference of the capped quantity's true values from those of the uncapped.
    """

    errors: Errors
    bias: Mapping[tuple[str, int], float]
    covered: Mapping[tuple[str, int], float]
    margin: Mapping[tuple[str, int], float]


def compare(work: Workforce, choice: Choice) -> Compared:
    """Every way once on one workforce; see :mod:`utility.choosing` for the choice of ours."""
    protected = ours(work, choice.caps)
    noise = scales(protected, choice.shares)
    noisy = drawn(work, protected, noise, np.random.default_rng())
    told = Told.of(work, protected, noisy, noise)
    estimated, bias, covered, margin = {}, {}, {}, {}
    for each in INDICATORS:
        for level in levels():
            key = each.name, level
            value, deviation = told.ratio(each, level)
            kept, there = _as_capped(work, protected, each, level), is_defined(work, each, level)
            estimated[key] = error(work, np.clip(value, 0, each.highest), each, level)
            bias[key] = error(work, kept, each, level)
            covered[key] = float(np.mean((np.abs(value - kept) < NORMAL * deviation)[there]))
            margin[key] = float(np.mean(NORMAL * deviation[there]))
    ways = {
        "a": plain_gaussian(work), "b": plain_laplace(work), "c": of_raw(work, protected, noisy),
        "d": estimated, "e": guessed(work), "f": bound(work, protected),
    }  # fmt: skip
    errors = {(way, *key): error for way, found in ways.items() for key, error in found.items()}
    return Compared(errors, bias, covered, margin)


def compared_at(staff: int, seed: int) -> Compared:
    """Every way once on the workforce of a size and seed, with the choice for that size."""
    return compare(workforce(staff, seed), chosen(staff))


def _as_capped(
    work: Workforce, protected: Mapping[str, Protected], indicator: Indicator, level: int
) -> Floats:
    """The true value of what was measured: with every contribution bounded as it is."""

    def total(name: str) -> Floats:
        each = protected[name]
        found = work.totals(each.values, level)
        if each.centre is None:
            return found
        return found + work.totals((each.centre[work.team] * work.values[each.base]).astype(np.int64), level)

    return indicator.factor * total(indicator.numerator) / np.maximum(total(indicator.denominator), 1e-9)
