"""A tiny agency with quarterly targets: through the command line, again, interrupted, with late data."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from ingest_folder import no_checks
from quarterly import with_targets
from streamlit.testing.v1 import AppTest
from tiny_agency import POLICY, TinyAgency

from dashboard.launch import APP
from pipelines.home import Home
from pipelines.ingest import ingest
from pipelines.installation import opened
from pipelines.release import ReleaseReport, release_due
from privacy.accounting import Rho
from privacy.mechanism import DiscreteGaussian
from privacy.periods import Cadence, Period
from privacy.records import Records

BOTH = "{ organisation = 30, division = 60 }"
TODAY = date(2026, 11, 22)
Q1 = Period.parse("2026-Q1")
ITEMS = {
    ("employed", "month"), ("employed", "quarter"), ("left", "quarter"), ("scheduled_hours", "quarter"),
    ("absent_hours", "quarter"),
}  # fmt: skip


def quarterly(root: Path) -> TinyAgency:
    """Turnover and absence by the quarter alone; heads by the month for the whole, by the quarter inside."""
    agency = TinyAgency.at(root)
    policy = with_targets(POLICY, "head_count", month="{ organisation = 30 }", quarter=BOTH)
    for name in ("turnover", "absence_rate"):
        policy = with_targets(policy, name, quarter=BOTH)
    agency.files["config/policy.toml"] = policy
    return agency


def covering(agency: TinyAgency, export: str, last: str) -> TinyAgency:
    """The agency with an export that declares another last month."""
    head, section, tail = agency.files["config/mapping.toml"].partition(f"[exports.{export}]")
    declared = re.sub(r"covers = .*", f'covers = ["2026-01", "{last}"]', tail, count=1)
    agency.files["config/mapping.toml"] = head + section + declared
    return agency


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> TinyAgency:
    return quarterly(tmp_path_factory.mktemp("quarterly")).begin()


@pytest.fixture(scope="module")
def first_run(agency: TinyAgency) -> subprocess.CompletedProcess[str]:
    return agency.leeward("run", str(agency.exports))


def test_one_command_measures_the_quarter_after_its_months_and_names_it(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    assert first_run.returncode == 0, first_run.stderr
    assert "3 releases published" in first_run.stdout
    turnover = next(line for line in first_run.stdout.splitlines() if "Turnover" in line)
    assert "2026-Q1: " in turnover
    records = Records.from_file(agency.home / "ledger.jsonl")
    assert {(m.item.measure, str(m.item.cadence)) for m in records.measurements} == ITEMS
    assert {m.period for m in records.measurements if m.item.cadence is Cadence.QUARTER} == {Q1}


def test_a_second_run_does_no_work_twice(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    ledger = (agency.home / "ledger.jsonl").read_bytes()
    assert "nothing was drawn" in agency.leeward("run", str(agency.exports)).stdout
    assert (agency.home / "ledger.jsonl").read_bytes() == ledger


def test_verify_holds_on_quarters(agency: TinyAgency, first_run: subprocess.CompletedProcess[str]) -> None:
    verified = agency.leeward("audit", "verify")
    assert verified.returncode == 0 and "Everything holds." in verified.stdout, verified.stdout


def test_the_plan_tells_what_a_quarter_buys(agency: TinyAgency) -> None:
    told = agency.leeward("plan", "--year", "2026-01")
    lines = [line.split() for line in told.stdout.splitlines() if line.startswith("Turnover")]
    assert told.returncode == 0 and [line[2] for line in lines[:2]] == ["quarter", "quarter"]


@pytest.mark.parametrize("page", ["overview", "units", "indicator", "ledger", "method"])
def test_every_page_opens_on_it_and_the_overview_names_the_quarter(
    agency: TinyAgency,
    first_run: subprocess.CompletedProcess[str],
    page: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEEWARD_HOME", str(agency.home))
    monkeypatch.setenv("LEEWARD_WITNESS", agency.environment["LEEWARD_WITNESS"])
    app = AppTest.from_file(str(APP), default_timeout=30)
    app.query_params["indicator"] = "turnover"
    app.switch_page(f"views/{page}.py").run()
    bodies = [str(element.proto.body) for element in app.get("html")]
    text = "\n".join(body for body in bodies if "<style" not in body)
    links = [link.proto.label for link in app.get("page_link")]
    assert not app.exception and "lw-notice" not in text
    if page in ("overview", "units", "indicator"):
        assert any("January to March 2026" in words for words in (text, *links))


class Failing(DiscreteGaussian):
    """The real mechanism, of which one call fails."""

    def __init__(self, at: int) -> None:
        self.left = at

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        self.left -= 1
        if self.left == 0:
            raise OSError("a fault that is no answer")
        return super().draw(totals, cap_squared=cap_squared, sigma=sigma, signed=signed)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyAgency:
    monkeypatch.setenv("LEEWARD_WITNESS", str(tmp_path / "witness"))
    return quarterly(tmp_path)


def load(agency: TinyAgency) -> None:
    with opened(Home(agency.home)) as installation:
        known = installation.register.unit_ids
        ingest(installation.home, agency.exports, known_units=known, today=TODAY, check=no_checks)


def release(
    agency: TinyAgency, mechanism: DiscreteGaussian | None = None, today: date = TODAY, only: str = ""
) -> ReleaseReport:
    with opened(Home(agency.home)) as installation:
        return release_due(
            installation.home, installation.ledger, installation.witness, mechanism or DiscreteGaussian(),
            installation.policy, today=today, only=Period.parse(only) if only else None,
        )  # fmt: skip


def drawn(agency: TinyAgency) -> list[tuple[str, str, str]]:
    records = Records.from_file(agency.home / "ledger.jsonl")
    return [(m.item.measure, str(m.period), m.level) for m in records.measurements]


def released(agency: TinyAgency) -> list[str]:
    return sorted(path.name[:7] for path in (agency.home / "releases").glob("2026-*"))


def draws_of(agency: TinyAgency) -> dict[Cadence, int]:
    """Draws of three months, and of their quarter: items times levels, as signed."""
    with opened(Home(agency.home)) as installation:
        records = installation.ledger.records
        items = records.open_items(records.years[0])
    return {
        cadence: sum(len(item.levels) * times for item in items if item.cadence is cadence)
        for cadence, times in ((Cadence.MONTH, 3), (Cadence.QUARTER, 1))
    }


@pytest.mark.parametrize("place", ["last draw", "between its draws", "last of the month"])
def test_an_interrupted_quarter_is_finished_by_the_next_run_and_nothing_is_drawn_twice(
    begun: TinyAgency, place: str
) -> None:
    begun.begin()
    load(begun)
    draws = draws_of(begun)
    whole = sum(draws.values())
    back = {"last draw": 0, "between its draws": 1, "last of the month": draws[Cadence.QUARTER]}[place]
    with pytest.raises(OSError, match="no answer"):
        release(begun, Failing(whole - back))
    assert released(begun) == ["2026-01", "2026-02"]
    report = release(begun)
    made = drawn(begun)
    assert len(made) == len(set(made)) == whole
    assert released(begun) == ["2026-01", "2026-02", "2026-03"] and len(report.published) == 1
    assert release(begun).drawn == 0


def test_a_quarter_that_was_drawn_but_not_published_is_published_by_the_next_run(
    begun: TinyAgency, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines import release as module

    begun.begin()
    load(begun)
    whole, true = sum(draws_of(begun).values()), module.publish_pending

    def failing(*given):  # type: ignore[no-untyped-def]
        if len(given[1].records.measurements) == whole:
            raise OSError("a fault that is no answer")
        return true(*given)

    with monkeypatch.context() as broken, pytest.raises(OSError, match="no answer"):
        broken.setattr(module, "publish_pending", failing)
        release(begun)
    assert released(begun) == ["2026-01", "2026-02"]
    report = release(begun)
    assert report.drawn == 0 and released(begun) == ["2026-01", "2026-02", "2026-03"]


def test_a_quarter_without_one_of_its_exports_holds_back_nothing_else(begun: TinyAgency) -> None:
    """Absences cover two months: everything else of the quarter is drawn; later the rest, in a release."""
    covering(begun, "absences", "2026-02").begin()
    load(begun)
    release(begun)
    early = drawn(begun)
    quarters = {measure for measure, period, _ in early if period == str(Q1)}
    assert quarters == {"employed", "left", "scheduled_hours"} and released(begun)[-1] == "2026-03"
    covering(begun, "absences", "2026-03").write()
    (begun.home / "config" / "mapping.toml").write_text(begun.files["config/mapping.toml"])
    load(begun)
    report = release(begun)
    late = drawn(begun)[len(early) :]
    assert {(measure, period) for measure, period, _ in late} == {("absent_hours", str(Q1))}
    assert [period.period for period in report.published] == [Q1.months[-1]]


def test_a_quarter_whose_first_month_no_export_covers_is_not_drawn(begun: TinyAgency) -> None:
    text = begun.files["config/mapping.toml"].replace('["2026-01", "2026-03"]', '["2026-02", "2026-03"]')
    begun.files["config/mapping.toml"] = text
    begun.begin()
    load(begun)
    release(begun)
    assert {period for _, period, _ in drawn(begun)} == {"2026-02", "2026-03"}


def test_a_quarter_waits_for_the_lag_of_its_last_month(begun: TinyAgency) -> None:
    """Thirty-five days after 31 March have passed on 6 May."""
    begun.begin()
    load(begun)
    release(begun, today=date(2026, 5, 5))
    assert {period for _, period, _ in drawn(begun)} == {"2026-01", "2026-02"}
    release(begun, today=date(2026, 5, 6))
    assert {period for _, period, _ in drawn(begun)} == {"2026-01", "2026-02", "2026-03", "2026-Q1"}


def test_the_month_asked_for_brings_the_quarter_that_it_ends(begun: TinyAgency) -> None:
    begun.begin()
    load(begun)
    release(begun, only="2026-03")
    assert {period for _, period, _ in drawn(begun)} == {"2026-03", "2026-Q1"}
