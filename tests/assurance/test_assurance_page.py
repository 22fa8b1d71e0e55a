"""The page says what the kept figures say, of every figures file, with commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assurance.page import DOCS, KEPT, kept_figures, page

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
