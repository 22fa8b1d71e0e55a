"""Entries: what one line of the ledger may say, and how it hangs on the line before it.

One entry is one line of canonical JSON; its hash is the SHA-256 of that line, and every line names
the hash of the line before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIRST_PREVIOUS = "0" * 64

BODY_KEYS: Mapping[str, frozenset[str]] = {
    "opened": frozenset({"ledger", "organisation", "schema_version"}),
    "register": frozenset({"document", "levels", "minimum_group", "trees"}),
    "plan": frozenset(
        {"year", "revision", "items", "reserve_pico", "rho_pico", "policy", "register", "signatures"}
    ),
    "closed": frozenset({"year", "item"}),
    "study": frozenset({"year", "number", "item", "periods", "signatures"}),
    "measurement": frozenset({"item", "period", "level", "sigma", "charge", "register", "values"}),
    "release": frozenset({"release", "period", "files"}),
    "approved": frozenset({"release", "entry", "signatures"}),
    "withdrawn": frozenset({"release", "entry", "reason", "signatures"}),
    "restored": frozenset({"abandoned", "burnt_before"}),
}
"""All that an entry may say, by kind: no row counts, durations, check results or free text."""


def canonical(value: object) -> str:
    """The one JSON text of a value: sorted keys, no blanks. What is hashed or signed is always this text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: object) -> str:
    """The SHA-256 of a value's canonical text, 64 hex digits."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


def text_to_sign(ledger: str, kind: str, body: Mapping[str, Any]) -> str:
    """What people sign of an entry: its kind and body without the signatures, bound to one ledger."""
    unsigned = {key: value for key, value in body.items() if key != "signatures"}
    return canonical({"body": unsigned, "kind": kind, "ledger": ledger})


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. ``time`` is UTC, rounded to the minute."""

    seq: int
    kind: str
    time: str
    code: str
    previous: str
    body: Mapping[str, Any]
    hash: str

    @classmethod
    def from_line(cls, line: str) -> Entry:
        fields = json.loads(line)
        return cls(
            fields["seq"], fields["kind"], fields["time"], fields["code"], fields["previous"], fields["body"],
            hashlib.sha256(line.encode("utf-8")).hexdigest(),
        )  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The newest entry: all that came before hangs on its hash."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read ``NUMBER:HASH``. Raises ValueError for anything else."""
        seq, _, hashed = text.strip().partition(":")
        if not seq.isdecimal() or int(seq) < 1 or len(hashed) != 64:
            raise ValueError("a head is written NUMBER:HASH")
        return cls(int(seq), hashed)
