"""A study: proposed, signed, debited, drawn once for its periods, and read together with the plan's draws."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from house import House, with_plan
from signatories import SECOND, TESTER

from metrics.rules import ReadingRules
from metrics.totals import Totals
from privacy.budget import YearBudget
from privacy.periods import Period

STUDY = ("study", "absence_rate", "--level", "division", "--period", "2026-02")
TOLD = (*STUDY, "--margin", "5")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    """A plan in force and its three months released."""
    house = with_plan(House.begun(tmp_path, monkeypatch, capsys, "plan = 2"))
    house.measures()
    return house


def deviations(house: House) -> dict[str, float]:
    """The deviation of a division's estimated absent hours, by month. No luck is in it."""
    totals = Totals(house.records, ReadingRules(10, "mean_of_month_ends", 0.15, {}, {}))
    months = ("2026-01", "2026-02", "2026-03")
    leaves = {month: totals.leaves("absent_hours", Period.parse(month)) for month in months}
    return {month: float(found.covariance[0, 0]) ** 0.5 for month, found in leaves.items()}


def test_a_study_narrows_the_months_it_names_and_no_other(house: House) -> None:
    before = deviations(house)
    assert "± 7 by the plan, ± 5 % with it" in house.does(*TOLD) and not house.records.studies()
    for name in (TESTER, SECOND):
        told = house.signs(name, *TOLD)
    assert "the next run measures it" in told
    house.measures()
    after = deviations(house)
    assert after["2026-02"] < 0.8 * before["2026-02"]
    assert all(after[month] == before[month] for month in ("2026-01", "2026-03"))
    house.does("audit", "verify")


def test_a_study_takes_its_cost_from_the_reserve_and_is_drawn_once(house: House) -> None:
    for name in (TESTER, SECOND):
        house.signs(name, *TOLD)
    (study,) = house.records.studies()
    budget = YearBudget.of(house.records, study.year)
    assert budget.studied == study.item.rho
    assert budget.reserve_left.pico + study.item.rho.pico == budget.reserve.pico
    for _ in range(2):
        house.measures()
        drawn = [m for m in house.records.measurements if m.item == study.item]
        assert {(str(m.period), m.level) for m in drawn} == {
            ("2026-02", level) for level in study.item.levels
        }
        assert len(drawn) == len(study.item.levels)


def test_the_numbers_of_a_studied_cell_lead_to_both_draws(house: House) -> None:
    organisation = (*STUDY[:3], "organisation", *STUDY[4:], "--margin", "3")
    for name in (TESTER, SECOND):
        house.signs(name, *organisation)
    house.measures()
    with open(house.home.releases / "latest" / "indicators.csv", newline="", encoding="utf-8") as file:
        row = next(
            r for r in csv.DictReader(file)
            if (r["indicator"], r["period"], r["unit_id"]) == ("absence_rate", "2026-02", "ORG")
        )  # fmt: skip
    items = {house.records.entries[int(seq) - 1].body["item"] for seq in row["ledger_entries"].split()}
    (study,) = house.records.studies()
    assert study.item.identity in items and len(items) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("study", "sadness", "--level", "division", "--period", "2026-02", "--margin", "1"), "no indicator"),
        (("study", "absence_rate", "--level", "team", "--period", "2026-02", "--margin", "1"), "no level"),
        (("study", "absence_rate", "--level", "division", "--period", "2026-13", "--margin", "1"), "no"),
        ((*STUDY, "--to", "2026-01", "--margin", "1"), "later period"),
        ((*STUDY, "--margin", "0"), "above zero"),
        ((*STUDY, "--margin", "80"), "already"),
        ((*STUDY, "--margin", "0.0001"), "too noisy"),
    ],
    ids=range(7),
)
def test_what_no_study_can_tell_is_refused_in_a_sentence(
    house: House, arguments: tuple[str, ...], words: str
) -> None:
    told = house.refuses(*arguments)
    assert words in told and re.search(r"\.\n$", told)


def test_a_study_dearer_than_the_reserve_is_told_and_cannot_be_signed(house: House) -> None:
    asked = (*STUDY, "--margin", "2.5")
    assert "cost" in house.does(*asked)
    house.capsys.readouterr()
    assert "the reserve of 2026 has" in house.refuses(*asked, "--as", TESTER, "--key", "x")
