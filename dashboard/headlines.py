"""Cells of a release as figures and series: what cards, pages and comparisons are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard import store
from dashboard.figures import Figure
from dashboard.findings import Change
from dashboard.store import Definition, Release

FAMILIES = ("Trauma-linked", "Workload-linked")
HEAD_COUNT = "head_count"
YEARLY_FIRST = ("turnover", "voluntary_turnover")
"""Indicators that people read over twelve months, where twelve are known."""


def headlines(release: Release, family: str) -> tuple[Definition, ...]:
    """The indicators of a family in the order of the release, the head count apart."""
    return tuple(d for d in release.indicators.values() if d.family == family and d.id != HEAD_COUNT)


def series(release: Release, indicator: str, unit_id: str, window: int) -> pd.DataFrame:
    """The shown cells of an indicator in a unit, oldest first: month, period, value, low, high."""
    frame = store.cells(release)
    mask = (frame["indicator"] == indicator) & (frame["unit_id"] == unit_id) & (frame["window"] == window)
    shown = frame[mask & (frame["status"] == "shown")]
    return shown[["month", "period", "value", "low", "high"]].sort_values("month")


def newest_cells(release: Release, indicator: str, window: int) -> pd.DataFrame:
    """One row a unit: the cells of an indicator for the release's own month and a window."""
    frame = store.cells(release)
    mask = (frame["indicator"] == indicator) & (frame["window"] == window)
    return frame[mask & (frame["month"] == pd.Timestamp(release.month.first_day))]


def newest(release: Release, indicator: str, unit_id: str, window: int) -> tuple[Figure | None, str]:
    """The figure of the release's month, or None and the code of the reason why it is blank."""
    rows = newest_cells(release, indicator, window)
    found = rows[rows["unit_id"] == unit_id].to_dict("records")
    if not found:
        return None, "not-planned"
    return figure(found[0]), str(found[0]["reason"])


def figure(cell: Mapping[str, object]) -> Figure | None:
    """A shown cell as a figure; None for a blank one."""
    if cell["status"] != "shown" or pd.isna(cell["low"]) or pd.isna(cell["high"]):
        return None
    return Figure(float(cell["value"]), float(cell["low"]), float(cell["high"]), str(cell["unit"]))


def first_window(release: Release, definition: Definition, unit_id: str) -> int:
    """The window a headline is read over: twelve months where that is usual and known, else the shortest."""
    longest = max(definition.windows)
    if definition.id in YEARLY_FIRST and newest(release, definition.id, unit_id, longest)[0]:
        return longest
    return min(definition.windows)


def change_of(release: Release, indicator: str, unit_id: str) -> Change | None:
    """The comparison of an indicator in a unit, if enough months are known."""
    matches = (c for c in store.changes(release) if (c.indicator, c.unit_id) == (indicator, unit_id))
    return next(matches, None)


def headline_table(release: Release, unit_id: str) -> pd.DataFrame:
    """Every cell of the release's month for one unit, as published."""
    frame = store.cells(release)
    rows = frame[(frame["unit_id"] == unit_id) & (frame["month"] == pd.Timestamp(release.month.first_day))]
    return rows.drop(columns=["month", "window", "unit_id"])


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
