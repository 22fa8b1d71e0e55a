"""Public HR data through the same door to a release, and to its known answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from ingest_folder import no_checks
from noise_free import Exact
from signatories import TESTER, enter_plan, signing

from metrics.estimates import ratio
from metrics.indicators import INDICATORS
from metrics.planner import propose
from metrics.rules import ReadingRules
from metrics.telling import indicator_moments
from metrics.totals import Totals
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.installation import Installation, begin, opened
from pipelines.measurement import measure_month
from pipelines.release import release_due
from pipelines.warehouse import connect
from privacy.bounding import prepare
from privacy.mechanism import DiscreteGaussian, Mechanism
from privacy.periods import BudgetYear, Period

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
TODAY = date(2026, 11, 22)


@contextmanager
def taken_in(name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The data set in a home of its own, its exports loaded."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"the public data set {name} is not beside the repository, in shared/data")
    monkeypatch.setenv("LEEWARD_WITNESS", str(root / "witness"))
    home = Home(root / "home")
    begin(home, ROOT / "data" / "mappings" / name)
    with opened(home) as installation:
        known = installation.register.unit_ids
        ingest(home, SHARED / name, known_units=known, today=TODAY, check=no_checks)
        yield installation


def sign(installation: Installation, years: range) -> None:
    policy = installation.policy
    first = BudgetYear.parse(f"{years[0]}-01", starts=1)
    proposed = propose(policy, installation.register, first).plan
    for year in years:
        plan = replace(proposed, year=BudgetYear.parse(f"{year}-01", starts=1))
        signed = {**ReadingRules.of(policy).signed(policy), "signing": signing(TESTER)}
        enter_plan(installation.ledger, plan, signed, installation.register_body)


def release(installation: Installation, mechanism: Mechanism, months: list[str]) -> pd.DataFrame:
    for month in months:
        release_due(
            installation.home, installation.ledger, installation.witness, mechanism, installation.policy,
            today=TODAY, only=Period.parse(month),
        )  # fmt: skip
    return pd.read_csv(installation.home.releases / "latest" / "indicators.csv")


def test_hrdataset_yearly_turnover_is_the_known_one_without_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_in("hrdataset_v14", tmp_path, monkeypatch) as installation:
        facts = json.loads((SHARED / "hrdataset_v14" / "facts.json").read_text())["by_year"]
        sign(installation, range(2008, 2019))
        with connect(installation.home) as warehouse:
            prepare(warehouse)
            for month in Period.parse("2018-12").trailing(11 * 12):
                year = BudgetYear.of(month, starts=1)
                measure_month(warehouse, installation.ledger, Exact(), month, year)
        totals = Totals(installation.ledger.records, ReadingRules.of(installation.policy))
        for year in range(2009, 2019):
            months = Period.parse(f"{year}-12").trailing(12)
            groups, named, _ = indicator_moments(totals, INDICATORS["turnover"], months)
            found = ratio(named.ids.index(groups.groups[0].id), named.moments, 100).value
            assert found == pytest.approx(facts[str(year)]["turnover_%_mean"], abs=0.001), year


def test_hrdataset_reaches_a_release_and_lacks_absence_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_in("hrdataset_v14", tmp_path, monkeypatch) as installation:
        sign(installation, range(2018, 2019))
        table = release(installation, DiscreteGaussian(), ["2018-11", "2018-12"])
    assert set(table[table["indicator"] == "absence_rate"]["reason"]) == {"no-data"}
    whole = table[(table["unit_id"] == "ORG") & (table["period"] == "2018-12")].set_index("indicator")
    assert whole.loc["head_count", "status"] == "shown"
    assert abs(whole.loc["head_count", "value"] - 207) < 150


def test_viva_insights_weeks_become_monthly_exposure_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with taken_in("viva_insights", tmp_path, monkeypatch) as installation:
        sign(installation, range(2024, 2025))
        table = release(installation, Exact(), ["2024-05", "2024-06"])
    whole = table[(table["unit_id"] == "ORG") & (table["period"] == "2024-06")].set_index("indicator")
    assert set(table[table["indicator"] == "turnover"]["reason"]) == {"no-data"}
    assert whole.loc["head_count", "value"] == pytest.approx(300, abs=15)  # posts weigh in a little
    assert whole.loc["exposure_hours", "value"] == pytest.approx(spread_by_hand("2024-06"), rel=0.01)


def spread_by_hand(month: str) -> float:
    """Hours a person of one month, each week spread over its five weekdays."""
    weeks = pd.read_csv(SHARED / "viva_insights" / "pq_data.csv", parse_dates=["MetricDate"])
    hours = weeks["Meeting_and_call_hours"] + weeks["Email_hours"]
    inside = [
        sum(
            str(day.date())[:7] == month
            for day in pd.bdate_range(first, periods=7, freq="D")
            if day.weekday() < 5
        )
        for first in weeks["MetricDate"]
    ]
    return float((hours * inside / 5).sum() / weeks["PersonId"].nunique())
