"""A ledger copied, continued elsewhere and put back: nothing is entered twice and nothing is drawn again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from privacy.errors import LedgerRefused
from privacy.ledger import Ledger, export, now
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, PlanItem
from privacy.records import Records

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]
JULY, AUGUST = Period.parse("2025-07"), Period.parse("2025-08")
ANOTHER = "The published copy is not of this ledger: it holds other entries; give another copy."


def draw(ledger: Ledger, item: PlanItem, year: BudgetYear, period: Period) -> int:
    return ledger.measure(Charge(f"charge {period}", item, period, 2), year, lambda _: {"ORG": 1})


def opened(path: Path) -> Ledger:
    return Ledger(path, code="0")


@pytest.fixture
def older(sign: Sign, make_item: Make, year: BudgetYear, tmp_path: Path) -> Path:
    """A copy from before the draws of August."""
    ledger = sign(make_item())
    draw(ledger, make_item(), year, JULY)
    ledger.copy_to(tmp_path / "older.sqlite")
    assert draw(ledger, make_item(), year, AUGUST) == len(make_item().levels)
    return tmp_path / "older.sqlite"


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_copy_is_the_whole_ledger_with_its_mode(ledger: Ledger, tmp_path: Path, mode: int) -> None:
    ledger.path.chmod(mode)
    ledger.copy_to(tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").stat().st_mode & 0o777 == mode
    with opened(tmp_path / "copy.sqlite") as copy:
        assert list(copy.lines()) == list(ledger.lines())


def test_what_came_after_a_copy_is_entered_again_as_it_was_and_not_drawn_again(
    ledger: Ledger, older: Path, make_item: Make, year: BudgetYear
) -> None:
    with opened(older) as copy:
        before = len(copy.records.entries)
        copy.adopt(list(ledger.lines()))
        assert list(copy.lines()) == list(ledger.lines()) and copy.records.head == ledger.records.head
        assert len(copy.records.entries) == before + len(make_item().levels)
        assert draw(copy, make_item(), year, AUGUST) == 0
        assert draw(copy, make_item(), year, AUGUST.previous(-1)) == len(make_item().levels)


def test_an_older_or_equal_copy_adds_nothing(ledger: Ledger, older: Path) -> None:
    with opened(older) as copy:
        lines = list(ledger.lines())
        ledger.adopt(list(copy.lines()))
        ledger.adopt(lines)
    assert list(ledger.lines()) == lines


def test_a_copy_that_went_another_way_is_refused(
    ledger: Ledger, older: Path, make_item: Make, year: BudgetYear
) -> None:
    with opened(older) as copy:
        draw(copy, make_item(), year, AUGUST.previous(-1))
        lines = list(copy.lines())
        for shorter in (lines, lines[:-1]):
            with pytest.raises(LedgerRefused) as refused:
                ledger.adopt(shorter)
            assert str(refused.value) == ANOTHER
        assert list(copy.lines()) == lines


@pytest.mark.parametrize("place", [1, -1])
def test_lines_that_do_not_follow_from_each_other_are_refused(
    ledger: Ledger, older: Path, place: int
) -> None:
    lines = list(ledger.lines())
    lines.pop(place) if place == 1 else lines.append(lines[place])
    with opened(older) as copy:
        before = list(copy.lines())
        with pytest.raises(LedgerRefused) as refused:
            copy.adopt(lines)
        assert str(refused.value) == ANOTHER and list(copy.lines()) == before


def test_the_published_file_can_be_read_by_the_group_and_written_by_the_owner_alone(
    ledger: Ledger, tmp_path: Path
) -> None:
    export(ledger, tmp_path / "ledger.jsonl")
    assert (tmp_path / "ledger.jsonl").stat().st_mode & 0o777 == 0o640
    assert Records.from_file(tmp_path / "ledger.jsonl").head == ledger.records.head


def test_the_clock_tells_universal_time() -> None:
    assert now().tzinfo is UTC
