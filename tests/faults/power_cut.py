"""A file system for SQLite that records what was written and synced, and a power cut that forgets the rest.

The product's own :class:`privacy.ledger.Ledger` runs on it: its schema, its pragmas, its transactions.
SQLite cannot share memory on such a file system, so the file is locked by one connection for itself.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import apsw

SECTOR = 512
NAME = "recording"


@dataclass(frozen=True)
class Operation:
    """One thing that happened to a file, or an acknowledgement of so many entries."""

    kind: str
    file: str = ""
    offset: int = 0
    content: bytes = b""
    entries: int = 0


@dataclass
class Recorder:
    """Everything that happened, in order; ``before`` holds the files that lay there first, synced."""

    before: dict[str, bytes]
    operations: list[Operation] = field(default_factory=list)

    def acknowledge(self, entries: int) -> None:
        self.operations.append(Operation("acknowledge", entries=entries))

    def acknowledged(self, cut: int) -> int:
        """How many entries had been acknowledged before a cut."""
        return max((done.entries for done in self.operations[:cut]), default=0)

    def after_cut(self, cut: int, chance: random.Random) -> dict[str, bytes]:
        """The files as a disk could hold them: a random half of what was not synced is missing, or torn."""
        files, waiting = {name: bytearray(content) for name, content in self.before.items()}, []
        for done in self.operations[:cut]:
            if done.kind == "sync":
                for each in (each for each in waiting if each.file == done.file):
                    _apply(files, each)
                waiting = [each for each in waiting if each.file != done.file]
            elif done.kind != "acknowledge":
                waiting.append(done)
        for each in waiting:
            if chance.random() < 0.5:
                _apply(files, _torn(each, chance))
        return {name: bytes(content) for name, content in files.items()}


def _apply(files: dict[str, bytearray], done: Operation) -> None:
    if done.kind == "delete":
        files.pop(done.file, None)
        return
    content = files.setdefault(done.file, bytearray())
    if done.kind == "truncate":
        del content[done.offset :]
        return
    content.extend(bytes(max(0, done.offset - len(content))))
    content[done.offset : done.offset + len(done.content)] = done.content


def _torn(done: Operation, chance: random.Random) -> Operation:
    """In one of four cases only the first sectors of what was written."""
    if done.kind != "write" or chance.random() < 0.75:
        return done
    sectors = chance.randrange(len(done.content) // SECTOR + 1)
    return Operation("write", done.file, done.offset, done.content[: sectors * SECTOR])


class RecordingFile(apsw.VFSFile):
    def __init__(self, recorder: Recorder, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._recorder, self._name = recorder, Path(path).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._recorder.operations.append(Operation("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._recorder.operations.append(Operation("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._recorder.operations.append(Operation("sync", self._name))


class RecordingFileSystem(apsw.VFS):
    def __init__(self, recorder: Recorder) -> None:
        super().__init__(NAME, "")
        self._recorder = recorder

    def xOpen(self, name: Any, flags: list[int]) -> RecordingFile:  # noqa: N802
        return RecordingFile(self._recorder, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self._recorder.operations.append(Operation("delete", Path(filename).name))


class RecordedConnection:
    """What the ledger asks of a connection of the standard library, answered by SQLite on the recorder."""

    def __init__(self, path: Path, instead: dict[str, str]) -> None:
        self._connection, self._instead = apsw.Connection(str(path), vfs=NAME), instead
        self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> apsw.Cursor:
        return self._connection.execute(self._instead.get(sql, sql), values)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()


@contextmanager
def recorded(recorder: Recorder, instead: dict[str, str] | None = None) -> Iterator[None]:
    """While the block runs the product's SQLite connections are recorded; ``instead`` replaces statements."""
    file_system = RecordingFileSystem(recorder)

    def connect(path: Path, **_settings: Any) -> RecordedConnection:
        return RecordedConnection(path, instead or {})

    with patch.object(sqlite3, "connect", connect):
        yield
    file_system.unregister()
