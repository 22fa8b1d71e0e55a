"""The page says what the kept figures say, and the figures are of every way, level, indicator and size."""

from __future__ import annotations

from utility.__main__ import STAFF
from utility.figures import WAYS
from utility.indicators import INDICATORS
from utility.page import DOCS, kept, page
from utility.workforce import LEVELS


def test_the_page_in_docs_is_written_from_the_figures_beside_it() -> None:
    assert (DOCS / "accuracy.md").read_text(encoding="utf-8") == page(kept())


def test_the_figures_are_of_every_size_level_indicator_and_way() -> None:
    sizes = kept()["sizes"]
    assert tuple(map(int, sizes)) == STAFF
    for found in sizes.values():
        assert tuple(found) == LEVELS
        for each in found.values():
            assert tuple(each["indicators"]) == tuple(one.name for one in INDICATORS)
            assert all(set(cell["errors"]) == set(WAYS) for cell in each["indicators"].values())
