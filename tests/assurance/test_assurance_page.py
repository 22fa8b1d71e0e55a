"""The page says what the kept figures say, of every figures file, with commands that exist."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from sample_plan import SAMPLE, rho_of

from assurance.page import DOCS, KEPT, kept_figures, page
from privacy.accounting import Delta, Rho, epsilon_of

MAKEFILE = Path(__file__).parents[2] / "Makefile"


def test_the_page_in_docs_is_written_from_the_figures_beside_it() -> None:
    assert (DOCS / "assurance.md").read_text(encoding="utf-8") == page(kept_figures())


def test_every_figures_file_is_on_the_page() -> None:
    assert {path.stem for path in (DOCS / "figures").glob("*.json")} == set(KEPT)


@pytest.mark.parametrize("name", KEPT)
def test_figures_name_the_make_target_that_measures_them(name: str) -> None:
    target = kept_figures()[name]["command"].removeprefix("make ")
    assert re.search(rf"^{target}:", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE)


def test_what_was_kept_keeps_the_promises() -> None:
    """Of the product as it is: the rows that break it on purpose say so in their names."""
    figures = kept_figures()
    ours = [row for row in figures["faults"]["rows"] if ", were " not in row["trial"]]
    assert len(ours) >= 14 and sum(row["lost"] + row["drawn_twice"] + row["not_healed"] for row in ours) == 0
    assert all(row["detected"] == row["runs"] for row in figures["detection"]["rows"])
    assert not any(row["false_alarms"] for row in figures["detection"]["rows"])
    assert sum(row.get("hits", 0) for row in figures["leaks"]["rows"]) == 0
    for row in figures["mutants"]["rows"]:
        assert row["killed"] >= 0.95 * (row["mutants"] - row["equivalent"]), row["module"]


def test_figures_that_hang_on_the_samples_plan_are_of_the_plan_as_it_is() -> None:
    """Else make attacks and make figures-accounting are to be run again, then make assurance."""
    figures, rho = kept_figures(), rho_of(SAMPLE)
    (epsilon,) = (row["epsilon"] for row in figures["accounting"]["rows"] if row["plan"] == SAMPLE)
    promised = Delta.parse(figures["accounting"]["delta"])
    assert figures["attacks"]["rho_of_the_samples_plan"] == pytest.approx(rho, rel=0.005)
    assert epsilon == pytest.approx(epsilon_of(Rho.up(Fraction(rho)), promised), rel=0.005)
