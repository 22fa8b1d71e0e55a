"""Results: every indicator of every unit and period, a value with its interval or a blank with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from metrics.blanks import Blank, hidden_groups
from metrics.estimates import Moments, Ratio, ratio
from metrics.indicators import Denominator, Indicator
from metrics.measures import MEASURES
from metrics.totals import Totals
from privacy.groups import Group, GroupTree
from privacy.periods import Period

PERIODS_KEPT = 36


@dataclass(frozen=True)
class Result:
    """One cell: an indicator of a unit in a period, shown or blank. Values are in ``unit``.

    ``period`` is a month, or the twelve that end in one as ``2026-03/P12M``.
    """

    period: str
    level: str
    unit_id: str
    unit_name: str
    indicator: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    method: str
    status: str
    reason: str
    ledger_entries: str


def period_name(month: Period, window: int) -> str:
    return str(month) if window == 1 else f"{month}/P{window}M"


def all_results(totals: Totals) -> Iterator[Result]:
    """Every cell of the newest 36 months: by month, window, indicator and group."""
    for month in totals.months[-PERIODS_KEPT:]:
        for indicator in totals.rules.indicators:
            for window in indicator.windows:
                yield from _results(totals, indicator, month, window)


def _results(totals: Totals, indicator: Indicator, month: Period, window: int) -> Iterator[Result]:
    months = month.trailing(window)
    planned = totals.planned_groups(indicator.measures, month)
    if not planned:
        if window == min(indicator.windows):
            yield _blank(indicator, totals.root(month), period_name(month, window), Blank.NOT_PLANNED)
        return
    if not all(totals.has(measure, months) for measure in indicator.measures):
        if window == 1:
            yield from (_blank(indicator, group, str(month), Blank.NO_DATA) for group in planned)
        return
    if not totals.same_definition(indicator.measures, months):
        name = period_name(month, window)
        yield from (_blank(indicator, group, name, Blank.NOT_PLANNED) for group in planned)
        return
    yield from _measured(totals, indicator, months)


def _measured(totals: Totals, indicator: Indicator, months: Sequence[Period]) -> Iterator[Result]:
    month, window = months[-1], len(months)
    groups, moments, method = indicator_moments(totals, indicator, months)
    hidden = hidden_in(totals, indicator, months, groups)
    place = {group_id: row for row, group_id in enumerate(moments.ids)}
    for group in groups.groups:
        if group.id not in place:
            yield _blank(indicator, group, period_name(month, window), Blank.NOT_PLANNED)
        elif group.id in hidden:
            yield _blank(indicator, group, period_name(month, window), hidden[group.id])
        else:
            cell = ratio(place[group.id], moments.moments, indicator.reading.factor)
            if cell.margin > totals.rules.limit(indicator.id, window):
                yield _blank(indicator, group, period_name(month, window), Blank.TOO_NOISY)
            else:
                entries = totals.entries(_uses(indicator, months), group)
                shown = within_meaning(indicator, cell)
                yield _shown(indicator, group, period_name(month, window), shown, method, entries)


def hidden_in(
    totals: Totals, indicator: Indicator, months: Sequence[Period], groups: GroupTree
) -> dict[str, Blank]:
    """Rule 2 for an indicator: the months themselves, and the opening head count where it is used."""
    hidden = hidden_groups(totals, indicator.measures, months, groups)
    opening = months[0].previous()
    if indicator.kind is Denominator.MEAN_HEAD_COUNT and totals.has(indicator.denominator, [opening]):
        hidden = hidden_groups(totals, [indicator.denominator], [opening], groups) | hidden
    return hidden


def _uses(indicator: Indicator, months: Sequence[Period]) -> Iterator[tuple[str, Period]]:
    """The measures and months behind a number: bases too, and the head count at the opening."""
    measures = {*indicator.measures, *(MEASURES[measure].base for measure in indicator.measures)} - {""}
    yield from ((measure, month) for measure in measures for month in months)
    if indicator.kind is Denominator.MEAN_HEAD_COUNT:
        yield indicator.denominator, months[0].previous()


@dataclass(frozen=True)
class GroupMoments:
    """Moments of the groups named, in that order."""

    ids: tuple[str, ...]
    moments: Moments


def indicator_moments(
    totals: Totals, indicator: Indicator, months: Sequence[Period]
) -> tuple[GroupTree, GroupMoments, str]:
    """Numerator and denominator of an indicator over some months, for the groups that exist in all of them.

    Returns the newest month's groups, the moments, and the method in words.
    """
    if indicator.kind is Denominator.NOTHING:
        groups, moments = totals.head_count(indicator.numerator, months[-1])
        return groups, _named(groups, moments), "least squares, authorised posts as a weak observation"
    if indicator.kind is Denominator.SAME_MONTHS:
        pairs = [totals.pair(indicator.numerator, indicator.denominator, month) for month in months]
        return pairs[-1][0], _sum(pairs), f"least squares; {indicator.kind.value}"
    return _over_head_count(totals, indicator, months)


def _over_head_count(
    totals: Totals, indicator: Indicator, months: Sequence[Period]
) -> tuple[GroupTree, GroupMoments, str]:
    opening = months[0].previous()
    has_opening = totals.has(indicator.denominator, [opening])
    weights = head_count_weights(months, opening if has_opening else None, totals.rules.turnover_denominator)
    counts = [
        totals.as_denominator(indicator.denominator, month, weight) for month, weight in weights.items()
    ]
    leavers = [totals.alone(indicator.numerator, month) for month in months]
    words = totals.rules.turnover_denominator.replace("_", " ") + (
        "" if has_opening else ", without an opening count"
    )
    return leavers[-1][0], _sum([*counts, *leavers]), f"least squares; head count: {words}"


def head_count_weights(months: Sequence[Period], opening: Period | None, method: str) -> dict[Period, float]:
    """How much each month-end head count weighs in the mean; the weights sum to 1.

    ``mean_of_month_ends`` averages over the months the mean of opening and closing count (SHRM);
    ``opening_and_closing`` takes the first and the last count alone (NHS).
    """
    if opening is None:
        ends = [months[-1]] if method == "opening_and_closing" else list(months)
        return {month: 1 / len(ends) for month in ends}
    if method == "opening_and_closing":
        return {opening: 0.5, months[-1]: 0.5}
    inner = {month: 1 / len(months) for month in months[:-1]}
    return {opening: 0.5 / len(months), **inner, months[-1]: 0.5 / len(months)}


def _named(groups: GroupTree, moments: Moments) -> GroupMoments:
    return GroupMoments(tuple(group.id for group in groups.groups), moments)


def _sum(parts: Sequence[tuple[GroupTree, Moments]]) -> GroupMoments:
    """Moments added over months, for the groups that all of them have."""
    places = [{group.id: row for row, group in enumerate(tree.groups)} for tree, _ in parts]
    ids = tuple(group for group in places[-1] if all(group in place for place in places))
    aligned = [
        moments.take([place[group] for group in ids])
        for place, (_, moments) in zip(places, parts, strict=True)
    ]
    return GroupMoments(ids, reduce(add, aligned))


def within_meaning(indicator: Indicator, cell: Ratio) -> Ratio:
    """Cut value and interval to what has a meaning (no negative rate, no share above all)."""
    top = indicator.highest if indicator.highest is not None else float("inf")

    def cut(number: float) -> float:
        return min(max(number, 0.0), top)

    low, high = cell.low, cell.high
    return Ratio(cut(cell.value), None if low is None else cut(low), None if high is None else cut(high))


def _shown(indicator: Indicator, group: Group, period: str, cell: Ratio, method: str, entries: str) -> Result:
    return Result(
        period, group.level, group.id, group.name, indicator.id,
        cell.value, cell.low, cell.high, indicator.reading.unit, method, "shown", "", entries,
    )  # fmt: skip


def _blank(indicator: Indicator, group: Group, period: str, why: Blank) -> Result:
    return Result(
        period, group.level, group.id, group.name, indicator.id,
        None, None, None, indicator.reading.unit, "", "blank", why.code, "",
    )  # fmt: skip
