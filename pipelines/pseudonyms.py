"""Pseudonyms: a person's id becomes a keyed hash before it reaches any table."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

import duckdb

from pipelines.home import Home
from pipelines.warehouse import statement
from privacy.durable import write_whole
from privacy.errors import Refusal

KEY_BYTES = 32


class Pseudonyms:
    """Turns ids into pseudonyms; each distinct id is hashed once."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[str, str] = {"": ""}

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"

    def of(self, person_id: str) -> str:
        """HMAC-SHA256 of the id without surrounding blanks, 64 hex digits; empty for an empty id."""
        text = person_id.strip()
        if text not in self._known:
            self._known[text] = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return self._known[text]


def pseudonyms_for(home: Home, warehouse: duckdb.DuckDBPyConnection, *, dry_run: bool = False) -> Pseudonyms:
    """The installation's pseudonyms; its key is made on first use, or only in memory for a dry run.

    Raises:
        Refusal: the key can be read by others, is no key, or is gone while the warehouse needs it.
    """
    path = home.pseudonym_key
    if path.exists():
        return Pseudonyms(_read_key(path))
    if _is_in_use(warehouse):
        raise Refusal(
            f"The key {path.name} is missing while the warehouse holds people under it; "
            "restore the key from its backup, since a new one would start everybody's budget afresh."
        )
    key = os.urandom(KEY_BYTES)
    if not dry_run:
        write_whole(path, key, 0o400)
    return Pseudonyms(key)


def _read_key(path: Path) -> bytes:
    if path.stat().st_mode & 0o177:
        raise Refusal(f"The key {path.name} can be read by others; make it its owner's alone: chmod 400.")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise Refusal(f"The key {path.name} is not {KEY_BYTES} bytes long; restore it from its backup.")
    return key


def _is_in_use(warehouse: duckdb.DuckDBPyConnection) -> bool:
    tables = {name for (name,) in warehouse.execute("show tables").fetchall()}
    in_use = [statement("ingest_has_loads")]
    if "charged" in tables:
        in_use.append(statement("ingest_has_charges"))
    return any(warehouse.execute(query).fetchone() for query in in_use)
