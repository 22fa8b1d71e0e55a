"""What a ledger holds and plans, measure by measure: which draws tell of a group over a month or quarter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from metrics.combining import NoisyLevel, combine, definition
from metrics.measures import MEASURES
from privacy.groups import Group, GroupTree
from privacy.periods import Period
from privacy.plan import PlanItem
from privacy.records import Measurement, Records
from privacy.releases import withdrawn_draws

Find = Callable[[str, Period], tuple[str, ...] | None]


class Draws:
    """All measurements of a ledger by measure and period, and what its plans measure."""

    def __init__(self, records: Records) -> None:
        self.records = records
        withdrawn = withdrawn_draws(records)
        self._raw: dict[tuple[str, Period], list[Measurement]] = {}
        self.withdrawn: set[tuple[str, Period]] = set()
        for measurement in records.measurements:
            key = (measurement.item.measure, measurement.period)
            if measurement.seq in withdrawn:
                self.withdrawn.add(key)
            else:
                self._raw.setdefault(key, []).append(measurement)
        self._drawn = {key: combine(draws, self._levels_at(key[1])) for key, draws in self._raw.items()}
        self._reach: dict[tuple[str, Period], Mapping[str, tuple[Period, ...]]] = {}
        self._bases: dict[tuple[str, Period], Period | None] = {}
        self._depths: dict[tuple[str, Period], tuple[str, ...]] = {}
        self._definitions: dict[tuple[str, Period], frozenset[tuple[object, ...]]] = {}
        self._means: dict[tuple[str, tuple[Period, ...], str, str], tuple[float, float] | None] = {}

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months with which any measured period ends, oldest first; also where that was withdrawn."""
        ends = {period.months[-1] for _, period in (*self._drawn, *self.withdrawn)}
        return tuple(sorted(ends, key=lambda month: month.index))

    def measured(self, period: Period) -> tuple[str, ...]:
        """The measures drawn for a period, in the order of their declaration."""
        return tuple(measure for measure in MEASURES if (measure, period) in self._drawn)

    def drawn(self, period: Period) -> tuple[Measurement, ...]:
        """The draws of a period, by measure and from the outermost level inwards."""
        return tuple(draw for measure in self.measured(period) for draw in self._raw[measure, period])

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
        drawn = self._drawn.get((measure, period))
        if drawn is None or (drawn.item.base and self.base_draw(measure, period) is None):
            return frozenset()
        return frozenset(self.tree(measure, period).by_id)

    def base_draw(self, measure: str, period: Period) -> Period | None:
        """Whose draw of the base un-centres a draw: the same period's, or else its last month's."""
        key = (measure, period)
        if key not in self._bases:
            self._bases[key] = self._base_draw(measure, period)
        return self._bases[key]

    def _base_draw(self, measure: str, period: Period) -> Period | None:
        item = self.item(measure, period)
        for candidate in (period, period.months[-1]) if item.base else ():
            base = self._depth(item.base, candidate)
            if base is not None and len(base) >= len(self.depth(measure, period)):
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
        levels = self._levels(self._planned_depth, measures, period)
        return self.tree_of(period).cut_below(levels[-1]).groups if levels else ()

    def groups(self, measures: Sequence[str], period: Period) -> GroupTree:
        """The groups for which all the measures were drawn, each for the period or else for its months."""
        return self.tree_of(period).cut_below(self._levels(self._depth, measures, period)[-1])

    def tree_of(self, period: Period) -> GroupTree:
        """The groups of a period; of a quarter of which nothing was drawn itself, those of its last month."""
        return self.records.tree(period if self.measured(period) else period.months[-1])

    @staticmethod
    def _levels(find: Find, measures: Sequence[str], period: Period) -> tuple[str, ...]:
        """The levels that all of some measures reach."""
        return min((_levels_of(find, measure, period) for measure in measures), key=len)

    def item(self, measure: str, period: Period) -> PlanItem:
        """How a measure was counted in a period of which it was drawn."""
        return self._drawn[measure, period].item

    def depth(self, measure: str, period: Period) -> tuple[str, ...]:
        """The levels that a measure's draws of a period reach."""
        key = (measure, period)
        if key not in self._depths:
            self._depths[key] = self._levels_at(period)[: self._deepest(self._drawn[key].depth, period)]
        return self._depths[key]

    def sigmas(self, measure: str, period: Period) -> tuple[tuple[str, float], ...]:
        """The noise deviation of each level that was drawn, in smallest units."""
        return self._drawn[measure, period].sigmas

    def _depth(self, measure: str, period: Period) -> tuple[str, ...] | None:
        return self.depth(measure, period) if (measure, period) in self._drawn else None

    def _planned_depth(self, measure: str, period: Period) -> tuple[str, ...] | None:
        item = self.planned(measure, period)
        return None if item is None else item.levels

    def _levels_at(self, period: Period) -> tuple[str, ...]:
        """Every level of the organisation in a period, the root's first."""
        return self.records.tree(period).levels

    def _deepest(self, drawn: Sequence[str], period: Period) -> int:
        return max(self._levels_at(period).index(level) for level in drawn) + 1

    def tree(self, measure: str, period: Period) -> GroupTree:
        """The groups a measure was drawn for, ending at its deepest level."""
        return self.records.tree(period).cut_below(self.depth(measure, period)[-1])

    def noisy(self, measure: str, period: Period, group: Group) -> NoisyLevel | None:
        """What was drawn of a period at a group's level, if the group was."""
        drawn = self._drawn.get((measure, period))
        level = drawn.levels.get(group.level) if drawn is not None else None
        return level if level is not None and group.id in level.values else None

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
        periods_drawn = [draw for told in reached for draw in told]
        draws = [self.noisy(measure, draw, group) for draw in periods_drawn]
        found = [draw for draw in draws if draw is not None]
        if not all(reached) or len(found) < len(draws):
            return None
        months = [draw.cadence.value for draw in periods_drawn]
        mean = sum(n * draw.values[group.id] for n, draw in zip(months, found, strict=True)) / sum(months)
        square = sum((n * draw.deviation) ** 2 for n, draw in zip(months, found, strict=True))
        return mean, math.sqrt(square) / sum(months)

    def values(self, measure: str, period: Period) -> dict[str, float]:
        """The noisy numbers of every group that a measure was drawn for."""
        drawn = self._drawn[measure, period].levels.values()
        return {group: value for level in drawn for group, value in level.values.items()}

    def entries(self, uses: Iterable[tuple[str, Period]], group: Group) -> str:
        """The ledger entries of the group's own level for some measures and draws, in order."""
        draws = (self.noisy(measure, period, group) for measure, period in uses)
        found = {seq for draw in draws if draw is not None for seq in draw.entries}
        return " ".join(str(seq) for seq in sorted(found))


def _levels_of(find: Find, measure: str, period: Period) -> tuple[str, ...]:
    """The levels that a measure reaches by the period's own item or by those of its months."""
    own, months = find(measure, period), [find(measure, month) for month in period.months]
    by_months = [levels for levels in months if levels is not None]
    reached = [own] if own is not None else []
    if len(by_months) == len(months):
        reached.append(min(by_months, key=len))
    return max(reached, key=len, default=())
