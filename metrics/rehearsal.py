"""A plan rehearsed on public figures: what a release would say if every unit were typical.

Head counts are the authorised posts and all else the field's typical figures, entered as if drawn. The
release's own code then says which cells would be blank and how wide the margins are, from the register
and the policy alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.indicators import Denominator, Indicator
from metrics.measures import MEASURES, Quantity
from metrics.rules import ReadingRules
from metrics.telling import Told, measured_ways, planned_groups, tell
from metrics.totals import Totals
from metrics.windows import Window, windows_ending
from privacy.entries import Entry
from privacy.groups import Z95, Group, GroupTree
from privacy.periods import Cadence, Period
from privacy.plan import Plan, PlanItem
from privacy.records import Records


@dataclass(frozen=True)
class Promise:
    """What a plan promises of an indicator at a level: margins are half-widths of 95 % intervals.

    ``margin`` is the median over all groups with authorised posts, shown or not, None where there is none;
    ``people`` the margin of the numerator where that counts people. ``shown`` counts the groups that are
    large enough and told precisely enough to be shown, ``blank`` names all others.
    """

    indicator: str
    level: str
    window: int
    margin: float | None
    people: float | None
    target: float | None
    shown: int
    groups: int
    blank: tuple[str, ...]

    @property
    def shortfall(self) -> float:
        """Margin over target: at most 1 where the target is met, 0 where there is none to be met."""
        return 0.0 if self.margin is None or not self.target else self.margin / self.target

    @property
    def is_missed(self) -> bool:
        """Whether a target is not met: the margin is wider, or no group would be shown at all."""
        return self.target is not None and (self.margin is None or self.shortfall > 1 or not self.shown)


def rehearse(plan: Plan, tree: GroupTree, rules: ReadingRules) -> tuple[Promise, ...]:
    """The promises of a plan for the last quarter of its year, and the month and twelve months to its end."""
    totals = Totals(Records(_entries(plan, tree)), rules)
    month = _newest_quarter(plan).months[-1]
    return tuple(
        promise
        for indicator in rules.indicators
        for window in windows_ending(rules, indicator, month)
        if planned_groups(totals, indicator, window)
        for promise in _promises(totals, indicator, window)
    )


def typical_total(item: PlanItem, group: Group) -> int:
    """What a group's measured total would be if each of its posts were typical; smallest units."""
    measure = MEASURES[item.measure]
    if any(centre for _, centre in item.centre):
        return 0  # of a centred measure the deviation is counted, and typical people do not deviate
    typical = measure.typical * measure.months_in_value(item.cadence)
    return round(typical * measure.quantity.scale * group.posts)


def _promises(totals: Totals, indicator: Indicator, window: Window) -> Iterator[Promise]:
    told = tell(totals, indicator, measured_ways(totals, indicator, window))
    for level in told.groups.levels:
        yield _promise(totals.rules, told, window, told.groups.at(level))


def _promise(rules: ReadingRules, told: Told, window: Window, groups: Sequence[Group]) -> Promise:
    indicator, level = told.indicator, groups[0].level
    margins, deviations, shown = [], [], []
    for group in groups:
        way = told.way(group)
        if way is None or not group.posts:
            continue
        margins.append(told.cell(way, group).margin)
        deviations.append(way.moments.deviation(group.id))
        if group.id not in told.hidden and margins[-1] <= rules.limit(indicator.id, window.length):
            shown.append(group)
    # Person-months over a window are told as the people of an average month.
    months = window.length if indicator.kind is Denominator.SAME_MONTHS else 1
    people = MEASURES[indicator.numerator].quantity is Quantity.PEOPLE
    return Promise(
        indicator=indicator.id,
        level=level,
        window=window.length,
        margin=statistics.median(margins) if margins else None,
        people=Z95 * statistics.median(deviations) / months if people and deviations else None,
        target=rules.target(indicator.id, window.length, level),
        shown=len(shown),
        groups=len(groups),
        blank=tuple(group.name for group in groups if group not in shown),
    )


def _newest_quarter(plan: Plan) -> Period:
    """The last quarter that ends in a plan's year."""
    ends = (month.ending(Cadence.QUARTER) for month in plan.year.last.trailing(3))
    return next(quarter for quarter in ends if quarter is not None)


def _periods(plan: Plan, cadence: Cadence) -> tuple[Period, ...]:
    """The periods of the twelve months to the newest quarter's end, and the one before for its head count."""
    newest = _newest_quarter(plan)
    return (newest if cadence is Cadence.QUARTER else newest.months[-1]).trailing(cadence.a_year + 1)


def _entries(plan: Plan, tree: GroupTree) -> Iterator[Entry]:
    """A ledger as it would be after thirteen months of typical people without noise."""
    yield _entry(1, "register", {"trees": [{"from": "0001-01-01", **tree.to_json()}]})
    yield _entry(2, "plan", {"year": str(plan.year), "items": [item.to_json() for item in plan.items]})
    seq = 2
    for item in plan.items:
        for period in _periods(plan, item.cadence):
            for level in item.levels:
                seq += 1
                values = {group.id: typical_total(item, group) for group in tree.at(level)}
                body = {
                    "item": item.identity, "period": str(period), "level": level, "register": 1,
                    "sigma": item.sigma[level], "charge": "", "values": values,
                }  # fmt: skip
                yield _entry(seq, "measurement", body)


def _entry(seq: int, kind: str, body: Mapping[str, Any]) -> Entry:
    return Entry(seq, kind, time="", code="", previous="", body=body, hash="")
