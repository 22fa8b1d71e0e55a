"""Quarters of the sample without noise: what comes out is what an independent count finds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import pandas as pd
import pytest
from counted import absence_by_month, counted, drawn, in_post, quarter_hours, rows_of, unit_of, within
from released import Released

from privacy.periods import Cadence, Period
from privacy.plan import PlanItem
from privacy.records import Records

pytestmark = pytest.mark.slow  # nine months of the sample

QUARTERS = Period.parse("2025-Q1").trailing(3)
QUARTER = QUARTERS[-1]
People = dict[str, int]


@pytest.fixture(scope="module")
def rows(quarterly: Released) -> dict[str, pd.DataFrame]:
    return rows_of(quarterly.root)


@pytest.fixture(scope="module")
def indicators(quarterly: Released) -> pd.DataFrame:
    return pd.read_csv(quarterly.root / "releases" / "latest" / "indicators.csv")


def last_census(caseload: pd.DataFrame) -> pd.DataFrame:
    return within(caseload, QUARTER.months[-1]).sort_values("date").groupby("person").tail(1)


def first_leavers(separations: pd.DataFrame) -> People:
    """Who left in the quarter and in neither of the two before: a second leaving in a year is not counted."""
    before = {person for quarter in QUARTERS[:-1] for person in within(separations, quarter)["person"]}
    return dict.fromkeys(set(within(separations, QUARTER)["person"]) - before, 1)


def hours_by_person(exposure: pd.DataFrame) -> People:
    """Quarter-hours of the quarter's three months, each row rounded by itself."""
    found: dict[str, int] = defaultdict(int)
    for row in within(exposure, QUARTER).itertuples():
        found[row.person] += quarter_hours(row.direct_hours + row.indirect_hours)
    return found


def people_months(amounts: Iterable[int]) -> int:
    return sum(amount > 0 for amount in amounts)


def periods_of(item: PlanItem) -> tuple[Period, ...]:
    """The periods that an item draws: the planner tells a quarter by its months where that costs no more."""
    months = tuple(month for quarter in QUARTERS for month in quarter.months)
    return QUARTERS if item.cadence is Cadence.QUARTER else months


def is_drawn(records: Records, measure: str, period: Period) -> bool:
    return any((m.item.measure, m.period) == (measure, period) for m in records.measurements)


def test_each_quarter_is_released_with_its_last_month(quarterly: Released) -> None:
    """One release a month, whose last draws are the quarter's where the month ends one."""
    entries = [entry for entry in quarterly.records.entries if entry.kind in ("measurement", "release")]
    released: list[tuple[str, list[str]]] = []
    drawn_since: list[str] = []
    for entry in entries:
        if entry.kind == "release":
            released.append((entry.body["period"], list(dict.fromkeys(drawn_since))))
            drawn_since = []
        else:
            drawn_since.append(entry.body["period"])
    assert released == [
        (str(month), [str(period) for period in month.endings]) for month in QUARTER.months[-1].trailing(9)
    ]


def test_totals_of_a_quarter_are_those_of_a_day_by_day_count(
    quarterly: Released, rows: dict[str, pd.DataFrame]
) -> None:
    units, tree = unit_of(rows["staff"], QUARTER), quarterly.records.tree(QUARTER)
    separations, census = rows["separations"], last_census(rows["caseload"])
    voluntary = separations[separations["reason"] == "voluntary"]
    exposed = hours_by_person(rows["exposure"])
    expected: dict[str, People] = {
        "employed": in_post(rows["staff"], QUARTER),
        "left": first_leavers(separations),
        "left_voluntarily": first_leavers(voluntary),
        "case_holders": dict.fromkeys(census[census["open_cases"] > 0]["person"], 1),
        "over_exposure_standard": {person: 1 for person, hours in exposed.items() if hours > 3 * 45 * 4},
    }
    for measure, people in expected.items():
        totals = counted(tree, people, units)
        found = drawn(quarterly.records, measure, QUARTER)
        assert found == {group: totals[group] for group in found}, measure
        assert len({tree.by_id[group].level for group in found}) == 3, measure


def test_centred_totals_of_a_quarter_are_those_of_a_count_within_the_bounds(
    quarterly: Released, rows: dict[str, pd.DataFrame]
) -> None:
    """The deviation of each person from the centre of their programme, clamped and added up here."""
    units, tree = unit_of(rows["staff"], QUARTER), quarterly.records.tree(QUARTER)
    census = last_census(rows["caseload"])
    holders = {row.person: int(row.open_cases) for row in census.itertuples() if row.open_cases}
    heads, exposed = in_post(rows["staff"], QUARTER), hours_by_person(rows["exposure"])
    for measure, values, base in (
        ("open_cases", holders, dict.fromkeys(holders, 1)),
        ("exposure_hours", exposed, heads),
    ):
        item = next(m.item for m in quarterly.records.measurements if m.item.measure == measure)
        cut = tree.cut_below(item.levels[-1])
        line = {place.unit: cut.by_id[place.leaf].service_line for place in cut.placements}
        deviations = {}
        for person in {*values, *base}:
            centre = item.constant(item.centre, line[units[person]]) * base.get(person, 0)
            deviation = min(values.get(person, 0), item.highest) - centre
            deviations[person] = max(-item.half_width, min(item.half_width, deviation))
        draws = [m for m in quarterly.records.measurements if (m.item, m.period) == (item, QUARTER)]
        totals = counted(tree, deviations, units)
        found = {group: value for m in draws for group, value in m.values.items()}
        assert found == {group: totals[group] for group in found}, measure


