"""A plan rehearsed on public figures: what a release would say if every unit were typical.

Head counts are the authorised posts and all else the field's typical figures, entered as if drawn. The
release's own code then says which cells would be blank and how wide the margins are, from the register
and the policy alone.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from metrics.estimates import ratio
from metrics.indicators import Denominator, Indicator
from metrics.measures import MEASURES, Quantity
from metrics.results import hidden_in, indicator_moments
from metrics.rules import ReadingRules
from metrics.totals import Totals
from privacy.entries import Entry
from privacy.groups import Z95, Group, GroupTree
from privacy.periods import Period
from privacy.plan import Plan, PlanItem
from privacy.records import Records


@dataclass(frozen=True)
class Promise:
    """What a plan promises of an indicator at a level: margins are half-widths of 95 % intervals.

    ``margin`` is the median over the groups that would be shown, None where none would be; ``people``
    the margin of the numerator where that counts people; ``blank`` names the groups not shown.
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
        """Margin over target: at most 1 where the target is met, 0 where there is none."""
        return 0.0 if self.margin is None or not self.target else self.margin / self.target


def rehearse(plan: Plan, tree: GroupTree, rules: ReadingRules) -> tuple[Promise, ...]:
    """The promises of a plan for the last month of its year and for the twelve months that end there."""
    totals = Totals(Records(_entries(plan, tree)), rules)
    month = plan.year.last
    return tuple(
        promise
        for indicator in rules.indicators
        if totals.planned_groups(indicator.measures, month)
        for window in indicator.windows
        for promise in _promises(totals, indicator, month, window)
    )


def typical_total(item: PlanItem, group: Group) -> int:
    """What a group's measured total would be if each of its posts were typical; smallest units."""
    measure = MEASURES[item.measure]
    if any(centre for _, centre in item.centre):
        return 0  # of a centred measure the deviation is counted, and typical people do not deviate
    return round(measure.typical * measure.quantity.scale * group.posts)


def _promises(totals: Totals, indicator: Indicator, month: Period, window: int) -> Iterator[Promise]:
    months = month.trailing(window)
    groups, named, _ = indicator_moments(totals, indicator, months)
    hidden = hidden_in(totals, indicator, months, groups)
    cells = {
        group_id: ratio(row, named.moments, indicator.reading.factor)
        for row, group_id in enumerate(named.ids)
    }
    people = MEASURES[indicator.numerator].quantity is Quantity.PEOPLE
    for level in dict.fromkeys(group.level for group in groups.groups):
        here = [row for row, group in enumerate(groups.groups) if group.level == level]
        limit = totals.rules.limit(indicator.id, window)
        shown = [
            row
            for row in here
            if groups.groups[row].id not in hidden and cells[groups.groups[row].id].margin <= limit
        ]
        margins = [cells[groups.groups[row].id].margin for row in shown]
        spread = 1 if indicator.kind is Denominator.MEAN_HEAD_COUNT else window  # of an average month
        deviations = [float(named.moments.variance_n[row]) ** 0.5 / spread for row in shown]
        yield Promise(
            indicator=indicator.id,
            level=level,
            window=window,
            margin=statistics.median(margins) if margins else None,
            people=Z95 * statistics.median(deviations) if people and deviations else None,
            target=totals.rules.targets[indicator.id].get(level) if window == 1 else None,
            shown=len(shown),
            groups=len(here),
            blank=tuple(groups.groups[row].name for row in here if row not in shown),
        )


def _entries(plan: Plan, tree: GroupTree) -> Iterator[Entry]:
    """A ledger as it would be after thirteen months of typical people without noise."""
    yield _entry(1, "register", {"trees": [{"from": "0001-01-01", **tree.to_json()}]})
    yield _entry(2, "plan", {"year": str(plan.year), "items": [item.to_json() for item in plan.items]})
    seq = 2
    for step in range(-11, 2):
        month = plan.year.first.previous(step)
        for item in plan.items:
            for level in item.levels:
                seq += 1
                values = {group.id: typical_total(item, group) for group in tree.at(level)}
                body = {
                    "item": item.identity, "period": str(month), "level": level, "register": 1,
                    "sigma": item.sigma[level], "charge": "", "values": values,
                }  # fmt: skip
                yield _entry(seq, "measurement", body)


def _entry(seq: int, kind: str, body: Mapping[str, Any]) -> Entry:
    return Entry(seq, kind, time="", code="", previous="", body=body, hash="")
