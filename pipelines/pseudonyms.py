"""Pseudonyms: a person's id becomes a keyed hash before it reaches any table."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from functools import reduce
from pathlib import Path

import duckdb

from pipelines.home import Home
from pipelines.warehouse import statement
from privacy.durable import put_in_place, write_whole
from privacy.errors import Refusal

KEY_BYTES = 32
AS_TEXT, AS_NUMBER = "text", "number"
NUMBER = re.compile(r"0*([0-9]+)(?:[.]0+)?")


class Pseudonyms:
    """Turns ids into pseudonyms; each distinct id is hashed once.

    Args:
        key: one or more keys of 32 bytes, the oldest first: each rotation hashes what the one before made.
        joined: pseudonyms of people known by another one, and that other one.
    """

    def __init__(self, key: bytes, joined: Mapping[str, str] | None = None) -> None:
        self._keys = tuple(key[place : place + KEY_BYTES] for place in range(0, len(key), KEY_BYTES))
        self._joined = dict(joined or {})
        self._known: dict[str, str] = {"": ""}

    def __repr__(self) -> str:
        return "Pseudonyms(key hidden)"

    def of(self, person_id: str) -> str:
        """HMAC-SHA256 of the id without surrounding blanks, 64 hex digits; empty for an empty id."""
        text = person_id.strip()
        if text not in self._known:
            hashed = reduce(keyed_hash, self._keys, text)
            self._known[text] = self._joined.get(hashed, hashed)
        return self._known[text]


def plain_id(text: str, id_format: str) -> str:
    """An id as it is written, or, where ids are numbers, without what spreadsheets make of them.

    >>> plain_id("0016", AS_TEXT), plain_id("0016", AS_NUMBER), plain_id("16.0", AS_NUMBER)
    ('0016', '16', '16')
    """
    number = NUMBER.fullmatch(text.strip()) if id_format == AS_NUMBER else None
    return number[1] if number else text


def keyed_hash(text: str, key: bytes) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def pseudonyms_for(home: Home, warehouse: duckdb.DuckDBPyConnection, *, dry_run: bool = False) -> Pseudonyms:
    """The installation's pseudonyms; its key is made on first use, or only in memory for a dry run.

    Raises:
        Refusal: the key can be read by others, is no key or another one than the warehouse's, or is gone
            while the warehouse needs it.
    """
    path = home.pseudonym_key
    if not dry_run:
        _finish_rotation(path, warehouse)
    if path.exists():
        key = read_key(path)
        _check_key(warehouse, key)
    elif is_in_use(warehouse):
        raise Refusal(
            f"The key {path.name} is missing while the warehouse holds people under it; "
            "restore the key from its backup, since a new one would start everybody's budget afresh."
        )
    else:
        key = os.urandom(KEY_BYTES)
    if not dry_run:
        if not path.exists():
            write_whole(path, key, 0o400)
        remember_key(warehouse, key)
    return Pseudonyms(key, dict(warehouse.execute(statement("joined_ids")).fetchall()))


def known_id_format(warehouse: duckdb.DuckDBPyConnection) -> str:
    """How the roster's ids were read when people were stored; as they are written where nobody was."""
    known = warehouse.execute(statement("known_id_format")).fetchone()
    return str(known[0]) if known else AS_TEXT


def keep_id_format(warehouse: duckdb.DuckDBPyConnection, id_format: str) -> None:
    """Remember how the roster's ids are read. Raises Refusal where people stand here otherwise."""
    known = warehouse.execute(statement("known_id_format")).fetchone()
    if known is not None and known[0] != id_format and is_in_use(warehouse):
        raise Refusal(
            f'The roster\'s ids were read with id_format = "{known[0]}" so far; reading them otherwise would '
            "start everybody's budget afresh. Put the line back in [exports.staff] of the mapping."
        )
    warehouse.execute(statement("forget_id_format"))
    warehouse.execute(statement("remember_id_format"), [id_format])


def read_key(path: Path) -> bytes:
    """The keys in a file. Raises Refusal where others can read it or it is none."""
    if path.stat().st_mode & 0o177:
        raise Refusal(f"The key {path.name} can be read by others; make it its owner's alone: chmod 400.")
    key = path.read_bytes()
    if not key or len(key) % KEY_BYTES:
        raise Refusal(
            f"The key {path.name} is not {KEY_BYTES} bytes long, or as many times that as it was rotated; "
            "restore it from its backup."
        )
    return key


def next_key(path: Path) -> Path:
    """Where a key lies while the warehouse is being carried over to it."""
    return path.with_name(f"{path.name}.next")


def fingerprint(key: bytes) -> str:
    """What the warehouse remembers of its key."""
    return hashlib.sha256(b"leeward pseudonym key" + key).hexdigest()


def remember_key(warehouse: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Enter the key that the warehouse's pseudonyms are made with."""
    warehouse.execute(statement("forget_key"))
    warehouse.execute(statement("remember_key"), [fingerprint(key)])


def _finish_rotation(path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    """A rotation is done when the warehouse says so: then its key takes the old one's place, else it goes."""
    following = next_key(path)
    if not following.exists():
        return
    known = warehouse.execute(statement("known_key")).fetchone()
    if known is not None and known[0] == fingerprint(read_key(following)):
        put_in_place(following, path)
    else:
        following.unlink()


def _check_key(warehouse: duckdb.DuckDBPyConnection, key: bytes) -> None:
    known = warehouse.execute(statement("known_key")).fetchone()
    if known is not None and known[0] != fingerprint(key):
        raise Refusal(
            "The pseudonym key is another one than this warehouse's, which would start everybody's budget "
            "afresh; restore the key that belongs to it."
        )


def is_in_use(warehouse: duckdb.DuckDBPyConnection) -> bool:
    """Whether the warehouse holds anybody under a key."""
    tables = {name for (name,) in warehouse.execute("show tables").fetchall()}
    in_use = [statement("ingest_has_loads")]
    if "charged" in tables:
        in_use.append(statement("ingest_has_charges"))
    return any(warehouse.execute(query).fetchone() for query in in_use)
