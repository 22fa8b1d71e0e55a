"""What a quarter of each measure is: its column, its bounds, and the person-months that it stands for."""

from __future__ import annotations

import pytest

from metrics.measures import MEASURES, Over
from privacy.periods import Cadence

# months in the column, months in the value, person-months a unit stands for; of a quarter
FLOW, STOCK, COUNTED_OVER_A_FLOW = (3, 3, 1), (1, 1, 3), (3, 1, 3)
EXPECTED = {
    "employed": STOCK,
    "left": FLOW,
    "left_voluntarily": FLOW,
    "scheduled_hours": FLOW,
    "absent_hours": FLOW,
    "absent_people": FLOW,
    "absence_cut": STOCK,
    "case_holders": STOCK,
    "open_cases": STOCK,
    "trauma_cases": STOCK,
    "over_caseload_standard": STOCK,
    "exposure_hours": FLOW,
    "over_exposure_standard": COUNTED_OVER_A_FLOW,
}


@pytest.mark.parametrize("name", MEASURES)
def test_a_quarter_of_a_measure_is_what_was_decided(name: str) -> None:
    measure, quarter = MEASURES[name], Cadence.QUARTER
    found = (
        measure.months_in_column(quarter),
        measure.months_in_value(quarter),
        measure.months_stood_for(quarter),
    )
    assert found == EXPECTED[name]


@pytest.mark.parametrize("name", MEASURES)
def test_of_a_month_everything_is_one_month(name: str) -> None:
    measure, month = MEASURES[name], Cadence.MONTH
    assert measure.months_in_column(month) == measure.months_in_value(month) == 1
    assert measure.months_stood_for(month) == 1 and measure.said_of(month) == measure.words


def test_a_column_is_added_up_or_taken_last_whichever_measure_reads_it() -> None:
    over: dict[str, set[Over]] = {}
    for measure in MEASURES.values():
        over.setdefault(measure.column, set()).add(measure.over)
    assert all(len(kinds) == 1 for kinds in over.values())
