"""Months, quarters and budget years: the arithmetic under every cap."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from privacy.periods import BudgetYear, Cadence, Period


@pytest.mark.parametrize("text", ["2026-03", "2025-12", "2024-01", "2026-Q1", "2024-Q4"])
def test_a_period_reads_back_what_it_writes(text: str) -> None:
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-Q5", "2026-3", "26-03", "", "2026-03 ", "2026-03\n"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


def test_the_days_of_a_period_are_those_of_the_calendar() -> None:
    assert (Period.parse("2024-02").first_day, Period.parse("2024-02").last_day) == (
        date(2024, 2, 1),
        date(2024, 2, 29),
    )
    assert Period.parse("2025-Q4").last_day == date(2025, 12, 31)


def test_periods_follow_each_other_without_gap_or_overlap() -> None:
    for cadence in Cadence:
        periods = Period.holding(date(2026, 6, 30), cadence).trailing(30)
        for before, after in pairwise(periods):
            assert (after.first_day - before.last_day).days == 1


def test_every_day_of_a_year_lies_in_the_period_that_holds_it() -> None:
    for cadence in Cadence:
        for number in range(date(2024, 1, 1).toordinal(), date(2025, 1, 1).toordinal()):
            day = date.fromordinal(number)
            period = Period.holding(day, cadence)
            assert period.first_day <= day <= period.last_day


def test_a_quarter_is_its_three_months() -> None:
    assert [str(month) for month in Period.parse("2025-Q4").months] == ["2025-10", "2025-11", "2025-12"]


def test_a_quarter_ends_with_its_last_month_alone() -> None:
    months = Period.parse("2025-Q4").months
    assert [month.ending(Cadence.QUARTER) for month in months] == [None, None, Period.parse("2025-Q4")]
    assert [str(period) for period in months[-1].endings] == ["2025-12", "2025-Q4"]
    assert [str(period) for period in months[0].endings] == ["2025-10"]
    assert [str(period) for period in Period.parse("2025-Q4").endings] == ["2025-12", "2025-Q4"]


def test_a_month_is_never_taken_for_a_quarter_of_the_same_number() -> None:
    month = Period(Cadence.MONTH, 8000)
    quarter = Period(Cadence.QUARTER, 8000)
    assert month != quarter and len({month, quarter}) == 2


@pytest.mark.parametrize("starts", range(1, 13))
def test_each_period_ends_in_exactly_one_budget_year_of_twelve_months(starts: int) -> None:
    """So the losses of years add and no period's loss is counted nowhere."""
    months = Period.parse("2026-12").trailing(36)
    years = {BudgetYear.of(month, starts=starts) for month in months}
    for month in months:
        assert [year for year in years if year.holds(month)] == [BudgetYear.of(month, starts=starts)]
    whole = BudgetYear.of(months[18], starts=starts)
    assert sum(whole.holds(month) for month in months) == 12
    quarters = Period.parse("2026-Q4").trailing(12)
    assert sum(BudgetYear.of(quarters[6], starts=starts).holds(quarter) for quarter in quarters) == 4


def test_a_quarter_belongs_to_the_year_in_which_it_ends() -> None:
    assert str(BudgetYear.of(Period.parse("2026-Q1"), starts=2)) == "2026-02"
    assert str(BudgetYear.of(Period.parse("2026-Q1"), starts=4)) == "2025-04"


def test_a_budget_year_is_named_by_its_first_month_alone() -> None:
    assert BudgetYear.parse("2025-07", starts=7).title == "2025/26"
    assert BudgetYear.parse("2026-01", starts=1).title == "2026"
    with pytest.raises(ValueError, match="start in month 07"):
        BudgetYear.parse("2025-08", starts=7)
