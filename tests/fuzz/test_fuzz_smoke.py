"""A short form of ``make fuzz``: always the same files, a few of them in a process of their own."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from fuzz.corpus import ROWS, corpus
from fuzz.mutations import mutated_archive
from fuzz.reader import Fuzz, read_confined
from privacy.errors import BadExport


def test_the_good_files_are_read_whole(tmp_path: Path) -> None:
    fuzz = Fuzz(tmp_path, corpus(tmp_path), 0)
    for good in fuzz.goods:
        path = tmp_path / f"good{good.suffix}"
        path.write_bytes(good.content)
        assert fuzz._outcome(good, path) == f"read: {len(ROWS)}"


def test_spoilt_files_are_read_or_refused_in_one_sentence(tmp_path: Path) -> None:
    fuzz = Fuzz(tmp_path, corpus(tmp_path), 1)
    for number in range(250):
        fuzz.try_one(number)
    assert not fuzz.findings
    assert fuzz.outcomes["read"] > 20 and fuzz.outcomes["refused"] > 50, fuzz.outcomes


@pytest.mark.parametrize("suffix", [".xlsx", ".zip"])
def test_a_spoilt_archive_in_a_process_of_its_own_too(suffix: str, tmp_path: Path) -> None:
    good = next(each for each in corpus(tmp_path) if each.suffix == suffix)
    path = tmp_path / f"fuzzed{suffix}"
    path.write_bytes(mutated_archive(good.content, Random(3)))
    try:
        read_confined(good, path)
    except BadExport as refusal:
        assert "\n" not in str(refusal)


def test_what_is_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that fails in another way, quotes a cell, or takes too long is a finding, with its file."""
    for error, told in (
        (ValueError("boom"), "ValueError"),
        (BadExport("the cell KxQ7p1 is wrong."), "a cell is told"),
        (BadExport("line one\nline two."), "no sentence"),
    ):

        def fails(*_: object, error: Exception = error) -> int:
            raise error

        fuzz = Fuzz(tmp_path, corpus(tmp_path), 2)
        monkeypatch.setattr("fuzz.reader._taken_in", fails)
        monkeypatch.setattr("fuzz.reader._read_here", fails)
        fuzz.try_one(0)
        assert told in fuzz.findings[0] and list(tmp_path.glob("finding-2-0.*"))
