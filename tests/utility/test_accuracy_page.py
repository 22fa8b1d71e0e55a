"""The page says what the kept figures say, in its tables and in its sentences."""

from __future__ import annotations

import pytest

from utility.figures import WAYS
from utility.indicators import INDICATORS
from utility.page import AIMED_AT, AIMS, DOCS, kept, page
from utility.workforce import LEVELS, STAFF

SIZES = kept()["sizes"]
TURNOVER, ABSENCE = "turnover, points", "absence rate, points"
CASES, EXPOSURE = "open cases a holder", "exposure hours a person"


def test_the_page_in_docs_is_written_from_the_figures_beside_it() -> None:
    assert (DOCS / "accuracy.md").read_text(encoding="utf-8") == page(kept())


def test_the_figures_are_of_every_size_level_indicator_and_way() -> None:
    assert tuple(map(int, SIZES)) == STAFF
    for found in SIZES.values():
        assert tuple(found) == LEVELS
        for each in found.values():
            assert tuple(each["indicators"]) == tuple(one.name for one in INDICATORS)
            assert all(set(cell["errors"]) == set(WAYS) for cell in each["indicators"].values())


def test_the_aims_that_the_page_calls_missed_are_those_that_are() -> None:
    missed = {level for level, aim in AIMS.items() if SIZES[AIMED_AT][level]["plain_by_ours"] < aim}
    assert missed == {"organisation", "division", "programme"}


@pytest.mark.parametrize(
    ("staff", "worse"),
    [("2000", {(level, name) for level in LEVELS[1:] for name in (ABSENCE, TURNOVER)}),
     ("100000", {("division", ABSENCE)})],
)  # fmt: skip
def test_a_guess_is_as_good_just_where_the_page_says(staff: str, worse: set[tuple[str, str]]) -> None:
    found = {
        (level, name)
        for level in LEVELS[1:]
        for name, cell in SIZES[staff][level]["indicators"].items()
        if cell["errors"]["d"]["median"] >= cell["errors"]["e"]["median"]
    }
    assert found == worse


@pytest.mark.parametrize(
    ("staff", "biased"), [("2000", {ABSENCE, EXPOSURE}), ("100000", {ABSENCE, CASES, EXPOSURE})]
)
def test_caps_bias_an_organisation_just_where_the_page_says(staff: str, biased: set[str]) -> None:
    cells = SIZES[staff]["organisation"]["indicators"]
    assert {name for name, cell in cells.items() if cell["bias"] > cell["margin"] / 5} == biased
    if staff == "100000":
        assert all(cells[name]["bias"] > 0.85 * cells[name]["errors"]["d"]["median"] for name in biased)
