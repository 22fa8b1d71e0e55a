"""What a ledger holds and plans, measure by measure: which draws tell of a group over a month or quarter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from metrics.measures import MEASURES
from privacy.groups import Group, GroupTree
from privacy.periods import Period
from privacy.plan import PlanItem
from privacy.records import Measurement, Records

Find = Callable[[str, Period], PlanItem | None]


class Draws:
    """All measurements of a ledger by measure and period, and what its plans measure."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._drawn: dict[tuple[str, Period], dict[str, Measurement]] = {}
        for measurement in records.measurements:
            key = (measurement.item.measure, measurement.period)
            known = self._drawn.get(key, {})
            if any(earlier.item != measurement.item for earlier in known.values()):
                known = {}  # drawn again by an amended plan: the newer item stands alone
            self._drawn[key] = {**known, measurement.level: measurement}
        self._reach: dict[tuple[str, Period], Mapping[str, tuple[Period, ...]]] = {}
        self._definitions: dict[tuple[str, Period], frozenset[tuple[object, ...]]] = {}
        self._means: dict[tuple[str, tuple[Period, ...], str, str], tuple[float, float] | None] = {}

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months with which any measured period ends, oldest first."""
        ends = {period.months[-1] for _, period in self._drawn}
        return tuple(sorted(ends, key=lambda month: month.index))

    def measured(self, period: Period) -> tuple[str, ...]:
        """The measures drawn for a period, in the order of their declaration."""
        return tuple(measure for measure in MEASURES if (measure, period) in self._drawn)

    def drawn(self, period: Period) -> tuple[Measurement, ...]:
        """The draws of a period, by measure and from the outermost level inwards."""
        return tuple(
            draw for measure in self.measured(period) for draw in self._drawn[measure, period].values()
        )

    def reach(self, measure: str, period: Period) -> Mapping[str, tuple[Period, ...]]:
        """For each group that a measure is known of over a period, whose draws tell it.

        That is the period's own draw, or else, of a quarter, those of its three months.
        """
        key = (measure, period)
        if key not in self._reach:
            months = (self.groups_drawn(measure, month) for month in period.months)
            by_months = dict.fromkeys(frozenset.intersection(*months), period.months)
            own = dict.fromkeys(self.groups_drawn(measure, period), (period,))
            self._reach[key] = by_months | own
        return self._reach[key]

    def groups_drawn(self, measure: str, period: Period) -> frozenset[str]:
        """The groups of a period's own draw; none where that is missing, or what un-centres it."""
        item = self._item(measure, period)
        if item is None or (item.base and self.base_draw(measure, period) is None):
            return frozenset()
        return frozenset(self.tree(measure, period).by_id)

    def base_draw(self, measure: str, period: Period) -> Period | None:
        """Whose draw of the base un-centres a draw: the same period's, or else its last month's."""
        item = self.item(measure, period)
        for candidate in (period, period.months[-1]) if item.base else ():
            base = self._item(item.base, candidate)
            if base is not None and len(base.levels) >= len(item.levels):
                return candidate
        return None

    def has(self, measure: str, periods: Sequence[Period]) -> bool:
        return all(self.reach(measure, period) for period in periods)

    def same_definition(self, measures: Sequence[str], periods: Sequence[Period]) -> bool:
        """Whether measures were counted by one rule in all of some periods: standard, bounds, version."""
        found = (
            frozenset().union(*(self._definitions_of(m, period) for period in periods)) for m in measures
        )
        return all(len(definitions) == 1 for definitions in found)

    def _definitions_of(self, measure: str, period: Period) -> frozenset[tuple[object, ...]]:
        key = (measure, period)
        if key not in self._definitions:
            draws = {draw for draws in {*self.reach(measure, period).values()} for draw in draws}
            self._definitions[key] = frozenset(definition(self.item(measure, draw)) for draw in draws)
        return self._definitions[key]

    def planned(self, measure: str, period: Period) -> PlanItem | None:
        """The item by which the plan of a period's budget year measures something, if it does."""
        return self._planned.get((measure, period))

    @cached_property
    def _planned(self) -> Mapping[tuple[str, Period], PlanItem]:
        table: dict[tuple[str, Period], PlanItem] = {}
        for year in self.records.years:
            for item in (*self.records.signed_items(year), *self.records.open_items(year)):
                ends = (month.ending(item.cadence) for month in year.last.trailing(12))
                table |= {(item.measure, period): item for period in ends if period is not None}
        return table

    def planned_groups(self, measures: Sequence[str], period: Period) -> tuple[Group, ...]:
        """The groups for which the plan measures all of some measures: none where it lacks one."""
        levels = self._levels(self.planned, measures, period)
        return self.tree_of(period).cut_below(levels[-1]).groups if levels else ()

    def groups(self, measures: Sequence[str], period: Period) -> GroupTree:
        """The groups for which all the measures were drawn, each for the period or else for its months."""
        return self.tree_of(period).cut_below(self._levels(self._item, measures, period)[-1])

    def tree_of(self, period: Period) -> GroupTree:
        """The groups of a period; of a quarter of which nothing was drawn itself, those of its last month."""
        return self.records.tree(period if self.measured(period) else period.months[-1])

    @staticmethod
    def _levels(find: Find, measures: Sequence[str], period: Period) -> tuple[str, ...]:
        """The levels that all of some measures reach."""
        return min((_levels_of(find, measure, period) for measure in measures), key=len)

    def item(self, measure: str, period: Period) -> PlanItem:
        return next(iter(self._drawn[measure, period].values())).item

    def _item(self, measure: str, period: Period) -> PlanItem | None:
        return self.item(measure, period) if (measure, period) in self._drawn else None

    def tree(self, measure: str, period: Period) -> GroupTree:
        """The groups a measure was drawn for, ending at its deepest level."""
        return self.records.tree(period).cut_below(self.item(measure, period).levels[-1])

    def noisy(self, measure: str, period: Period, group: Group) -> Measurement | None:
        """The draw of a period that holds a group's noisy number, if it was measured at that level."""
        drawn = self._drawn.get((measure, period), {}).get(group.level)
        return drawn if drawn is not None and group.id in drawn.values else None

    def noisy_mean(self, measure: str, periods: Sequence[Period], group: Group) -> tuple[float, float] | None:
        """A group's mean noisy count over the months of some periods and its deviation; None where one lacks.

        A quarterly count holds for three months.
        """
        key = (measure, tuple(periods), group.id, group.level)
        if key not in self._means:
            self._means[key] = self._noisy_mean(measure, periods, group)
        return self._means[key]

    def _noisy_mean(
        self, measure: str, periods: Sequence[Period], group: Group
    ) -> tuple[float, float] | None:
        reached = [self.reach(measure, period).get(group.id, ()) for period in periods]
        draws = [self.noisy(measure, draw, group) for told in reached for draw in told]
        found = [draw for draw in draws if draw is not None]
        if not all(reached) or len(found) < len(draws):
            return None
        months = [draw.period.cadence.value for draw in found]
        mean = sum(n * draw.values[group.id] for n, draw in zip(months, found, strict=True)) / sum(months)
        square = sum((n * draw.sigma) ** 2 for n, draw in zip(months, found, strict=True))
        return mean, math.sqrt(square) / sum(months)

    def values(self, measure: str, period: Period) -> dict[str, int]:
        """The noisy numbers of every group that a measure was drawn for."""
        drawn = self._drawn[measure, period].values()
        return {group: value for draw in drawn for group, value in draw.values.items()}

    def entries(self, uses: Iterable[tuple[str, Period]], group: Group) -> str:
        """The ledger entries of the group's own level for some measures and draws, in order."""
        draws = (self.noisy(measure, period, group) for measure, period in uses)
        return " ".join(str(seq) for seq in sorted({draw.seq for draw in draws if draw is not None}))


def _levels_of(find: Find, measure: str, period: Period) -> tuple[str, ...]:
    """The levels that a measure reaches by the period's own item or by those of its months."""
    own, months = find(measure, period), [find(measure, month) for month in period.months]
    by_months = [item.levels for item in months if item is not None]
    reached = [own.levels] if own is not None else []
    if len(by_months) == len(months):
        reached.append(min(by_months, key=len))
    return max(reached, key=len, default=())


def definition(item: PlanItem) -> tuple[object, ...]:
    """What a reader takes for the meaning of a number, in a month's terms; noise and centre leave it alone.

    A cap that only follows from the half-width adds nothing to it.
    """
    measure = MEASURES[item.measure]
    column, value = measure.months_in_column(item.cadence), measure.months_in_value(item.cadence)
    is_capped = item.cap_squared != item.cadence.a_year * item.half_width**2
    return (
        item.version,
        tuple((line, standard / column) for line, standard in item.standard),
        item.highest / value,
        item.half_width / value,
        item.cap_squared if is_capped else None,
    )
