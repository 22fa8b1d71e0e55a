"""Cells of a release as figures and series: what cards, pages and comparisons are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from dashboard import store
from dashboard.figures import Figure
from dashboard.findings import Change
from dashboard.spans import MONTH, QUARTER, period_name
from dashboard.store import KEPT, Definition, Release

FAMILIES = ("Trauma-linked", "Workload-linked")
HEAD_COUNT = "head_count"
YEARLY_FIRST = ("turnover", "voluntary_turnover")
"""Indicators that people read over twelve months, where twelve are known."""


@dataclass(frozen=True)
class Newest:
    """The newest cell of an indicator in a unit: its figure, or the code of the reason why it is blank.

    ``period`` is as published, ``when`` in words.
    """

    figure: Figure | None
    reason: str
    period: str
    when: str


def headlines(release: Release, family: str) -> tuple[Definition, ...]:
    """The indicators of a family in the order of the release, the head count apart."""
    return tuple(d for d in release.indicators.values() if d.family == family and d.id != HEAD_COUNT)


def series(release: Release, indicator: str, unit_id: str, window: int) -> pd.DataFrame:
    """The shown cells of an indicator in a unit, oldest first: month, period, when, value, low, high."""
    frame = store.cells(release)
    mask = (frame["indicator"] == indicator) & (frame["unit_id"] == unit_id) & (frame["window"] == window)
    shown = frame[mask & (frame["status"] == "shown")]
    return shown[["month", "period", "when", "value", "low", "high"]].sort_values("month")


@lru_cache(maxsize=KEPT)
def all_newest(release: Release) -> pd.DataFrame:
    """The newest cell of every indicator, unit and window.

    A cell of one month is the release's own month's. A quarter, and twelve months told by quarters, end with
    a quarter: theirs is the newest of the last three months. Treat the frame as read-only.
    """
    frame = store.cells(release)
    now, since = (pd.Timestamp(release.month.previous(steps).first_day) for steps in (0, QUARTER - 1))
    fresh = frame[(frame["month"] == now) | ((frame["month"] >= since) & (frame["window"] > MONTH))]
    return fresh[
        fresh["month"] == fresh.groupby(["indicator", "unit_id", "window"])["month"].transform("max")
    ]


def newest_cells(release: Release, indicator: str, window: int) -> pd.DataFrame:
    """One row a unit: the newest cell of an indicator over a window."""
    frame = all_newest(release)
    return frame[(frame["indicator"] == indicator) & (frame["window"] == window)]


def newest(release: Release, indicator: str, unit_id: str, window: int) -> Newest:
    """The newest cell of a unit: see :func:`all_newest`."""
    rows = newest_cells(release, indicator, window)
    found = rows[rows["unit_id"] == unit_id].to_dict("records")
    if not found:
        return Newest(None, "not-planned", "", period_name(release.month, window))
    cell = found[0]
    return Newest(figure(cell), str(cell["reason"]), str(cell["period"]), str(cell["when"]))


def alike(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the newest period alone, so that units are compared over the same months."""
    return rows[rows["month"] == rows["month"].max()]


def figure_of(release: Release, indicator: str, unit_id: str, window: int, when: str) -> Figure | None:
    """The figure of a unit in a period said in words, if it is shown."""
    frame = store.cells(release)
    mask = (frame["indicator"] == indicator) & (frame["unit_id"] == unit_id) & (frame["window"] == window)
    found = frame[mask & (frame["when"] == when)].to_dict("records")
    return figure(found[0]) if found else None


def figure(cell: Mapping[str, object]) -> Figure | None:
    """A shown cell as a figure; None for a blank one."""
    if cell["status"] != "shown" or pd.isna(cell["low"]) or pd.isna(cell["high"]):
        return None
    return Figure(float(cell["value"]), float(cell["low"]), float(cell["high"]), str(cell["unit"]))


def first_window(release: Release, definition: Definition, unit_id: str) -> int:
    """The window a headline is read over: twelve months where that is usual and known, else the shortest."""
    longest = max(definition.windows)
    if definition.id in YEARLY_FIRST and newest(release, definition.id, unit_id, longest).figure:
        return longest
    return min(definition.windows)


def change_of(release: Release, indicator: str, unit_id: str) -> Change | None:
    """The comparison of an indicator in a unit, if enough months are known."""
    matches = (c for c in store.changes(release) if (c.indicator, c.unit_id) == (indicator, unit_id))
    return next(matches, None)


def headline_table(release: Release, unit_id: str) -> pd.DataFrame:
    """The newest cell of every indicator and window for one unit, as published."""
    frame = all_newest(release)
    return frame[frame["unit_id"] == unit_id].drop(columns=["month", "window", "when", "unit_id"])


def windows_with(release: Release, definition: Definition, unit_id: str) -> tuple[int, ...]:
    """The windows over which an indicator has a cell of a unit; all that it is told over if it has none."""
    frame = store.cells(release)
    known = set(frame[(frame["indicator"] == definition.id) & (frame["unit_id"] == unit_id)]["window"])
    return tuple(window for window in definition.windows if window in known) or definition.windows


def totals(release: Release, measure: str, unit_id: str, window: int) -> pd.DataFrame:
    """The totals of a measure behind a number: by the quarter for a quarter, else by the month, as drawn."""
    frame = store.totals(release, measure, unit_id)
    preferred = frame[frame["window"] == (QUARTER if window == QUARTER else MONTH)]
    return frame if preferred.empty else preferred


def units_with(release: Release, indicator: str) -> list[str]:
    """The units for which an indicator has a cell, parents first; the organisation if none has."""
    frame = store.cells(release)
    known = set(frame[frame["indicator"] == indicator]["unit_id"])
    return [unit.id for unit in store.units(release) if unit.id in known] or [root_id(release)]


def root_id(release: Release) -> str:
    """The organisation itself: the one unit without a parent."""
    return next(unit.id for unit in store.units(release) if not unit.parent)


def names(release: Release) -> dict[str, str]:
    return {unit.id: unit.name for unit in store.units(release)}


def depths(release: Release, unit_ids: Sequence[str]) -> dict[str, int]:
    """How deep each unit lies below the organisation."""
    parents = {unit.id: unit.parent for unit in store.units(release)}

    def depth(unit_id: str) -> int:
        return 1 + depth(parents[unit_id]) if parents.get(unit_id) else 0

    return {unit_id: depth(unit_id) for unit_id in unit_ids}
