"""What changed: the newest three months of each indicator and unit against the twelve before them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metrics.estimates import GroupMoments
from metrics.indicators import Denominator, Family, Indicator
from metrics.rules import MONTH
from metrics.telling import hidden_in, indicator_moments
from metrics.totals import Totals
from privacy.groups import Z95, Group
from privacy.periods import Period

NOW, BEFORE, LEAST_BEFORE = 3, 12, 6
MOVING_RANGE = 1.128


@dataclass(frozen=True)
class Signal:
    """One comparison, in the indicator's unit. ``probability`` allows for all comparisons of the release."""

    period: str
    level: str
    unit_id: str
    unit_name: str
    indicator: str
    before: float
    now: float
    change: float
    low: float
    high: float
    unit: str
    months_before: int
    probability: float
    words: str


def words_for(probability: float) -> str:
    """The same words for the same certainty, everywhere.

    >>> words_for(0.97), words_for(0.9), words_for(0.5)
    ('very likely real', 'likely real', 'could be chance')
    """
    if probability >= 0.95:
        return "very likely real"
    return "likely real" if probability >= 0.8 else "could be chance"


@dataclass(frozen=True)
class _Comparison:
    indicator: Indicator
    group: Group
    before: float
    now: float
    deviation: float
    months_before: int

    @property
    def chance(self) -> float:
        """How probable so great a difference is where nothing changed, two-sided."""
        return math.erfc(abs(self.now - self.before) / self.deviation / math.sqrt(2))


def all_signals(totals: Totals) -> tuple[Signal, ...]:
    """The comparisons of the newest month, strongest first; empty while fewer than nine months are known.

    A change is measured against the privacy noise and against how much the unit's own months varied
    before, whichever is larger; probabilities are corrected for the number of comparisons (Bonferroni).
    Only what is told month by month is compared.
    """
    month = totals.months[-1]
    found = [
        comparison
        for indicator in totals.rules.indicators
        if indicator.family is not Family.METHOD and indicator.kind is not Denominator.NOTHING
        if MONTH in totals.rules.windows(indicator)
        for comparison in _comparisons(totals, indicator, month)
    ]
    found.sort(key=lambda comparison: (comparison.chance, comparison.indicator.id, comparison.group.id))
    return tuple(_signal(comparison, month, len(found)) for comparison in found)


def _comparisons(totals: Totals, indicator: Indicator, month: Period) -> Iterator[_Comparison]:
    now = month.trailing(NOW)
    before = _known(totals, indicator, now[0].previous().trailing(BEFORE), now[-1])
    if len(before) < LEAST_BEFORE or not all(totals.has(measure, now) for measure in indicator.measures):
        return
    groups, recent, _ = indicator_moments(totals, indicator, now)
    _, earlier, _ = indicator_moments(totals, indicator, before)
    monthly = [indicator_moments(totals, indicator, [each])[1] for each in before]
    hidden = hidden_in(totals, indicator, now, groups) | hidden_in(totals, indicator, before, groups)
    for group in groups.groups:
        if group.id not in hidden and all(group.id in part.ids for part in (recent, earlier, *monthly)):
            limit = totals.rules.limit(indicator.id, MONTH)
            yield from _compare(indicator, group, recent, earlier, monthly, limit)


def _known(
    totals: Totals, indicator: Indicator, months: Sequence[Period], newest: Period
) -> tuple[Period, ...]:
    """The unbroken run of months up to the last of some that were measured by the newest month's rule."""
    run: list[Period] = []
    for month in reversed(months):
        if not all(totals.has(measure, [month, newest]) for measure in indicator.measures):
            break
        if not totals.same_definition(indicator.measures, [month, newest]):
            break
        run.append(month)
    return tuple(reversed(run))


def _compare(
    indicator: Indicator,
    group: Group,
    recent: GroupMoments,
    earlier: GroupMoments,
    monthly: Sequence[GroupMoments],
    limit: float,
) -> Iterator[_Comparison]:
    factor = indicator.reading.factor
    to_monthly = (1 / NOW, 1 / len(monthly)) if indicator.kind is Denominator.MEAN_HEAD_COUNT else (1.0, 1.0)
    now = recent.ratio(group.id, factor * to_monthly[0])
    before = earlier.ratio(group.id, factor * to_monthly[1])
    series = [part.ratio(group.id, factor).value for part in monthly]
    if max(now.margin, before.margin) > limit:
        return
    spread = usual_variance(series)
    variance = max(now.deviation**2, spread / NOW) + max(before.deviation**2, spread / len(series))
    yield _Comparison(indicator, group, before.value, now.value, math.sqrt(variance), len(series))


def usual_variance(series: Sequence[float]) -> float:
    """How much months vary when nothing changes: from the mean moving range over 1.128 (Shewhart's XmR).

    A step adds one large range only, so a change that lasts does not hide itself.

    >>> usual_variance([1.0, 1.0, 1.0, 1.0])
    0.0
    """
    ranges = [abs(later - earlier) for earlier, later in pairwise(series)]
    return (statistics.fmean(ranges) / MOVING_RANGE) ** 2


def _signal(comparison: _Comparison, month: Period, comparisons: int) -> Signal:
    change, half = comparison.now - comparison.before, Z95 * comparison.deviation
    probability = 1 - min(1.0, comparison.chance * comparisons)
    return Signal(
        period=str(month),
        level=comparison.group.level,
        unit_id=comparison.group.id,
        unit_name=comparison.group.name,
        indicator=comparison.indicator.id,
        before=comparison.before,
        now=comparison.now,
        change=change,
        low=change - half,
        high=change + half,
        unit=comparison.indicator.reading.unit,
        months_before=comparison.months_before,
        probability=probability,
        words=words_for(probability),
    )
