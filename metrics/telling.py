"""What is known of an indicator over a window, before it is decided which cells are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from metrics.blanks import Blank, blanked, is_small
from metrics.estimates import GroupMoments, Ratio, summed
from metrics.indicators import Denominator, Indicator
from metrics.mean_head_count import mean_head_count, method_words, opening_draw
from metrics.totals import Draw, Totals
from metrics.windows import Window
from privacy.groups import Group, GroupTree
from privacy.periods import Period

Periods = Sequence[Period]


@dataclass(frozen=True)
class Way:
    """An indicator told by one run of periods: months or quarters."""

    periods: tuple[Period, ...]
    groups: GroupTree
    moments: GroupMoments
    method: str


@dataclass(frozen=True)
class Told:
    """An indicator over a window: each group by the first way that reaches it, and what is hidden."""

    indicator: Indicator
    groups: GroupTree
    ways: tuple[Way, ...]
    hidden: Mapping[str, Blank]

    def way(self, group: Group) -> Way | None:
        return _first_reaching(self.ways, group)

    def cell(self, way: Way, group: Group) -> Ratio:
        return way.moments.ratio(group.id, self.indicator.reading.factor)


def planned_groups(totals: Totals, indicator: Indicator, window: Window) -> tuple[Group, ...]:
    """The groups for which the plan tells an indicator by any way."""
    return max((totals.planned_groups(indicator.measures, way[-1]) for way in window.ways), key=len)


def measured_ways(totals: Totals, indicator: Indicator, window: Window) -> tuple[tuple[Period, ...], ...]:
    """The ways of which every period was measured."""
    return tuple(
        way for way in window.ways if all(totals.has(measure, way) for measure in indicator.measures)
    )


def is_withdrawn(totals: Totals, indicator: Indicator, window: Window) -> bool:
    """Whether an indicator was measured over a window and part of that was withdrawn as wrong."""
    periods = {draw for way in window.ways for period in way for draw in (period, *period.months)}
    return any((measure, period) in totals.withdrawn for measure in indicator.measures for period in periods)


def tell(totals: Totals, indicator: Indicator, ways: Sequence[tuple[Period, ...]]) -> Told:
    """An indicator by some measured ways, at least one, the one to prefer first."""
    deeper = _going_deeper(totals, indicator, ways)
    told = tuple(Way(way, *indicator_moments(totals, indicator, way)) for way in deeper)
    groups = told[-1].groups

    def periods(group: Group) -> Periods:
        return (_first_reaching(told, group) or told[0]).periods

    return Told(indicator, groups, told, _hidden(totals, indicator, groups, periods))


def _first_reaching(ways: Sequence[Way], group: Group) -> Way | None:
    return next((way for way in ways if group.id in way.moments.ids), None)


def _going_deeper(
    totals: Totals, indicator: Indicator, ways: Sequence[tuple[Period, ...]]
) -> Iterator[tuple[Period, ...]]:
    """The first way, and each that reaches more levels than those before it."""
    deepest = 0
    for way in ways:
        depth = len({group.level for group in totals.groups(indicator.measures, way[-1]).groups})
        if depth > deepest:
            yield way
        deepest = max(deepest, depth)


def hidden_in(totals: Totals, indicator: Indicator, periods: Periods, groups: GroupTree) -> dict[str, Blank]:
    """Rule 2 for an indicator over a run of periods."""
    return _hidden(totals, indicator, groups, lambda _: periods)


def _hidden(
    totals: Totals, indicator: Indicator, groups: GroupTree, periods: Callable[[Group], Periods]
) -> dict[str, Blank]:
    """The periods themselves, and the opening head count where it is used."""
    small = [g for g in groups.groups if is_small(totals, indicator.measures, periods(g), g)]
    hidden = blanked(groups, small)
    root = groups.groups[0]
    if _opening(totals, indicator, periods(root), root) is None:
        return hidden
    openings = {group: _opening(totals, indicator, periods(group), group) for group in groups.groups}
    unopened = [
        group
        for group, draw in openings.items()
        if draw is None or is_small(totals, [indicator.denominator], [draw], group)
    ]
    return blanked(groups, unopened) | hidden


def _opening(totals: Totals, indicator: Indicator, periods: Periods, group: Group) -> Period | None:
    """The draw of the head count at the opening, where it is known and part of the indicator."""
    if indicator.kind is not Denominator.MEAN_HEAD_COUNT:
        return None
    return opening_draw(totals, indicator.denominator, periods, group.id)


def draws_behind(totals: Totals, indicator: Indicator, way: Way, group: Group) -> Iterator[Draw]:
    """The draws behind a number: of its measures and their bases, and the head count at the opening."""
    for measure in indicator.measures:
        for draw in (draw for period in way.periods for draw in totals.reach(measure, period)[group.id]):
            yield measure, draw
            base = totals.base_draw(measure, draw)
            if base is not None:
                yield totals.item(measure, draw).base, base
    opening = _opening(totals, indicator, way.periods, group)
    if opening is not None:
        yield indicator.denominator, opening


def indicator_moments(
    totals: Totals, indicator: Indicator, periods: Periods
) -> tuple[GroupTree, GroupMoments, str]:
    """Numerator and denominator of an indicator over a run of periods, for the groups known in all of them.

    Returns the newest period's groups, the moments, and the method in words.
    """
    groups = totals.groups(indicator.measures, periods[-1])
    if indicator.kind is Denominator.NOTHING:
        counts = totals.head_count(indicator.numerator, periods[-1])
        return groups, counts, "least squares, authorised posts as a weak observation"
    if indicator.kind is Denominator.SAME_MONTHS:
        pairs = [totals.pair(indicator.numerator, indicator.denominator, period) for period in periods]
        return groups, summed(pairs), f"least squares; {indicator.kind.value}"
    return (groups, *_over_head_count(totals, indicator, periods, groups.groups[0]))


def _over_head_count(
    totals: Totals, indicator: Indicator, periods: Periods, root: Group
) -> tuple[GroupMoments, str]:
    """Leavers over the mean head count. Where the whole has an opening count, so must each group."""
    has_opening = _opening(totals, indicator, periods, root) is not None
    ids = tuple(
        group
        for group in totals.shared_ids(indicator.measures, periods)
        if not has_opening or opening_draw(totals, indicator.denominator, periods, group) is not None
    )
    leavers = [totals.total(indicator.numerator, period, ids) for period in periods]
    heads = mean_head_count(totals, indicator.denominator, periods, ids)
    words = method_words(periods, totals.rules.turnover_denominator, has_opening=has_opening)
    moments = totals.moments(sum(leavers[1:], leavers[0]), heads)
    return GroupMoments(ids, moments), f"least squares; head count: {words}"
