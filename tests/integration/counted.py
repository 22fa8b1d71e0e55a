"""An independent count of the warehouse's rows, day by day, for months and quarters alike."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd

from privacy.groups import GroupTree
from privacy.periods import Period
from privacy.records import Records

EXPORTS = ("staff", "separations", "absences", "caseload", "exposure")


def rows_of(home: Path) -> dict[str, pd.DataFrame]:
    """The accepted rows of every export."""
    with duckdb.connect(str(home / "protected" / "warehouse.duckdb"), read_only=True) as warehouse:
        return {name: warehouse.table(name).df() for name in EXPORTS}


def drawn(records: Records, measure: str, period: Period) -> dict[str, int]:
    """Every group's number in the ledger, un-centred, in the smallest unit."""
    draws = [m for m in records.measurements if (m.item.measure, m.period) == (measure, period)]
    found = {group: value for m in draws for group, value in m.values.items()}
    item = draws[0].item
    if not item.base:
        return found
    tree = records.tree(period).cut_below(item.levels[-1])
    base = drawn(records, item.base, period)
    centres = {leaf.id: item.constant(item.centre, leaf.service_line) for leaf in tree.leaves}
    return {
        group: value + sum(centres[leaf] * base[leaf] for leaf in centres if group in lineage(tree, leaf))
        for group, value in found.items()
    }


def lineage(tree: GroupTree, leaf: str) -> set[str]:
    return {group.id for group in tree.ancestry(leaf)}


def unit_of(staff: pd.DataFrame, period: Period) -> dict[str, str]:
    """Each person's unit in the period by days spent there, found day by day."""
    days: dict[tuple[str, str], list[object]] = defaultdict(lambda: [0, pd.Timestamp.min, 0.0])
    for row in staff.itertuples():
        first = max(row.start_date, pd.Timestamp(period.first_day))
        last = min(
            row.end_date if pd.notna(row.end_date) else pd.Timestamp.max, pd.Timestamp(period.last_day)
        )
        if first <= last:
            spent = days[row.person, row.unit_id]
            days[row.person, row.unit_id] = [
                spent[0] + (last - first).days + 1, max(spent[1], row.start_date), row.weekly_hours,
            ]  # fmt: skip
    best: dict[str, tuple[object, ...]] = {}
    for (person, unit), (count, start, hours) in days.items():
        best[person] = max(best.get(person, (0,)), (count, start, hours, unit))
    return {person: str(choice[-1]) for person, choice in best.items()}


def counted(tree: GroupTree, people: Mapping[str, int], units: Mapping[str, str]) -> dict[str, int]:
    """Totals of a person's number over all groups that hold their unit."""
    leaf = {place.unit: place.leaf for place in tree.placements}
    totals = {group.id: 0 for group in tree.groups}
    for person, value in people.items():
        for group in tree.ancestry(leaf[units[person]]):
            totals[group.id] += value
    return totals


def within(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows dated in a period."""
    stamps = pd.to_datetime(frame["date"])
    return frame[(stamps >= str(period.first_day)) & (stamps <= str(period.last_day))]


def in_post(staff: pd.DataFrame, period: Period) -> dict[str, int]:
    """Whoever is employed on a period's last day."""
    last = pd.Timestamp(period.last_day)
    held = (staff["start_date"] <= last) & (staff["end_date"].isna() | (staff["end_date"] >= last))
    return dict.fromkeys(staff[held]["person"], 1)


def quarter_hours(hours: object) -> int:
    return math.floor(4 * float(hours) + 0.5)  # type: ignore[arg-type]


def absence_by_month(absences: pd.DataFrame) -> dict[str, dict[int, int]]:
    """Quarter-hours of absence by person and month's index, each spell spread day by day."""
    monthly: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in absences.itertuples():
        span = range((row.end_date - row.start_date).days + 1)
        days = [row.start_date + timedelta(days=n) for n in span]
        days = [day for day in days if day.weekday() < 5] or days
        whole, rest = divmod(quarter_hours(row.hours), len(days))
        for place, day in enumerate(days):
            monthly[row.person][day.year * 12 + day.month - 1] += whole + (place < rest)
    return monthly
