"""Run by ``make choose-utility``: looks for caps and a split that err least on invented workforces.

The workforces are others than those of the comparison, and no real data is looked at: so could any planner
choose, who knows how many posts there are and believes the invention. A random search, since the errors of
estimates have no formula; it goes on from what was found before for the nearest size.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from utility.choices import CHOSEN, Caps, Choice, chosen, keep
from utility.comparing import error
from utility.estimating import Told
from utility.indicators import INDICATORS
from utility.protecting import ORDER, drawn, levels, ours, scales
from utility.workforce import STAFF, Floats, Workforce, workforce

OTHERS = (101, 102)
CAPS = Caps(scheduled=160, absent_month=500, absent_year=1000, cases=13, exposure=200)
FIELDS = tuple(vars(CAPS))
MEASURES = (0.12, 0.15, 0.03, 0.34, 0.06, 0.12, 0.18)
LEVELS = (0.2, 0.25, 0.25, 0.3)
SPLIT = {
    (name, level): part * share
    for name, part in zip(ORDER, MEASURES, strict=True)
    for level, share in enumerate(LEVELS)
}
FIRST, LEAST = Choice(CAPS, SPLIT), 1e-4
FIRST_STEP, LEAST_STEP = 0.5, 0.1


def as_choice(found: Floats) -> Choice:
    """What some logarithms stand for: caps first, then the cells of the split."""
    caps = Caps(*(round(math.exp(each)) for each in found[: len(FIELDS)]))
    parts = np.exp(found[len(FIELDS) :])
    cells = [(name, level) for name in ORDER for level in levels()]
    return Choice(caps, dict(zip(cells, (parts / parts.sum()).tolist(), strict=True)))


def as_numbers(choice: Choice) -> Floats:
    """The inverse of :func:`as_choice`."""
    split = [math.log(max(choice.shares[name, level], LEAST)) for name in ORDER for level in levels()]
    return np.array([*(math.log(each) for each in vars(choice.caps).values()), *split])


def loss(choice: Choice, works: Sequence[Workforce]) -> float:
    """The mean logarithm of the errors of all indicators and levels; noise is the same for all choices."""
    found: dict[tuple[str, int], list[float]] = {}
    for number, work in enumerate(works):
        protected = ours(work, choice.caps)
        noise = scales(protected, choice.shares)
        told = Told.of(work, protected, drawn(work, protected, noise, np.random.default_rng(number)), noise)
        for each in INDICATORS:
            for level in levels():
                value = np.clip(told.ratio(each, level)[0], 0, each.highest)
                found.setdefault((each.name, level), []).append(error(work, value, each, level))
    return float(np.mean([math.log(np.mean(errors)) for errors in found.values()]))


def moved(found: Floats, step: float, dice: np.random.Generator) -> Floats:
    """A neighbour: one cap, one measure at all levels, one level of all measures, or single cells."""
    other = found.copy()
    cells = other[len(FIELDS) :].reshape(len(ORDER), -1)  # a view
    kind, away = dice.integers(4), dice.normal(0, step)
    if kind == 0:
        other[dice.integers(len(FIELDS))] += away
    elif kind == 1:
        cells[dice.integers(len(ORDER))] += away
    elif kind == 2:
        cells[:, dice.integers(cells.shape[1])] += away
    else:
        cells.flat[dice.choice(cells.size, 3, replace=False)] += dice.normal(0, 2 * step, 3)
    return other


def search(value: Callable[[Floats], float], start: Floats, seconds: float) -> tuple[Floats, float]:
    dice = np.random.default_rng()
    found, step, ends = start, FIRST_STEP, time.monotonic() + seconds
    least = value(found)
    while time.monotonic() < ends:
        other = moved(found, step, dice)
        if (here := value(other)) < least:
            found, least, step = other, here, min(FIRST_STEP, 1.3 * step)
        step = max(LEAST_STEP, 0.98 * step)
    return found, least


def _loss(works: Sequence[Workforce], found: Floats) -> float:
    return loss(as_choice(found), works)


def main(sizes: Sequence[int], seconds: float) -> None:
    for staff in sizes:
        works = [workforce(staff, seed) for seed in OTHERS]
        begin = as_numbers(chosen(staff) if CHOSEN.exists() else FIRST)
        found, least = search(partial(_loss, works), begin, seconds)
        keep(staff, as_choice(found))
        print(f"{staff:,} staff: a geometric mean error of {math.exp(least):.3f}", flush=True)


if __name__ == "__main__":
    main([int(each) for each in sys.argv[2].split(",")] if len(sys.argv) > 2 else STAFF, float(sys.argv[1]))