def test_absence_of_quarters_is_the_brute_force_of_the_trailing_cap(
    quarterly: Released, rows: dict[str, pd.DataFrame]
) -> None:
    """Hours, people with any absence, and who was cut: nine months in order, each person by itself."""
    items = {m.item.measure: m.item for m in quarterly.records.measurements}
    totals: dict[tuple[str, Period], int] = defaultdict(int)
    for history in absence_by_month(rows["absences"]).values():
        for measure, count in (("absent_hours", sum), ("absent_people", people_months)):
            item, kept = items[measure], list[int]()
            for period in periods_of(item):
                room = math.isqrt(item.cap_squared - sum(x * x for x in kept))
                wanted = min(count(history.get(month.index, 0) for month in period.months), item.highest)
                kept.append(min(wanted, room))
                totals[measure, period] += kept[-1]
                if measure == "absent_hours":
                    totals["absence_cut", period] += wanted > room
    for (measure, period), total in totals.items():
        assert drawn(quarterly.records, measure, period)["NFS"] == total, (measure, period)
    assert items["absent_hours"].cadence is Cadence.QUARTER and totals["absence_cut", QUARTER] > 0


def test_children_add_up_to_parents_before_the_noise(quarterly: Released) -> None:
    draws = {(m.item, m.period, m.level): m for m in quarterly.records.measurements}
    for (item, period, level), inner in draws.items():
        depth = item.levels.index(level)
        if not depth:
            continue
        tree = quarterly.records.tree(period)
        for parent, value in draws[item, period, item.levels[depth - 1]].values.items():
            children = [child.id for child in tree.children(parent) if child.level == level]
            assert not children or sum(inner.values[child] for child in children) == value


@pytest.mark.parametrize("unit", ["NFS", "D-CRI", "P-MOB"])
def test_published_cells_are_ratios_of_the_counts(
    quarterly: Released, rows: dict[str, pd.DataFrame], indicators: pd.DataFrame, unit: str
) -> None:
    """Head counts of the quarter's end stand for its three months."""
    records = quarterly.records
    cells = indicators[(indicators["unit_id"] == unit) & (indicators["period"] == str(QUARTER))]
    found = cells.set_index("indicator")["value"]

    def total(measure: str, quarter: Period = QUARTER) -> int:
        told_by = (quarter,) if is_drawn(records, measure, quarter) else quarter.months
        return sum(drawn(records, measure, period)[unit] for period in told_by)

    heads, before = total("employed"), total("employed", QUARTER.previous())
    expected = {
        "exposure_hours": total("exposure_hours") / 4 / (3 * heads),
        "over_exposure_standard": 100 * total("over_exposure_standard") / heads,
        "trauma_share": 100 * total("trauma_cases") / total("open_cases"),
        "mean_open_cases": total("open_cases") / total("case_holders"),
        "turnover": 100 * total("left") / ((before + heads) / 2),
        "absence_rate": 100 * total("absent_hours") / total("scheduled_hours"),
        "any_absence": 100 * total("absent_people") / (3 * heads),
        "absence_cut": 100 * total("absence_cut") / heads,
    }
    for indicator, value in expected.items():
        assert found[indicator] == pytest.approx(value, rel=1e-4), indicator


def test_months_are_told_where_the_policy_asks_for_them_alone(indicators: pd.DataFrame) -> None:
    months = indicators[~indicators["period"].str.contains("Q")]
    assert set(months["indicator"]) == {"head_count", "absence_rate"} and set(months["unit_id"]) == {"NFS"}


def test_every_quarter_leads_to_draws_of_its_own_level(quarterly: Released, indicators: pd.DataFrame) -> None:
    draws = {m.seq: m for m in quarterly.records.measurements}
    shown = indicators[(indicators["status"] == "shown") & (indicators["period"] == str(QUARTER))]
    assert len(shown) > 50
    for row in shown.itertuples():
        used = [draws[int(seq)] for seq in str(row.ledger_entries).split()]
        assert {draw.level for draw in used} == {row.level}
        assert all(row.unit_id in draw.values for draw in used)
        for measure in {draw.item.measure for draw in used}:
            periods = {draw.period for draw in used if draw.item.measure == measure}
            if is_drawn(quarterly.records, measure, QUARTER):
                assert QUARTER in periods and periods <= {QUARTER, QUARTER.previous()}, measure
            else:
                assert periods == {*QUARTER.months}, measure
