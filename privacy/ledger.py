"""The ledger: an append-only, hash-chained SQLite file in which a draw and its entry are one transaction."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from privacy import agreements
from privacy.durable import put_in_place, write_whole
from privacy.entries import BODY_KEYS, FIRST_PREVIOUS, Entry, Head, canonical, digest, text_to_sign
from privacy.errors import LedgerRefused, kind_of
from privacy.periods import BudgetYear, Period
from privacy.plan import Charge, PlanItem
from privacy.records import Records

SCHEMA_VERSION = 2
Clock = Callable[[], datetime]
Draw = Callable[[str], Mapping[str, int]]


def now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """One organisation's ledger, open for writing by one process at a time.

    Args:
        path: the SQLite file; it must exist (see :meth:`create`).
        code: the version of the product that writes, kept with every entry.
        clock: tells the time; entries keep it to the minute and never run backwards.
    """

    def __init__(self, path: Path, *, code: str, clock: Clock = now) -> None:
        if not path.exists():
            raise LedgerRefused(
                f"There is no ledger at {path}; set LEEWARD_HOME or run 'leeward init' first."
            )
        self.path, self.code, self.clock = path, code, clock
        with _reworded(path):
            self._connection = _connect(path)
        self._records = Records(())

    @classmethod
    def create(cls, path: Path, organisation: str, *, code: str, clock: Clock = now) -> Ledger:
        """Begin a ledger for an organisation, whole or not at all. Raises LedgerRefused where one exists."""
        if path.exists():
            raise LedgerRefused(f"There is a ledger at {path.name} already; it is never begun anew.")
        draft = path.with_name(f".{path.name}.draft")
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with cls(draft, code=code, clock=clock) as ledger:
            ledger._connection.executescript(_script())
            ledger.append(
                "opened",
                {
                    "ledger": secrets.token_hex(8),
                    "organisation": organisation,
                    "schema_version": SCHEMA_VERSION,
                },
            )
        put_in_place(draft, path)
        return cls(path, code=code, clock=clock)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def records(self) -> Records:
        """Everything entered so far, whoever entered it."""
        known = len(self._records.entries)
        with _reworded(self.path):
            rows = self._connection.execute(
                "SELECT line FROM entry WHERE seq > ? ORDER BY seq", (known,)
            ).fetchall()
        if rows:
            fresh = tuple(Entry.from_line(line) for (line,) in rows)
            self._records = self._records.extended(fresh)
        return self._records

    def lines(self) -> Iterator[str]:
        """The entries as published in ``ledger.jsonl``."""
        return (line for (line,) in self._connection.execute("SELECT line FROM entry ORDER BY seq"))

    def copy_to(self, path: Path) -> None:
        """A copy of the whole ledger as it is at one moment, in a file of its own."""
        with closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)
        path.chmod(self.path.stat().st_mode & 0o777)

    def adopt(self, lines: Sequence[str]) -> None:
        """Enter again, as they are, the lines of a newer copy of this very ledger.

        Raises:
            LedgerRefused: they do not begin with what is here, or do not follow from each other.
        """
        with self._transaction():
            known = len(self.records.entries)
            copied = Records.from_lines(lines)
            if not copied.chain_is_whole or copied.entries[:known] != self.records.entries[: len(lines)]:
                raise LedgerRefused(
                    "The published copy is not of this ledger: it holds other entries; give another copy."
                )
            for entry, line in zip(copied.entries[known:], lines[known:], strict=True):
                self._connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (entry.seq, line, entry.hash))
                if entry.kind == "measurement":
                    key = (entry.body["item"], entry.body["period"], entry.body["level"])
                    self._connection.execute("INSERT INTO drawn VALUES (?, ?, ?, ?)", (*key, entry.seq))

    def append(self, kind: str, body: Mapping[str, Any]) -> Entry:
        """Add one entry. Raises LedgerRefused when the disk or another writer prevents it."""
        with self._transaction():
            return self._insert(kind, body)

    def agree(
        self,
        kind: str,
        body: Mapping[str, Any],
        signatures: Mapping[str, str],
        register: Mapping[str, Any] | None = None,
    ) -> Entry:
        """Enter what people signed: a plan, a study, an approval or a withdrawal.

        Args:
            body: as :mod:`privacy.agreements` makes it.
            signatures: by signer's name, each over the body's :func:`privacy.entries.text_to_sign`.
            register: the register that a plan stands on; entered with it where it is another.

        Raises:
            BudgetRefused: signatures are missing or wrong, or it would cost more than is allowed.
            LedgerRefused: the ledger has moved on since it was proposed, or cannot be written.
        """
        with self._transaction():
            records = self.records
            signers = agreements.signers_of(records, kind, body)
            text = text_to_sign(records.ledger_id, kind, body)
            signers.check(text, signatures, signers.needed(kind))
            agreements.check_handover(records, kind, signatures, signers)
            agreements.check(records, kind, body)
            if kind == "plan":
                self._open_plan(body, register or {})
            return self._insert(kind, {**body, "signatures": dict(sorted(signatures.items()))})

    def _open_plan(self, plan: Mapping[str, Any], register: Mapping[str, Any]) -> None:
        """What a plan brings with it: its register where that changed, the items that it closes."""
        if digest(register) != plan["register"]:
            raise LedgerRefused("The plan stands on another register than the one given; propose it again.")
        records = self.records
        if records.newest_register_digest != plan["register"]:
            self._insert("register", register)
        kept = {PlanItem.from_json(item).identity for item in plan["items"]}
        year = BudgetYear(Period.parse(plan["year"]))
        for identity in sorted({item.identity for item in records.open_items(year)} - kept):
            self._insert("closed", {"year": plan["year"], "item": identity})

    def measure(self, charge: Charge, year: BudgetYear, draw: Draw) -> int:
        """Draw all levels of a charge's item and period and enter them, in one transaction; once, for ever.

        Args:
            draw: turns a level into its noisy totals by group; called inside the transaction.

        Returns the number of levels drawn now: 0 when they are in the ledger already.

        Raises:
            BudgetRefused: no open item of the year's plan or studies is this one.
        """
        item, period = charge.item, charge.period
        with self._transaction():
            self.records.check_may_draw(item, period, year)
            missing = [level for level in item.levels if not self._is_drawn(item, period, level)]
            for level in missing:
                self._enter_draw(charge, level, dict(draw(level)))
            return len(missing)

    def _enter_draw(self, charge: Charge, level: str, values: Mapping[str, int]) -> None:
        item, period = charge.item, str(charge.period)
        entry = self._insert(
            "measurement",
            {
                "item": item.identity,
                "period": period,
                "level": level,
                "sigma": item.sigma[level],
                "charge": charge.charge_id,
                "register": charge.register,
                "values": values,
            },
        )
        key = (item.identity, period, level)
        self._connection.execute("INSERT INTO drawn VALUES (?, ?, ?, ?)", (*key, entry.seq))

    def _is_drawn(self, item: PlanItem, period: Period, level: str) -> bool:
        key = (item.identity, str(period), level)
        found = self._connection.execute(
            "SELECT 1 FROM drawn WHERE item = ? AND period = ? AND level = ?", key
        )
        return found.fetchone() is not None

    def _insert(self, kind: str, body: Mapping[str, Any]) -> Entry:
        if set(body) != BODY_KEYS[kind]:
            raise LedgerRefused(f"An entry of kind '{kind}' holds what the ledger's schema does not list.")
        head, last_time = self._head_and_time()
        time = max(last_time, self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"))
        fields = {
            "seq": head.seq + 1,
            "kind": kind,
            "time": time,
            "code": self.code,
            "previous": head.hash,
            "body": body,
        }
        line = canonical(fields)
        entry = Entry.from_line(line)
        self._connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (entry.seq, line, entry.hash))
        return entry

    def _head_and_time(self) -> tuple[Head, str]:
        row = self._connection.execute(
            "SELECT seq, line, hash FROM entry ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (Head(row[0], row[2]), Entry.from_line(row[1]).time) if row else (Head(0, FIRST_PREVIOUS), "")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, one writer at a time. What was read inside a failed one is forgotten."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                self._records = Records(())
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise LedgerRefused(
                f"The ledger {self.path.name} could not be written ({kind_of(error)}); nothing was entered. "
                "See that the disk has room, that this file and those beside it may be written and that no "
                "other run is at work, then try again."
            ) from None


def export(ledger: Ledger, path: Path) -> None:
    """Write ``ledger.jsonl`` in one step: readers see the old file or the new one, never a part."""
    text = "".join(f"{line}\n" for line in ledger.lines())
    write_whole(path, text.encode(), 0o640)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    # WAL with synchronous=NORMAL loses acknowledged commits at a power cut; FULL does not.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


@contextmanager
def _reworded(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LedgerRefused(
            f"The ledger {path.name} cannot be read ({kind_of(error)}), nothing was entered: see that "
            "its folder may be written and its disk has room."
        ) from None
    except sqlite3.Error as error:
        raise LedgerRefused(
            f"The ledger {path.name} is damaged ({kind_of(error)}): put its newest copy back, nothing may "
            "be drawn from this one."
        ) from None


def _script() -> str:
    return files("privacy").joinpath("sql", "ledger_tables.sql").read_text(encoding="utf-8")
