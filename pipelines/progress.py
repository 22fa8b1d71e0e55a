"""Progress for whoever watches: rows read so far, on a terminal alone and never in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

Item = TypeVar("Item")
PATIENCE, STEP = 2.0, 0.5  # seconds until something is said, and between two sayings
LOOKS = 5_000  # items between two looks at the clock
CLEAR = "\r\x1b[K"


def is_watched() -> bool:
    """Whether somebody sees what is said now, so that it need not stand in a log for good."""
    return sys.stderr.isatty()


def shown(items: Iterable[Item], what: str, stream: TextIO | None = None) -> Iterator[Item]:
    """The same items; once they take over two seconds, how many came so far is told in one line that goes.

    >>> list(shown(range(3), "absences.csv"))
    [0, 1, 2]
    """
    if stream is None:
        if not is_watched():
            yield from items
            return
        stream = sys.stderr
    what = "".join(sign if sign.isprintable() else "?" for sign in what)
    due, told = time.monotonic() + PATIENCE, False
    for count, item in enumerate(items, start=1):
        if count % LOOKS == 0 and time.monotonic() >= due:
            stream.write(f"{CLEAR}{what}: {count:,} rows read")
            stream.flush()
            due, told = time.monotonic() + STEP, True
        yield item
    if told:
        stream.write(CLEAR)
        stream.flush()
