"""Results: every indicator of every unit and period, a value with its interval or a blank with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from metrics.blanks import Blank
from metrics.estimates import Ratio
from metrics.indicators import Indicator
from metrics.rules import YEAR
from metrics.telling import Told, draws_behind, is_withdrawn, measured_ways, planned_groups, tell
from metrics.totals import Totals
from metrics.windows import Window, windows_ending
from privacy.groups import Group

PERIODS_KEPT = 36


@dataclass(frozen=True)
class Result:
    """One cell: an indicator of a unit in a period, shown or blank. Values are in ``unit``.

    ``period`` is a month, a quarter as ``2026-Q1``, or the twelve months that end in one as ``2026-03/P12M``.
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


def all_results(totals: Totals) -> Iterator[Result]:
    """Every cell of the newest 36 months: by month, indicator, window and group."""
    for month in totals.months[-PERIODS_KEPT:]:
        for indicator in totals.rules.indicators:
            for window in windows_ending(totals.rules, indicator, month):
                yield from _results(totals, indicator, window)


def _results(totals: Totals, indicator: Indicator, window: Window) -> Iterator[Result]:
    planned = planned_groups(totals, indicator, window)
    if not planned:
        if window.length == min(totals.rules.windows(indicator)):
            root = totals.tree_of(window.last).groups[0]
            yield _blank(indicator, root, window, Blank.NOT_PLANNED)
        return
    measured = measured_ways(totals, indicator, window)
    if not measured:
        if window.length < YEAR:
            why = Blank.WITHDRAWN if is_withdrawn(totals, indicator, window) else Blank.NO_DATA
            yield from (_blank(indicator, group, window, why) for group in planned)
        return
    comparable = [way for way in measured if totals.same_definition(indicator.measures, way)]
    if not comparable:
        yield from (_blank(indicator, group, window, Blank.NOT_PLANNED) for group in planned)
        return
    told = tell(totals, indicator, comparable)
    yield from (_cell(totals, told, group, window) for group in told.groups.groups)


def _cell(totals: Totals, told: Told, group: Group, window: Window) -> Result:
    indicator, way = told.indicator, told.way(group)
    if way is None:
        return _blank(indicator, group, window, Blank.NOT_PLANNED)
    if group.id in told.hidden:
        return _blank(indicator, group, window, told.hidden[group.id])
    cell = told.cell(way, group)
    if cell.margin > totals.rules.limit(indicator.id, window.length):
        return _blank(indicator, group, window, Blank.TOO_NOISY)
    entries = totals.entries(draws_behind(totals, indicator, way, group), group)
    return _shown(indicator, group, window, within_meaning(indicator, cell), way.method, entries)


def within_meaning(indicator: Indicator, cell: Ratio) -> Ratio:
    """Cut value and interval to what has a meaning (no negative rate, no share above all)."""
    top = indicator.highest if indicator.highest is not None else float("inf")

    def cut(number: float) -> float:
        return min(max(number, 0.0), top)

    low, high = cell.low, cell.high
    return Ratio(cut(cell.value), None if low is None else cut(low), None if high is None else cut(high))


def _shown(
    indicator: Indicator, group: Group, window: Window, cell: Ratio, method: str, entries: str
) -> Result:
    return Result(
        window.name, group.level, group.id, group.name, indicator.id,
        cell.value, cell.low, cell.high, indicator.reading.unit, method, "shown", "", entries,
    )  # fmt: skip


def _blank(indicator: Indicator, group: Group, window: Window, why: Blank) -> Result:
    return Result(
        window.name, group.level, group.id, group.name, indicator.id,
        None, None, None, indicator.reading.unit, "", "blank", why.code, "",
    )  # fmt: skip
