"""The main job on the sample without noise: what comes out is what an independent count finds."""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict
from datetime import timedelta

import duckdb
import pandas as pd
import pytest
from released import SAMPLE, Released

from privacy.groups import GroupTree
from privacy.periods import Period

MONTH = Period.parse("2026-04")


@pytest.fixture(scope="module")
def rows(sample: Released) -> dict[str, pd.DataFrame]:
    with duckdb.connect(str(sample.root / "protected" / "warehouse.duckdb"), read_only=True) as warehouse:
        return {
            name: warehouse.table(name).df()
            for name in ("staff", "separations", "absences", "caseload", "exposure")
        }


@pytest.fixture(scope="module")
def indicators(sample: Released) -> pd.DataFrame:
    return pd.read_csv(sample.root / "releases" / "latest" / "indicators.csv")


def drawn(sample: Released, measure: str, month: Period) -> dict[str, int]:
    """Every group's number in the ledger, un-centred, in the smallest unit."""
    found = {
        group: value
        for m in sample.records.measurements
        if m.item.measure == measure and m.period == month
        for group, value in m.values.items()
    }
    item = next(m.item for m in sample.records.measurements if m.item.measure == measure)
    if not item.base:
        return found
    tree = sample.records.tree(month).cut_below(item.levels[-1])
    base = drawn(sample, item.base, month)
    centres = {leaf.id: item.constant(item.centre, leaf.service_line) for leaf in tree.leaves}
    return {
        group: value + sum(centres[leaf] * base[leaf] for leaf in centres if group in lineage(tree, leaf))
        for group, value in found.items()
    }


def lineage(tree: GroupTree, leaf: str) -> set[str]:
    return {group.id for group in tree.ancestry(leaf)}


def unit_of(staff: pd.DataFrame) -> dict[str, str]:
    """Each person's unit in the month by days spent there, found day by day."""
    days: dict[tuple[str, str], list[object]] = defaultdict(lambda: [0, pd.Timestamp.min, 0.0])
    for row in staff.itertuples():
        first = max(row.start_date, pd.Timestamp(MONTH.first_day))
        last = min(row.end_date if pd.notna(row.end_date) else pd.Timestamp.max, pd.Timestamp(MONTH.last_day))
        if first <= last:
            spent = days[row.person, row.unit_id]
            days[row.person, row.unit_id] = [
                spent[0] + (last - first).days + 1, max(spent[1], row.start_date), row.weekly_hours,
            ]  # fmt: skip
    best: dict[str, tuple[object, ...]] = {}
    for (person, unit), (count, start, hours) in days.items():
        best[person] = max(best.get(person, (0,)), (count, start, hours, unit))
    return {person: str(choice[-1]) for person, choice in best.items()}


def counted(sample: Released, people: dict[str, int], units: dict[str, str]) -> dict[str, int]:
    """Totals of a person's number over all groups that hold their unit."""
    tree = sample.records.tree(MONTH)
    leaf = {place.unit: place.leaf for place in tree.placements}
    totals = {group.id: 0 for group in tree.groups}
    for person, value in people.items():
        for group in tree.ancestry(leaf[units[person]]):
            totals[group.id] += value
    return totals


def of_month(frame: pd.DataFrame) -> pd.DataFrame:
    stamps = pd.to_datetime(frame["date"])
    return frame[(stamps >= str(MONTH.first_day)) & (stamps <= str(MONTH.last_day))]


def test_all_24_months_are_drawn_and_released_in_order(sample: Released) -> None:
    periods = [entry.body["period"] for entry in sample.records.of("release")]
    assert periods == [str(month) for month in Period.parse("2026-06").trailing(24)]
    assert sample.published == 24 and sample.drawn == len(sample.records.measurements)


def test_children_add_up_to_parents_before_the_noise(sample: Released) -> None:
    for measurement in sample.records.measurements:
        if measurement.level == measurement.item.levels[0]:
            continue
        above = next(
            m for m in sample.records.measurements
            if (m.item, m.period) == (measurement.item, measurement.period)
            and m.level == measurement.item.levels[measurement.item.levels.index(measurement.level) - 1]
        )  # fmt: skip
        tree = sample.records.tree(measurement.period)
        for parent, value in above.values.items():
            children = [child.id for child in tree.children(parent) if child.level == measurement.level]
            if children:
                assert sum(measurement.values[child] for child in children) == value


def test_heads_leavers_cases_and_hours_are_those_of_a_day_by_day_count(
    sample: Released, rows: dict[str, pd.DataFrame]
) -> None:
    staff, last = rows["staff"], pd.Timestamp(MONTH.last_day)
    in_post = staff[(staff["start_date"] <= last) & (staff["end_date"].isna() | (staff["end_date"] >= last))]
    units = unit_of(staff)
    leavers = of_month(rows["separations"])
    census, hours = of_month(rows["caseload"]), of_month(rows["exposure"])
    exposed = {
        r.person: math.floor(4 * float(r.direct_hours + r.indirect_hours) + 0.5) for r in hours.itertuples()
    }
    expected = {
        "employed": dict.fromkeys(in_post["person"], 1),
        "left": dict.fromkeys(leavers["person"], 1),
        "left_voluntarily": dict.fromkeys(leavers[leavers["reason"] == "voluntary"]["person"], 1),
        "case_holders": dict.fromkeys(census[census["open_cases"] > 0]["person"], 1),
        "over_exposure_standard": {person: 1 for person, value in exposed.items() if value > 45 * 4},
    }
    for measure, people in expected.items():
        totals = counted(sample, people, units)
        found = drawn(sample, measure, MONTH)
        assert found == {group: totals[group] for group in found}, measure
    assert sum(exposed.values()) == pytest.approx(drawn(sample, "exposure_hours", MONTH)["NFS"], rel=0.01)
    assert census["open_cases"].sum() == pytest.approx(drawn(sample, "open_cases", MONTH)["NFS"], rel=0.02)


