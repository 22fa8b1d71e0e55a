"""Every step of a run, told as it happens: statements of SQLite and DuckDB, and operations on files.

What is watched is the product as it stands: the libraries' functions are wrapped for the whole process,
so watch in a process of its own.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from pyarrow import parquet

Told = Callable[[str, str], None]
"""Called with an operation and what it is about: a path, or the first words of a statement."""
FILE_OPERATIONS = (
    "fsync", "rename", "replace", "link", "symlink", "unlink", "mkdir", "rmdir", "chmod", "ftruncate",
)  # fmt: skip


def watch(told: Told) -> None:
    """From here on ``told`` is called before each writing statement and operation, and after an opening."""
    _watch_sqlite(told)
    _watch_duckdb(told)
    _watch_files(told)


class Names:
    """The steps of a run, in order, to be read by people."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, operation: str, about: str) -> None:
        self.names.append(f"{operation} {Path(about).name}")


def kill_at(step: int) -> Told:
    """Ends this process with SIGKILL at a step, counted from 0."""
    passed = iter(range(step + 1))

    def told(_operation: str, _about: str) -> None:
        if next(passed) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return told


def _watch_sqlite(told: Told) -> None:
    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if _may_write(sql):
                told("sqlite", _first_words(sql))
            return super().execute(sql, *values)

        def executescript(self, script: str) -> sqlite3.Cursor:
            done = self.cursor()
            for statement in _statements(script):
                done = self.execute(statement)
            return done

        def close(self) -> None:
            told("sqlite", "close")
            super().close()

    true = sqlite3.connect

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        told("sqlite", "connect")
        return true(*given, factory=Watched, **named)

    sqlite3.connect = connect  # type: ignore[assignment]


def _statements(script: str) -> list[str]:
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


class WatchedWarehouse:
    """A connection to DuckDB that tells what it is asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, told: Told) -> None:
        self._connection, self._told = connection, told

    def execute(self, sql: str, *values: Any) -> WatchedWarehouse:
        if _may_write(sql):
            self._told("duckdb", _first_words(sql))
        self._connection.execute(sql, *values)
        return self

    def close(self) -> None:
        self._told("duckdb", "close")
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def _watch_duckdb(told: Told) -> None:
    true = duckdb.connect

    def connect(*given: Any, **named: Any) -> WatchedWarehouse:
        told("duckdb", "connect")
        return WatchedWarehouse(true(*given, **named), told)

    duckdb.connect = connect  # type: ignore[assignment]


def _watch_files(told: Told) -> None:
    for name in FILE_OPERATIONS:
        setattr(os, name, _told_first(name, getattr(os, name), told))
    parquet.write_table = _told_first("write", parquet.write_table, told, place=1)
    opening = _told_after_opening(builtins.open, told)
    builtins.open = io.open = opening


def _told_first(name: str, operation: Callable[..., Any], told: Told, place: int = 0) -> Callable[..., Any]:
    def watched(*given: Any, **named: Any) -> Any:
        told(name, _path(given[place]))
        return operation(*given, **named)

    return watched


def _told_after_opening(true: Callable[..., Any], told: Told) -> Callable[..., Any]:
    def opened(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
        opened_file = true(file, mode, *given, **named)
        if set(mode) & set("wax+"):
            told("open", _path(file))  # it is empty, or as it was
        return opened_file

    return opened


def _path(place: Any) -> str:
    """The path of an operation on a path or on an open file."""
    return os.readlink(f"/proc/self/fd/{place}") if isinstance(place, int) else os.fsdecode(place)


def _may_write(sql: str) -> bool:
    """A read leaves the disk as it was, so that a fault after it is the fault before it."""
    return not _first_words(sql).lower().startswith(("select", "pragma synchronous", "pragma foreign"))


def _first_words(sql: str) -> str:
    lines = (line for line in sql.strip().splitlines() if not line.startswith("--"))
    return " ".join(next(lines, "").split()[:3])
