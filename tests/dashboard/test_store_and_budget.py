"""The published zone read as typed things, and the budget recomputed from the ledger."""

from __future__ import annotations

import pandas as pd
import pytest
from published_home import LAST, item

from dashboard import budget, headlines, launch, store
from privacy.accounting import Delta, epsilon_of, total
from privacy.budget import budgets


def test_the_newest_release_is_found_without_the_latest_link(homes, tmp_path) -> None:
    source = homes["usual year"] / "releases" / "latest"
    copied = tmp_path / "releases" / source.resolve().name
    copied.mkdir(parents=True)
    for file in source.iterdir():
        (copied / file.name).write_bytes(file.read_bytes())
    (tmp_path / "releases" / ".draft").mkdir()
    assert store.newest(tmp_path).month == LAST


def test_a_release_is_read_once(homes) -> None:
    assert store.newest(homes["usual year"]) is store.newest(homes["usual year"])


def test_months_and_windows_are_told_apart(homes) -> None:
    release = store.newest(homes["usual year"])
    assert set(store.cells(release)["window"]) == {1, 12}
    assert len(headlines.series(release, "turnover", "ORG", 1)) == 14
    assert len(headlines.series(release, "turnover", "ORG", 12)) == 3


def test_a_quarter_ends_with_its_last_month_and_is_three_months_wide(homes) -> None:
    cells = store.cells(store.newest(homes["quarters only"]))
    quarter = cells[cells["period"] == "2026-Q1"]
    assert set(quarter["month"]) == {pd.Timestamp(2026, 3, 1)} and set(quarter["window"]) == {3}
    assert set(quarter["when"]) == {"January to March 2026"}
    assert set(cells["window"]) == {3, 12}


def test_the_newest_of_a_quarter_and_its_twelve_months_is_looked_for_three_months_back(homes) -> None:
    release = store.newest(homes["quarters only"])
    assert headlines.newest(release, "turnover", "ORG", 3).period == "2026-Q1"
    assert headlines.newest(release, "turnover", "ORG", 12).period == "2026-03/P12M"
    assert headlines.newest(release, "turnover", "ORG", 1).reason == "not-planned"
    assert set(headlines.headline_table(release, "ORG")["period"]) == {"2026-Q1", "2026-03/P12M"}


def test_totals_by_month_and_by_quarter_are_never_drawn_on_one_axis(homes, monkeypatch) -> None:
    months = pd.DataFrame({"period": ["2026-01", "2026-03"], "window": [1, 1]})
    quarters = pd.DataFrame({"period": ["2026-Q1"], "window": [3]})
    release = store.newest(homes["usual year"])
    monkeypatch.setattr(store, "totals", lambda *_: pd.concat([months, quarters]))
    found = {window: set(headlines.totals(release, "left", "ORG", window)["period"]) for window in (1, 3, 12)}
    assert found == {1: {"2026-01", "2026-03"}, 3: {"2026-Q1"}, 12: {"2026-01", "2026-03"}}
    monkeypatch.setattr(store, "totals", lambda *_: quarters)
    assert set(headlines.totals(release, "left", "ORG", 12)["period"]) == {"2026-Q1"}


def test_a_blank_cell_is_no_figure_but_a_reason(homes) -> None:
    release = store.newest(homes["usual year"])
    blank = headlines.newest(release, "turnover", "D-C", 1)
    assert blank == headlines.Newest(None, "below-minimum-group", "2026-06", "June 2026")
    assert headlines.newest(release, "turnover", "D-A", 1).figure is not None


def test_turnover_is_read_over_twelve_months_once_they_are_known(homes) -> None:
    windows = {}
    for state in ("usual year", "first month"):
        release = store.newest(homes[state])
        windows[state] = headlines.first_window(release, release.indicators["turnover"], "ORG")
    assert windows == {"usual year": 12, "first month": 1}


def test_a_cell_knows_its_ledger_entries(homes) -> None:
    lineage = store.lineage(store.newest(homes["usual year"]), "turnover", "ORG", "2026-06")
    assert lineage == store.Lineage("least squares", (4, 5))


@pytest.mark.parametrize("text", ["", "not json\n", "{}\n"])
def test_what_is_no_ledger_is_refused_in_one_sentence(tmp_path, text) -> None:
    (tmp_path / "ledger.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(store.NothingToShow, match="published ledger"):
        store.ledger(tmp_path)


def test_a_ledger_whose_draws_have_no_plan_is_refused(homes, tmp_path) -> None:
    lines = [line for line in store.ledger_lines(homes["usual year"]) if '"kind":"plan"' not in line]
    (tmp_path / "ledger.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(store.NothingToShow, match="published ledger"):
        store.ledger(tmp_path)


@pytest.mark.parametrize("state", ["no home", "no release", "broken certificate"])
def test_what_cannot_be_shown_is_refused_in_one_sentence(homes, state) -> None:
    with pytest.raises(store.NothingToShow, match=r"\.$"):
        store.newest(homes[state])


def test_spent_planned_reserve_and_remaining_make_up_the_promise(homes) -> None:
    (year,) = budgets(store.ledger(homes["usual year"]))
    assert year.spent == item("employed").rho and year.planned == item("left").rho
    assert total(loss for _, loss in budget.parts(year)) == year.promised


def test_epsilon_of_all_years_comes_from_the_total_loss(homes) -> None:
    years = budgets(store.ledger(homes["usual year"])) * 2
    rho, epsilon = budget.loss_in_total(years)
    assert rho.pico == 2 * years[0].committed.pico
    assert (
        epsilon == epsilon_of(rho, Delta.parse("1e-06")) < 2 * epsilon_of(years[0].committed, years[0].delta)
    )


def test_the_ledger_is_read_anew_when_it_grows(homes, tmp_path) -> None:
    lines = store.ledger_lines(homes["usual year"])
    path = tmp_path / "ledger.jsonl"
    path.write_text("\n".join(lines[:3]) + "\n", encoding="utf-8")
    assert len(store.ledger(tmp_path).entries) == 3
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(store.ledger(tmp_path).entries) == len(lines)


def test_the_launch_command_hides_tracebacks_and_stays_on_this_machine(homes) -> None:
    argv = launch.command(homes["usual year"], 8501)
    for flag in (
        "--client.showErrorDetails=none",
        "--server.address=127.0.0.1",
        "--browser.gatherUsageStats=false",
        "--client.toolbarMode=viewer",
        "--server.headless=true",
        "--server.port=8501",
    ):
        assert flag in argv


def test_only_the_app_itself_takes_its_home_from_the_command_line() -> None:
    assert launch.home_named_in([str(launch.APP), "/some/home"]) == "/some/home"
    assert launch.home_named_in(["pytest", "/some/home"]) == ""
