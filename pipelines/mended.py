"""Mended rows: each stands for one row of a file as long as the file holds it, wherever it stands there.

A row is known by whose it is and what it says, never by its line or by the rest of the file: what becomes of
one person's mended rows hangs on that person's rows alone.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import duckdb

from pipelines.loads import Load
from pipelines.mapping import ExportMapping
from pipelines.warehouse import statement

MENDED = "mended"
MendedRow = tuple[bool | str, ...]  # whether it is skipped, then its texts in the declared order


class Origin(NamedTuple):
    """The row of a file that a mended row stands for: whose it is and the digest of its other texts."""

    person: str
    digest: str


def staged_names(mapping: ExportMapping) -> tuple[str, ...]:
    """The columns of ``stage_text`` that hold a line's texts, the person's first."""
    return tuple(f"{name}_text" for name in (*mapping.export.stored_names, *mapping.beside))


def digest_of_texts(mapping: ExportMapping) -> str:
    """The SQL of a staged line's digest, without the person."""
    _, *names = staged_names(mapping)
    return f"sha256(concat_ws(chr(31), {', '.join(names)}))"


def apply_mended(
    warehouse: duckdb.DuckDBPyConnection, mapping: ExportMapping, loads: Sequence[int]
) -> Counter[int]:
    """Let mended rows stand for the staged lines that they were made of; those whose line is gone go too.

    Returns how many went, by load.
    """
    parts = {"loads": list(loads)}
    _, *names = staged_names(mapping)
    warehouse.execute(statement("mended_here", digest=digest_of_texts(mapping)), parts)
    texts = ", ".join(
        f"{name} = coalesce(here.texts[{place}], '')" for place, name in enumerate(names, start=1)
    )
    warehouse.execute(statement("mended_apply", texts=texts))
    gone = Counter(load_id for (load_id,) in warehouse.execute(statement("mended_forget"), parts).fetchall())
    warehouse.execute(statement("mended_move"))
    return gone


def store_row(
    warehouse: duckdb.DuckDBPyConnection, load: Load, line: int, origin: Origin, row: MendedRow
) -> None:
    """Let a row stand for one line, in place of any that did."""
    warehouse.execute(statement("mended_remove_line"), {"load_id": load.load_id, "line": line})
    is_skipped, person, *texts = row
    warehouse.execute(statement("mended_store"), [load.load_id, line, *origin, is_skipped, person, texts])


def origins(warehouse: duckdb.DuckDBPyConnection, load: Load) -> dict[int, Origin]:
    """What each line mended already was made of."""
    rows = _rows(warehouse, load.load_id)
    return {line: Origin(person, digest) for line, person, digest, *_ in rows}


def mended_hash(warehouse: duckdb.DuckDBPyConnection, load_id: int) -> str:
    """Hash of what stands for rows of a load, empty without any."""
    rows = _rows(warehouse, load_id)
    told = sorted(repr(row[1:]) for row in rows)
    return hashlib.sha256("\0".join(told).encode()).hexdigest() if rows else ""


def count_mended(warehouse: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """How many rows of a load are read as they were mended."""
    return len(_rows(warehouse, load_id))


def _rows(warehouse: duckdb.DuckDBPyConnection, load_id: int) -> list[tuple[Any, ...]]:
    return warehouse.execute(statement("mended_rows"), {"load_id": load_id}).fetchall()
