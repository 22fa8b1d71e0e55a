"""A reader of foreign formats is confined: limits hold, nothing is printed or written, no process stays."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.confined import BATCH, Limits, rows_of
from privacy.errors import BadExport

CELL = "CANARY-5512"


def many(path: Path, count: int) -> Iterator[tuple[int, list[str]]]:
    yield from ((number, [str(number)]) for number in range(count))


def refusing(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    yield 1, ["a"]
    raise BadExport(f"{path.name} is no workbook.")


def greedy(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    yield 1, [str(len(bytearray(8 << 30)))]


def endless(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    while True:
        pass
    yield 1, []


def crashing(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    yield 1, ["a"]
    os.kill(os.getpid(), signal.SIGSEGV)


def telling(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    print(CELL, flush=True)
    print(CELL, file=sys.stderr, flush=True)
    os.write(2, CELL.encode())
    raise ValueError(CELL)
    yield 1, []


def writing(path: Path, _: object) -> Iterator[tuple[int, list[str]]]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path.with_name("left behind").write_text(CELL)
    yield 1, []


@pytest.mark.parametrize("count", [0, 1, BATCH, 2 * BATCH + 1])
def test_every_row_comes_in_order(tmp_path: Path, count: int) -> None:
    assert list(rows_of(many, tmp_path / "a.xlsx", count)) == list(many(tmp_path, count))
    assert not multiprocessing.active_children()


def test_a_refusal_comes_through_as_it_was_said(tmp_path: Path) -> None:
    with pytest.raises(BadExport) as refused:
        list(rows_of(refusing, tmp_path / "a.xlsx", None))
    assert str(refused.value) == "a.xlsx is no workbook."


@pytest.mark.parametrize(
    ("read", "seconds", "why"),
    [
        (greedy, 60, "MemoryError"),
        (endless, 1, "the reader ended"),
        (crashing, 60, "the reader ended"),
        (writing, 60, "OSError"),
    ],
)
def test_whatever_becomes_of_the_reader_the_analyst_gets_one_sentence(
    tmp_path: Path, read: Callable[..., Iterator[tuple[int, list[str]]]], seconds: int, why: str
) -> None:
    with pytest.raises(BadExport) as refused:
        list(rows_of(read, tmp_path / "a.xlsx", None, Limits(memory=2 << 30, seconds=seconds)))
    assert str(refused.value) == (
        f"a.xlsx could not be read within 2 GB and {seconds} seconds ({why}); export it as CSV."
    )
    assert not multiprocessing.active_children()
    assert not (tmp_path / "left behind").exists() or (tmp_path / "left behind").stat().st_size == 0


def test_what_a_library_prints_or_raises_about_a_cell_goes_nowhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadExport) as refused:
        list(rows_of(telling, tmp_path / "a.xlsx", None))
    told = capfd.readouterr()
    assert CELL not in str(refused.value) + told.out + told.err
    assert refused.value.__cause__ is None


def test_a_reader_that_nobody_listens_to_is_ended(tmp_path: Path) -> None:
    rows = rows_of(many, tmp_path / "a.xlsx", 10**9)
    next(rows)
    rows.close()
    assert not multiprocessing.active_children()
