"""Every place to which a run could have carried something, searched; and the modes of all that it wrote."""

from __future__ import annotations

import sqlite3
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from canaries import Canary, Refuge
from search import found

SQLITE, PARQUET = b"SQLite format 3\0", b"PAR1"
WAREHOUSE_FILES = ("warehouse.duckdb", "warehouse.duckdb.wal")
SPILLED = "warehouse.duckdb.tmp"
OUTPUTS = ("stdout", "stderr")


@dataclass(frozen=True)
class Hit:
    """One canary where it may not be."""

    place: str
    canary: Canary

    def __str__(self) -> str:
        return f"{self.place}: {self.canary.where} ({self.canary.text})"


@dataclass
class Sweep:
    """What was searched and what was found."""

    places: int = 0
    size: int = 0
    hits: list[Hit] = field(default_factory=list)

    def look(self, place: str, content: bytes, canaries: Iterable[Canary]) -> None:
        self.places += 1
        self.size += len(content)
        self.hits += [Hit(place, canary) for canary in found(place.encode() + b"\n" + content, canaries)]

    def add(self, other: Sweep) -> None:
        self.places += other.places
        self.size += other.size
        self.hits += other.hits


def sweep(root: Path, canaries: Iterable[Canary], spoilt: str = "") -> Sweep:
    """Everything below the folder of an agency but its exports: home, witness, user's folder, temporary
    files and what its commands said, which lies in ``stdout`` and ``stderr``.

    Args:
        spoilt: a file that the test itself filled with canaries.
    """
    done, every = Sweep(), tuple(canaries)
    for path in everything_below(root):
        if path.relative_to(root).parts[0] != "exports" and str(path.relative_to(root)) != spoilt:
            wanted = [canary for canary in every if canary.refuge not in refuges_of(path.relative_to(root))]
            for part, content in contents(path):
                done.look(f"{path.relative_to(root)}{part}", content, wanted)
    return done


def everything_below(root: Path) -> Iterator[Path]:
    """Files, folders and links; a link is never followed."""
    for path in sorted(root.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from everything_below(path)


def refuges_of(path: Path) -> tuple[Refuge, ...]:
    """What may lie in a place, by its path below the agency's folder."""
    if path.parts[0] in OUTPUTS:
        return (Refuge.FILE_NAMES,)
    if path.parts[:2] != ("home", "protected"):
        return ()
    if path.parts[2:3] and path.parts[2] in (*WAREHOUSE_FILES, SPILLED):
        return (Refuge.WAREHOUSE, Refuge.FILE_NAMES)
    return (Refuge.FILE_NAMES,)


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """What a path holds: its bytes, and its cells where they are packed."""
    if path.is_symlink():
        yield " (link)", str(path.readlink()).encode()
    elif path.is_dir():
        yield " (folder)", b""
    else:
        content = path.read_bytes()
        yield "", content
        for name, cells in _packed(path, content):
            yield f" ({name})", cells


def _packed(path: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(SQLITE):
        yield from _sqlite_tables(path)
    elif content[8:12] == b"DUCK":
        yield from _duckdb_tables(path)
    elif content.startswith(PARQUET) and content.endswith(PARQUET):
        yield from _parquet_columns(path)


def _sqlite_tables(path: Path) -> Iterator[tuple[str, bytes]]:
    """The cells of every table, what the write-ahead log holds included; nothing where it is none."""
    with _copied(path, "-wal", "-shm") as copy:
        connection = sqlite3.connect(copy)
        try:
            tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
            for (table,) in tables:
                rows = connection.execute(f'select * from "{table}"')  # noqa: S608
                yield f"table {table}", b"\n".join(_cell(cell) for row in rows for cell in row)
        except sqlite3.DatabaseError:
            return
        finally:
            connection.close()


def _duckdb_tables(path: Path) -> Iterator[tuple[str, bytes]]:
    with _copied(path, ".wal") as copy:
        try:
            with duckdb.connect(copy) as connection:
                for (table,) in connection.execute("show tables").fetchall():
                    rows = connection.execute(f"select columns(*)::varchar from {table}").fetchall()  # noqa: S608
                    yield f"table {table}", b"\n".join(_cell(cell) for row in rows for cell in row)
        except duckdb.Error:
            return


def _parquet_columns(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        table = pq.read_table(path)
    except pa.ArrowException:
        return
    for name in table.column_names:
        yield f"column {name}", b"\n".join(_cell(cell) for cell in table[name].to_pylist())


def _cell(cell: object) -> bytes:
    return cell if isinstance(cell, bytes) else str(cell).encode()


class _copied:  # noqa: N801
    """A database and the files beside it, copied aside so that looking changes nothing."""

    def __init__(self, path: Path, *beside: str) -> None:
        self.path, self.beside = path, beside

    def __enter__(self) -> str:
        self.folder = tempfile.TemporaryDirectory()
        for end in ("", *self.beside):
            if (source := self.path.with_name(self.path.name + end)).exists():
                (Path(self.folder.name) / source.name).write_bytes(source.read_bytes())
        return str(Path(self.folder.name) / self.path.name)

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()


def wrong_modes(home: Path, witness: Path) -> list[str]:
    """What others may read or change though they may not, or may not read though they should."""
    is_open = witness.exists() and _mode(witness) != 0o600
    wrong = [f"{witness.name} {_mode(witness):o}"] if is_open else []
    for path in (home, *everything_below(home)):
        name = path.relative_to(home)
        if path.is_symlink():
            if name.parts[0] != "releases" or path.readlink().is_absolute() or ".." in path.readlink().parts:
                wrong.append(f"{name} links to {path.readlink()}")
        elif _mode(path) not in _allowed(path, name):
            wrong.append(f"{name} {_mode(path):o}")
    return wrong


def _allowed(path: Path, name: Path) -> tuple[int, ...]:
    """By zone. What is held waits behind a closed folder; a draft, which nobody reads yet, may be closed."""
    zone, is_draft = (*name.parts, "")[0], any(part.startswith(".") for part in name.parts)
    if path.is_dir():
        is_closed = zone == "protected" or name == Path("held")
        return (0o700,) if is_closed else (0o700, 0o750) if is_draft or zone == "held" else (0o750,)
    if zone == "protected":
        return (0o400, 0o600)
    return (0o600, 0o640) if is_draft or zone == "held" else (0o640,)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
