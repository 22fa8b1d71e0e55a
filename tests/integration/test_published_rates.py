"""The formulas of the indicators against a published table: children's social workers in England.

The table holds aggregates, so nothing is taken in: its own numerators and denominators are divided as the
indicators do, and must give the rates that it prints.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics.estimates import Moments, ratio
from metrics.indicators import INDICATORS, Indicator

TABLE = Path(__file__).parents[3] / "shared" / "data" / "dfe_csww" / "csww_headline_measures_2017_to_2022.csv"
SYMBOLS = ("x", "z", "c", "u", "low")
WORKING_DAYS = 253


@dataclass(frozen=True)
class Rate:
    """One printed rate: the indicator that it is, its columns, and the denominator's days."""

    indicator: Indicator
    numerator: str
    denominator: str
    printed: str
    times: int = 1


# Their turnover is over those in post at the year's end, ours over a mean: the division is the same.
RATES = (
    Rate(INDICATORS["turnover"], "leaver_fte", "social_worker_fte", "turnover_rate_fte_%"),
    Rate(
        INDICATORS["absence_rate"], "working_days_lost_fte", "social_worker_fte", "absence_rate_fte_%",
        WORKING_DAYS,
    ),
    Rate(INDICATORS["mean_open_cases"], "cases", "case_holders_fte", "caseload_fte"),
)  # fmt: skip
NAMES = [rate.indicator.id for rate in RATES]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    if not TABLE.exists():
        pytest.skip("the public data set dfe_csww is not beside the repository, in shared/data")
    return pd.read_csv(TABLE, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def recomputed(rate: Rate, numerator: float, denominator: float) -> float:
    zero = np.zeros(1)
    known = Moments(np.array([numerator]), np.array([denominator * rate.times]), zero, zero, zero)
    return ratio(0, known, rate.indicator.reading.factor).value


def numbers(table: pd.DataFrame, rate: Rate) -> Iterator[tuple[float, float, float]]:
    """Numerator, denominator and printed rate of each row in which none of them is a symbol."""
    for row in table[[rate.numerator, rate.denominator, rate.printed]].itertuples(index=False):
        if not set(row) & {*SYMBOLS, ""}:
            yield tuple(float(cell) for cell in row)  # type: ignore[misc]


@pytest.mark.parametrize(("rate", "known"), list(zip(RATES, (17.1, 3.5, 16.6), strict=True)), ids=NAMES)
def test_england_2022_is_the_published_figure(table: pd.DataFrame, rate: Rate, known: float) -> None:
    england = table[(table["time_period"] == "2022") & (table["geographic_level"] == "National")]
    ((numerator, denominator, printed),) = numbers(england, rate)
    assert printed == known and round(recomputed(rate, numerator, denominator), 1) == known


@pytest.mark.parametrize("rate", RATES, ids=NAMES)
def test_nearly_every_row_recomputes_to_a_tenth(table: pd.DataFrame, rate: Rate) -> None:
    """Numerators are printed rounded, so a few rows of small areas differ by a little more."""
    rows = [row for row in numbers(table, rate) if row[1]]
    close = [abs(recomputed(rate, n, d) - printed) <= 0.1 + 1e-9 for n, d, printed in rows]
    assert len(rows) > 400 and sum(close) / len(close) > 0.97, (len(rows), sum(close) / len(close))


@pytest.mark.parametrize("rate", RATES, ids=NAMES)
def test_whatever_is_no_number_is_a_known_symbol(table: pd.DataFrame, rate: Rate) -> None:
    for column in (rate.numerator, rate.denominator, rate.printed):
        others = {cell for cell in table[column] if not _is_number(cell)}
        assert others <= {*SYMBOLS, ""}, others


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False
