"""The page says what the kept figures say, and the figures are of every attack."""

from __future__ import annotations

import json
from pathlib import Path

from attacks.page import TITLES, page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_in_docs_is_written_from_the_figures_beside_it() -> None:
    kept = json.loads((DOCS / "figures" / "attacks.json").read_text(encoding="utf-8"))
    assert (DOCS / "attacks.md").read_text(encoding="utf-8") == page(kept)


def test_the_figures_in_docs_are_of_every_attack_and_below_its_bound() -> None:
    kept = json.loads((DOCS / "figures" / "attacks.json").read_text(encoding="utf-8"))
    assert tuple(kept["attacks"]) == tuple(TITLES)
    for name, attack in kept["attacks"].items():
        assert attack["leeward"]["low"] <= attack["at_most"], name
        assert attack["exact"]["advantage"] == 1 or name == "reconstruction"
