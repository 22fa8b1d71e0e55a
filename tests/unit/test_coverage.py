"""What an export covers: a pair of months, or several where months between are missing."""

from __future__ import annotations

import pytest

from pipelines.coverage import Covers
from privacy.errors import BadExport


def test_months_between_pairs_are_missing() -> None:
    covers = Covers.parse([["2025-11", "2025-12"], ["2026-03", "2026-04"]], "here")
    assert covers.months == ("2025-11", "2025-12", "2026-03", "2026-04")
    assert str(covers) == "2025-11 to 2026-04 without 2026-01, 2026-02"
    assert Covers.stored(*covers.texts) == covers


def test_one_pair_may_stand_alone_or_in_a_list() -> None:
    alone = Covers.parse(["2025-11", "2026-01"], "here")
    assert alone == Covers.parse([["2025-11", "2026-01"]], "here")
    assert str(alone) == "2025-11 to 2026-01" and Covers.stored(*alone.texts) == alone


@pytest.mark.parametrize(
    "given",
    [
        [],
        "2026-01",
        7,
        ["2026-01"],
        ["2026-02", "2026-01"],
        ["2026-Q1", "2026-Q2"],
        [["2026-01", "2026-02"], "2026-04"],
        [["2026-03", "2026-04"], ["2026-01", "2026-01"]],
        [["2026-01", "2026-03"], ["2026-03", "2026-04"]],
        [["2026-01", "2026-02"], ["2026-03", "2026-04"]],
    ],
)
def test_anything_else_is_refused_with_an_example(given: object) -> None:
    """Pairs that touch or overlap too: they leave no month between, which may not be what was meant."""
    with pytest.raises(BadExport, match=r'^here: covers must be .*"2026-06"'):
        Covers.parse(given, "here")
