"""The main job on the sample without noise: what comes out is what an independent count finds."""

from __future__ import annotations

import math
import tomllib
from collections import defaultdict

import pandas as pd
import pytest
from counted import absence_by_month, counted, drawn, in_post, quarter_hours, rows_of, unit_of, within
from released import SAMPLE, Released

from privacy.periods import Period

MONTH = Period.parse("2026-04")


@pytest.fixture(scope="module")
def rows(sample: Released) -> dict[str, pd.DataFrame]:
    return rows_of(sample.root)


@pytest.fixture(scope="module")
def indicators(sample: Released) -> pd.DataFrame:
    return pd.read_csv(sample.root / "releases" / "latest" / "indicators.csv")


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
    units, tree = unit_of(rows["staff"], MONTH), sample.records.tree(MONTH)
    leavers = within(rows["separations"], MONTH)
    census, hours = within(rows["caseload"], MONTH), within(rows["exposure"], MONTH)
    exposed = {r.person: quarter_hours(r.direct_hours + r.indirect_hours) for r in hours.itertuples()}
    expected = {
        "employed": in_post(rows["staff"], MONTH),
        "left": dict.fromkeys(leavers["person"], 1),
        "left_voluntarily": dict.fromkeys(leavers[leavers["reason"] == "voluntary"]["person"], 1),
        "case_holders": dict.fromkeys(census[census["open_cases"] > 0]["person"], 1),
        "over_exposure_standard": {person: 1 for person, value in exposed.items() if value > 45 * 4},
    }
    for measure, people in expected.items():
        totals = counted(tree, people, units)
        found = drawn(sample.records, measure, MONTH)
        assert found == {group: totals[group] for group in found}, measure
    assert sum(exposed.values()) == pytest.approx(
        drawn(sample.records, "exposure_hours", MONTH)["NFS"], rel=0.01
    )
    assert census["open_cases"].sum() == pytest.approx(
        drawn(sample.records, "open_cases", MONTH)["NFS"], rel=0.02
    )


def test_absence_is_the_brute_force_of_spreading_and_the_trailing_cap(
    sample: Released, rows: dict[str, pd.DataFrame]
) -> None:
    drawn_items = [m for m in sample.records.measurements if m.item.measure == "absent_hours"]
    items = {m.period.index: m.item for m in drawn_items}  # another year's plan may hold another item
    monthly = absence_by_month(rows["absences"])
    totals: dict[int, int] = defaultdict(int)
    for history in monthly.values():
        kept: dict[int, int] = {}
        for index in sorted(items.keys() & history.keys()):
            item = items[index]
            spent = sum(x * x for m, x in kept.items() if index - 12 < m < index and items[m] == item)
            kept[index] = min(history[index], item.highest, math.isqrt(item.cap_squared - spent))
            totals[index] += kept[index]
    for month in Period.parse("2026-06").trailing(24):
        assert drawn(sample.records, "absent_hours", month)["NFS"] == totals[month.index]


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
