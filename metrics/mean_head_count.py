"""The mean head count that leavers are divided by: counts at the ends of periods, weighed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics.draws import Draws
from metrics.estimates import Array
from metrics.totals import Linear, Totals
from privacy.periods import Cadence, Period


def mean_head_count(totals: Totals, measure: str, periods: Sequence[Period], ids: Sequence[str]) -> Linear:
    """The mean count of some groups over a run of periods, with the opening count where there is one."""
    weights: dict[Period, Array] = {}
    for row, group in enumerate(ids):
        ends = tuple(draw for period in periods for draw in totals.reach(measure, period)[group])
        opening = opening_draw(totals, measure, periods, group)
        for draw, weight in head_count_weights(ends, opening, totals.rules.turnover_denominator).items():
            weights.setdefault(draw, np.zeros(len(ids)))[row] = weight
    return totals.weighted_total(measure, weights, ids)


def opening_draw(draws: Draws, measure: str, periods: Sequence[Period], group: str) -> Period | None:
    """The draw that tells a group's head count at the end of the month before a run of periods."""
    first = draws.reach(measure, periods[0]).get(group, periods)[0]
    before = first.previous()
    for draw in (before, *before.months[-1].endings):
        if group in draws.reach(measure, draw) and draws.reach(measure, draw)[group] == (draw,):
            return draw
    return None


def head_count_weights(ends: Sequence[Period], opening: Period | None, method: str) -> dict[Period, float]:
    """How much the head count at each period's end weighs in the mean; the weights sum to 1.

    ``mean_of_month_ends`` averages over the periods, each as long as its months, the mean of opening and
    closing count (SHRM); ``opening_and_closing`` takes the first and the last count alone (NHS).
    """
    lengths = [end.cadence.value for end in ends]
    if method == "opening_and_closing":
        return {ends[-1]: 1.0} if opening is None else {opening: 0.5, ends[-1]: 0.5}
    if opening is None:
        return {end: length / sum(lengths) for end, length in zip(ends, lengths, strict=True)}
    around = zip(ends, lengths, [*lengths[1:], 0], strict=True)
    inner = {end: (before + after) / 2 / sum(lengths) for end, before, after in around}
    return {opening: lengths[0] / 2 / sum(lengths), **inner}


def method_words(periods: Sequence[Period], method: str, *, has_opening: bool) -> str:
    """How the mean was taken, for whoever compares rates."""
    words = method.replace("_", " ")
    if any(period.cadence is not Cadence.MONTH for period in periods):
        words = words.replace("month", "period")
    return words + ("" if has_opening else ", without an opening count")
