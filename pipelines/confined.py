"""Formats that libraries read are parsed in a process of their own, which has limits and writes nothing.

A bomb, a hole in a library or a file that never ends costs one file and one sentence; what a library prints
of a file's content goes nowhere.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from privacy.errors import BadExport

BATCH = 2_000
Read = Callable[[Path, Any], Iterator[Any]]


@dataclass(frozen=True)
class Limits:
    """What a reader may take: bytes of address space and seconds of processor time."""

    memory: int = 4 << 30
    seconds: int = 900


def rows_of(read: Read, path: Path, setting: Any, limits: Limits | None = None) -> Iterator[Any]:
    """The rows that a function reads from a file, read elsewhere.

    Raises:
        BadExport: the function refuses the file, or reading it takes more than the limits.
    """
    allowed = limits or Limits()
    context = get_context("spawn")  # a fork would share the open warehouse
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(there, read, path, setting, allowed))
    process.start()
    there.close()
    try:
        yield from _received(here, path.name, allowed)
    finally:
        here.close()
        process.kill()
        process.join()


def _received(here: Connection, file: str, allowed: Limits) -> Iterator[Any]:
    while True:
        try:
            kind, sent = here.recv()
        except EOFError:
            kind, sent = "failed", "the reader ended"
        if kind == "rows":
            yield from sent
        elif kind == "refused":
            raise BadExport(sent)
        elif kind == "failed":
            raise BadExport(
                f"{file} could not be read within {allowed.memory >> 30} GB and {allowed.seconds} seconds "
                f"({sent}); export it as CSV."
            )
        else:
            return


def _read(there: Connection, read: Read, path: Path, setting: Any, allowed: Limits) -> None:
    """In the process of its own: limits first, then the file."""
    _confine(allowed)
    try:
        rows = read(path, setting)
        while batch := list(islice(rows, BATCH)):
            there.send(("rows", batch))
        there.send(("done", None))
    except BadExport as refusal:
        there.send(("refused", str(refusal)))
    except BrokenPipeError:
        pass  # nobody listens any more
    except BaseException as error:  # a library's panic is no Exception; its text may hold a cell
        there.send(("failed", type(error).__name__))


def _confine(allowed: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (allowed.memory, allowed.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (allowed.seconds, allowed.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
