"""The warehouse: one DuckDB file in the protected zone, its tables made from the declared exports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import duckdb

from pipelines.exports import EXPORTS, Export
from pipelines.home import Home, alone_in
from pipelines.progress import is_watched
from privacy.durable import put_in_place, sync_file, sync_folder
from privacy.errors import Refusal

PRIVATE_UMASK = 0o077
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1400MB",
    "max_temp_directory_size": "20GB",
    "threads": "2",
}


@contextmanager
def connect(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, made with its tables on first use; every file it writes is its owner's alone.

    Raises:
        Refusal: another process holds the warehouse, or the file is none.
    """
    home.make_folders()
    # DuckDB reads a file's headers before it locks the file: of two processes that open it at one moment,
    # one could work on an older state and lose what the other committed.
    with alone_in(home.protected), _private_files(), _opened(str(home.warehouse)) as warehouse:
        home.warehouse.chmod(0o600)
        prepare(warehouse)
        sync_folder(home.protected)
        yield warehouse


@contextmanager
def connect_copy(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy in memory of what is stored, to try things on: nothing is written to the home.

    Raises:
        Refusal: another process holds the warehouse, or the file is none.
    """
    with _opened(":memory:") as copy:
        if home.warehouse.exists():
            with alone_in(home.protected), _reworded():
                copy.execute(f"attach '{_quoted(str(home.warehouse))}' as stored (read_only)")
                copy.execute(statement("ingest_copy"))
        prepare(copy)
        yield copy


def rewrite(home: Home) -> None:
    """Write what the warehouse holds into a new file: the old one keeps the bytes of deleted rows.

    A crash leaves the old file or the new one, whole; the same command again finishes it.

    Raises:
        Refusal: there is no room for both files, or another process holds the warehouse.
    """
    draft = home.warehouse.with_name(f".{home.warehouse.name}.draft")
    with alone_in(home.protected), _private_files(), _no_bytes_left():
        for leftover in (draft, draft.with_name(f"{draft.name}.wal")):
            leftover.unlink(missing_ok=True)
        with _opened(":memory:") as engine:
            engine.execute(f"attach '{_quoted(str(home.warehouse))}' as stored")
            engine.execute(f"attach '{_quoted(str(draft))}' as fresh")
            engine.execute(statement("copy_whole"))
        draft.chmod(0o600)
        sync_file(draft)
        put_in_place(draft, home.warehouse)


@contextmanager
def _no_bytes_left() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise Refusal(
            f"The rows are taken out, but the warehouse could not be written anew ({type(error).__name__}), "
            "so bytes of them stay in its file: make room for a second one and run the same command again."
        ) from None


def prepare(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of loads and exports, where they are missing."""
    warehouse.execute(statement("ingest_load_tables"))
    warehouse.execute(statement("people_tables"))
    for export in EXPORTS.values():
        warehouse.execute(table_definition(export))


def table_definition(export: Export) -> str:
    """The DDL of an export's table: load_id and line, then the declared columns."""
    columns = [
        f"{column.stored_name} {column.kind.sql_type}{'' if column.nullable else ' not null'}"
        for column in export.columns
    ]
    return statement("ingest_export_table", export=export.name, columns=",\n    ".join(columns))


def statement(name: str, **parts: str) -> str:
    """The SQL of ``pipelines/sql/NAME.sql``; ``parts`` are texts made from our own declarations."""
    text = (files("pipelines") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return text.format(**parts) if parts else text


@contextmanager
def _opened(path: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with _reworded():
        connection = duckdb.connect(path, config=SETTINGS)
    connection.execute(f"set enable_progress_bar = {str(is_watched()).lower()}")
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _reworded() -> Iterator[None]:
    try:
        yield
    except (duckdb.IOException, duckdb.ConnectionException) as error:
        if isinstance(error, duckdb.IOException) and "lock" not in str(error).lower():
            raise Refusal(
                f"The warehouse cannot be read ({type(error).__name__}): it is damaged or the disk refuses; "
                "see to the disk, or restore the warehouse that belongs to this ledger from a backup."
            ) from None
        raise Refusal(
            "The warehouse cannot be opened: another process holds it; "
            "let the other command finish and try again."
        ) from None
    except duckdb.Error as error:
        raise Refusal(
            f"The warehouse cannot be read ({type(error).__name__}): restore it from a backup."
        ) from None


@contextmanager
def _private_files() -> Iterator[None]:
    before = os.umask(PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def _quoted(path: str) -> str:
    return path.replace("'", "''")
