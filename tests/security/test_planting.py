"""Canaries stand in every column of every export, and reach as deep as the product lets them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from canaries import MARK, Canary, Refuge, Salt
from planting import LAYOUTS, Planted, planted
from search import found

from pipelines.exports import EXPORTS, STAFF, Column, Export, Kind
from pipelines.forbidden import why_forbidden

SALT = Salt("a test")


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda export: export.name)
def test_every_column_is_planted_and_its_file_holds_every_canary(export: Export) -> None:
    for layout in LAYOUTS:
        there = Planted(export, SALT, layout)
        cells = {
            column: [c for row in there.rows if isinstance(c := row[step], Canary)]
            for step, column in enumerate(export.names)
        }
        assert all(cells.values())
        missed = set(there.canaries) - {there.name} - found(there.content, there.canaries)
        assert not missed


@pytest.mark.parametrize("kind", Kind)
def test_a_column_added_to_the_declarations_is_planted(kind: Kind) -> None:
    column = Column("added", kind, "Added by a test.", low=STAFF.column("start_date").low, high=500)
    added = replace(STAFF, columns=(*STAFF.columns, column))
    there = planted(SALT, {"staff": added})[0]
    assert [canary for canary in there.canaries if canary.where.startswith("staff.added")]
    assert 'added = "Added"' in there.mapping("2026-01")


def test_an_accepted_row_keeps_every_declared_limit_and_a_refused_cell_breaks_one() -> None:
    for there in planted(SALT):
        for row in there.rows[:2]:
            texts = [cell.cell if isinstance(cell, Canary) else cell for cell in row]
            assert all(c.accepts(text) for c, text in zip(there.export.columns, texts, strict=True))
        for place in there.places:
            known_by_their_table = place.column.kind is Kind.TEXT and place.column.name != "role"
            assert known_by_their_table or not any(place.column.accepts(c.cell) for c in place.refused())


def test_no_canary_holds_another_and_no_two_agencies_share_one() -> None:
    ours, theirs = ({c for each in planted(Salt(s)) for c in each.canaries} for s in ("one", "two"))
    words = [canary.text for canary in ours if canary.text.startswith(MARK)]
    assert len(set(words)) == len(words) and not set(words) & {canary.text for canary in theirs}
    assert {canary.refuge for canary in ours} == set(Refuge)


def test_an_unread_heading_and_an_unmapped_one_that_may_never_be_read_stand_in_every_file() -> None:
    for there in planted(SALT):
        assert (
            there.grid[0][0] is there.unread_heading and why_forbidden(str(there.grid[0][-1]), "") is not None
        )
