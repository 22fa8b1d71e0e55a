"""Progress is told where somebody watches, after two seconds, in one line that goes; else nothing is."""

from __future__ import annotations

import io

import pytest

from pipelines import progress
from pipelines.progress import CLEAR, LOOKS, shown


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes with every look at the clock."""
    seconds = iter(range(1_000))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(seconds)))


def test_a_long_load_tells_how_far_it_is_and_takes_the_line_back(passing: None) -> None:
    stream = io.StringIO()
    assert list(shown(range(4 * LOOKS), "absences.csv", stream)) == list(range(4 * LOOKS))
    *_, last, end = stream.getvalue().split(CLEAR)
    assert (last, end) == (f"absences.csv: {4 * LOOKS:,} rows read", "")


def test_a_short_load_says_nothing() -> None:
    stream = io.StringIO()
    assert len(list(shown(range(4 * LOOKS), "absences.csv", stream))) == 4 * LOOKS
    assert stream.getvalue() == ""


def test_a_hostile_name_moves_no_cursor(passing: None) -> None:
    stream = io.StringIO()
    list(shown(range(4 * LOOKS), "a\x1b[2J\n.csv", stream))
    assert stream.getvalue().replace(CLEAR, "").isprintable()


def test_without_a_terminal_nothing_is_said(passing: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(list(shown(range(4 * LOOKS), "absences.csv"))) == 4 * LOOKS
    assert capfd.readouterr() == ("", "")
