"""Runs a function in a process of its own that starts at once: all it needs is imported already."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from threading import Lock
from typing import Any, TypeVar

from pipelines.cli import VERBS

PRELOADED = [
    "duckdb",
    "pandas",
    "opendp.prelude",
    "pyarrow.parquet",
    "pipelines.release",
    "pipelines.planning",
    "pipelines.signers",
    *(f"pipelines.verbs.{verb.replace('-', '_')}" for verb in VERBS),
]
PATIENCE_SECONDS = 120
AT_ONCE = 2
ONE_AT_A_TIME = Lock()  # starting a process asks after all others, and an exit code can be asked for once
Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (minus the signal that ended it) and what it returned, if it did."""

    exit_code: int
    answer: Any = None

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -9


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def start(function: Callable[..., Any], *given: Any) -> tuple[ForkServerProcess, Connection]:
    """Start a process; the connection receives the function's answer."""
    return start_telling(_answering, function, given)


def start_telling(function: Callable[..., Any], *given: Any) -> tuple[ForkServerProcess, Connection]:
    """Start a process whose function gets a connection first; what it sends there is received here."""
    here, there = _context().Pipe(duplex=False)
    process = _context().Process(target=function, args=(there, *given))
    with ONE_AT_A_TIME:
        process.start()
    there.close()
    return process, here


def end(process: ForkServerProcess) -> int:
    """Wait for a process; returns its exit code, minus the signal that ended it."""
    assert wait([process.sentinel], PATIENCE_SECONDS), "a process hangs"
    with ONE_AT_A_TIME:
        process.join()
    return int(process.exitcode or 0)


def run(function: Callable[..., Any], *given: Any) -> Ended:
    """Run a function in a process of its own to its end, whatever that is."""
    process, answers = start(function, *given)
    answer = _answer(answers) if answers.poll(PATIENCE_SECONDS) else None
    return Ended(end(process), answer)


def together(processes: int, function: Callable[..., Any], *given: Any) -> list[Ended]:
    """Run a function in several processes; it gets a barrier first, at which they wait for each other."""
    barrier = _context().Barrier(processes)
    started = [start(function, barrier, *given) for _ in range(processes)]
    return [Ended(end(process), _answer(answers)) for process, answers in started]


def _answer(answers: Connection) -> Any:
    """What a process answered, None where it ended before it could."""
    with suppress(EOFError):
        return answers.recv()
    return None


def side_by_side(trial: Callable[[Given], Found], given: Iterable[Given]) -> Iterator[Found]:
    """The results of a trial that runs processes, two at a time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(trial, given)


def _answering(answers: Connection, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
    answers.send(function(*given))
    answers.close()
    os._exit(0)  # without the interpreter's farewell, which takes longer than most runs here
