"""Numbers carry the digits that their margin allows; sentences say no more than the noise does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard import promise, wording
from dashboard.figures import Figure, rounded, step_for
from dashboard.findings import Change, Finding
from dashboard.spans import period_name, window_name
from privacy.accounting import Rho
from privacy.periods import Period

CHANGE = Change("D", "Desk", "turnover", 1.6, 2.9, 1.3, 0.6, 2.0, "%", 12, 0.98, "very likely real")
TITLES = {
    "turnover": "Turnover",
    "voluntary_turnover": "Voluntary turnover",
    "exposure_hours": "Exposure hours",
}


@pytest.mark.parametrize(
    ("value", "margin", "unit", "text"),
    [
        (31.24, 2.2, "hours a month", "31\u00a0h"),
        (4.5449, 0.56, "%", "4.5\u00a0%"),
        (2334.7, 40.0, "people", "2,330\u00a0people"),
        (15.12, 0.5, "cases", "15.1\u00a0cases"),
        (12.1, 1.0, "people", "12\u00a0people"),
        (-0.02, 0.7, "%", "0.0\u00a0%"),
        (16.7, 0.0, "cases", "16.7\u00a0cases"),
    ],
)
def test_digits_follow_the_margin(value, margin, unit, text) -> None:
    assert Figure(value, value - margin, value + margin, unit).text == text


def test_the_interval_has_the_digits_of_the_value() -> None:
    assert Figure(4.5449, 3.988, 5.1115, "%").range == "4.0–5.1\u00a0%"


def test_an_unbounded_margin_is_no_error() -> None:
    assert rounded(3.14, step_for(float("inf"))) == "3.1"


def test_a_real_change_is_told_with_its_certainty() -> None:
    assert wording.change_sentence(CHANGE) == "Rose from 1.6 to 2.9\u00a0% a month: very likely real."


def test_a_change_that_could_be_chance_is_not_told_as_a_change() -> None:
    sentence = wording.change_sentence(replace(CHANGE, words="could be chance"))
    assert sentence == "No change beyond what could be chance."


def test_a_fall_is_told_as_a_fall() -> None:
    fell = replace(CHANGE, before=2.9, now=1.6, change=-1.3, low=-2.0, high=-0.6)
    assert wording.change_sentence(fell).startswith("Fell from 2.9 to 1.6")


def test_a_finding_tells_both_kinds_of_turnover_in_one_sentence() -> None:
    also = replace(CHANGE, indicator="voluntary_turnover", before=1.1, now=2.5)
    assert wording.finding_sentence(Finding(CHANGE, (also,)), TITLES) == (
        "Turnover rose in Desk from 1.6 to 2.9\u00a0% a month; "
        "voluntary turnover from 1.1 to 2.5\u00a0% a month"
    )


def test_the_first_sentence_counts_what_differs() -> None:
    finding = Finding(CHANGE, ())
    assert wording.summary([finding], known=True, blank=False).startswith("One thing differs from usual.")
    assert wording.summary([finding] * 2, known=True, blank=False).startswith("Two things differ")
    assert wording.summary([], known=True, blank=False) == "Nothing unusual this month."
    assert wording.summary([], known=False, blank=False) == wording.NO_CHANGES_YET
    assert wording.summary([finding], known=True, blank=True) == wording.ALL_BLANK


def test_blank_units_are_told_why_and_where_their_people_are_counted() -> None:
    one = wording.blank_sentence(["Night Team"], "Too small.", "Desk")
    two = wording.blank_sentence(["A", "B"], "Too small.", "Desk")
    assert one == "Night Team is not shown separately. Too small. Its people are counted in Desk."
    assert two == "A and B are not shown separately. Too small. Their people are counted in Desk."


def test_units_beyond_the_margins_are_named() -> None:
    assert wording.apart(["A"], ["B", "C"], "P") == (
        "Compared with P, A is above and B and C are below, by more than the margins."
    )
    assert wording.apart([], [], "P") == "No unit shown differs from P by more than the margins."


def test_periods_are_said_as_people_say_them() -> None:
    assert period_name(Period.parse("2026-06"), 1) == "June 2026"
    assert period_name(Period.parse("2026-06"), 3) == "April to June 2026"
    assert period_name(Period.parse("2026-06"), 12) == "the 12 months to June 2026"
    assert [window_name(window) for window in (1, 3, 12)] == ["One month", "Quarter", "12 months"]


def test_a_card_names_every_period_but_the_releases_own() -> None:
    june = Period.parse("2026-06")
    assert wording.card_title("Turnover", june, 1, "June 2026") == "Turnover"
    assert wording.card_title("Turnover", june, 12, "the 12 months to June 2026") == "Turnover, 12 months"
    assert wording.card_title("Turnover", june, 3, "April to June 2026") == "Turnover, April to June 2026"


def test_what_is_told_by_the_quarter_is_not_promised_a_comparison() -> None:
    assert wording.change_sentence(None, is_monthly=False) == wording.NOT_COMPARED
    assert "yet" in wording.change_sentence(None)


@pytest.mark.parametrize(("epsilon_rho", "times"), [(0, 50), (311_064_954_243, 70), (10**13, 100)])
def test_the_best_guess_is_the_pinsker_bound_of_the_promise(epsilon_rho, times) -> None:
    assert promise.best_guess(Rho(epsilon_rho)) == pytest.approx(times, abs=0.3)
    assert promise.best_guess(Rho(epsilon_rho)) <= 100
