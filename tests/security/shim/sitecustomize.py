"""Python loads this first in every process of a watched command: it writes down what the process touches.

One line for each file opened for writing and for each address on another machine that is called.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
MAKING = ("os.mkdir", "sqlite3.connect")
NAMING = ("os.rename", "os.link", "os.symlink")
HERE = ("127.", "localhost", "::1", "0.0.0.0")


def written(event: str, given: tuple[Any, ...]) -> Any:
    """What a process is about to write, if it is."""
    if (event == "open" and given[2] & WRITING) or event in MAKING:
        return given[0]
    return given[1] if event in NAMING else None


def called(event: str, given: tuple[Any, ...]) -> str:
    """The machine that a process is about to call, if it is another one."""
    host = ""
    if event == "socket.connect" and isinstance(given[1], tuple):
        host = str(given[1][0])
    elif event == "socket.getaddrinfo":
        host = str(given[0] or "")
    return "" if host.startswith(HERE) else host


def watch(path: str) -> None:
    """Write to ``path`` from now on."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(line: bytes) -> None:
        with suppress(OSError):  # of a process whose files may not grow
            if (done := os.write(log, line + b"\n")) <= len(line):
                os.ftruncate(log, os.fstat(log).st_size - done)  # half a path would name another file

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if isinstance(name := written(event, given), (str, bytes, os.PathLike)):
            note(b"write " + os.fsencode(name))
        if host := called(event, given):
            note(f"call {host}".encode())

    sys.addaudithook(hook)


if path := os.environ.get("LEEWARD_TEST_WATCH"):
    watch(path)