def test_absence_is_the_brute_force_of_spreading_and_the_trailing_cap(
    sample: Released, rows: dict[str, pd.DataFrame]
) -> None:
    drawn_items = [m for m in sample.records.measurements if m.item.measure == "absent_hours"]
    items = {m.period.index: m.item for m in drawn_items}  # another year's plan may hold another item
    monthly: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows["absences"].itertuples():
        span = range((row.end_date - row.start_date).days + 1)
        days = [row.start_date + timedelta(days=n) for n in span]
        days = [day for day in days if day.weekday() < 5] or days
        whole, rest = divmod(math.floor(4 * float(row.hours) + 0.5), len(days))
        for place, day in enumerate(days):
            monthly[row.person][day.year * 12 + day.month - 1] += whole + (place < rest)
    totals: dict[int, int] = defaultdict(int)
    for history in monthly.values():
        kept: dict[int, int] = {}
        for index in sorted(items.keys() & history.keys()):
            item = items[index]
            spent = sum(x * x for m, x in kept.items() if index - 12 < m < index and items[m] == item)
            kept[index] = min(history[index], item.highest, math.isqrt(item.cap_squared - spent))
            totals[index] += kept[index]
    for month in Period.parse("2026-06").trailing(24):
        assert drawn(sample, "absent_hours", month)["NFS"] == totals[month.index]


def cell(indicators: pd.DataFrame, unit: str, indicator: str, period: str) -> pd.Series:
    found = indicators[
        (indicators["unit_id"] == unit)
        & (indicators["indicator"] == indicator)
        & (indicators["period"] == period)
    ]
    return found.iloc[0]


@pytest.mark.parametrize(
    ("unit", "indicator", "before", "after"),
    [
        ("D-CRI", "exposure_hours", "2025-12", "2026-06"),
        ("D-CRI", "absence_rate", "2026-02", "2026-06"),
        ("D-CRI", "turnover", "2025-06/P12M", "2026-06/P12M"),
    ],
)
def test_planted_changes_are_at_least_three_margins(
    indicators: pd.DataFrame, unit: str, indicator: str, before: str, after: str
) -> None:
    earlier, later = (cell(indicators, unit, indicator, period) for period in (before, after))
    margin = (later["high"] - later["low"]) / 2  # of the plan in force where the change is planted
    assert later["value"] - earlier["value"] >= 3 * margin


def test_the_planted_caseload_lies_three_margins_over_its_standard(indicators: pd.DataFrame) -> None:
    plant = next(p for p in tomllib.loads((SAMPLE / "planted.toml").read_text())["plant"] if "standard" in p)
    row = cell(indicators, plant["unit_id"], "mean_open_cases", "2026-06/P12M")
    assert row["value"] - plant["standard"] >= 3 * (row["high"] - row["low"]) / 2


def test_the_strongest_changes_are_the_planted_ones(sample: Released) -> None:
    signals = pd.read_csv(sample.root / "releases" / "latest" / "signals.csv")
    real = signals[(signals["words"] == "very likely real") & (signals["level"] == "division")]
    assert set(real["unit_id"]) == {"D-CRI"}
    assert {"exposure_hours", "absence_rate", "turnover"} <= set(real["indicator"])


def test_every_blank_has_a_code_and_every_shown_cell_an_interval(indicators: pd.DataFrame) -> None:
    blank = indicators["status"] == "blank"
    assert indicators[blank][["value", "low", "high"]].isna().all().all()
    assert indicators[blank]["reason"].notna().all()
    shown = indicators[~blank]
    assert (shown["low"] <= shown["value"]).all() and (shown["value"] <= shown["high"]).all()
    assert set(indicators[blank]["reason"]) == {"below-minimum-group", "sibling-blank", "too-noisy"}


def test_small_programme_and_direct_staff_are_never_shown(indicators: pd.DataFrame) -> None:
    hidden = indicators[indicators["unit_id"].isin(["P-PSY", "NFS:direct", "NFS:small", "D-CRI:direct"])]
    assert len(hidden) and (hidden["status"] == "blank").all()


def test_running_again_draws_nothing_and_changes_no_byte(
    sample: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines import flows

    monkeypatch.setenv("LEEWARD_WITNESS", str(sample.root.parent / "witness"))
    before = {path: path.read_bytes() for path in (sample.root / "releases").rglob("*") if path.is_file()}
    head = sample.records.head
    loaded, report = flows.monthly(str(sample.root), str(SAMPLE / "exports"))
    assert loaded.is_unchanged and report.drawn == 0 and not report.published
    assert sample.records.head == head
    assert {path: path.read_bytes() for path in before} == before
