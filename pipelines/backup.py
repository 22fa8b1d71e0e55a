"""Backing a home up whole, and putting it back without losing or repeating a draw.

A backup holds personal data: it is its owner's alone. What was entered after it is taken from a newer copy of
the published zone; what is lost for good is given up openly, and nothing more is drawn of its years.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipelines.home import Home, alone_in
from pipelines.installation import opened, product_version, witness_of
from pipelines.publishing import publish_pending
from pipelines.warehouse import connect
from privacy import bounding
from privacy.durable import write_whole
from privacy.errors import LedgerRefused, Refusal
from privacy.ledger import Ledger, export
from privacy.periods import BudgetYear, Period
from privacy.policy import Policy, read_policy
from privacy.records import Records
from privacy.witness import Witness

MANIFEST = "backup.json"
LEFT_OUT = ("protected/prefect", "protected/tmp", "protected/shown", "ledger.sqlite-wal", "ledger.sqlite-shm")


@dataclass(frozen=True)
class Restored:
    """What a restore found: entries taken from a published copy, heads given up, charges stood in for."""

    entries: int
    taken_over: int
    given_up: int
    charges_lost: int


def backup(home: Home, target: Path) -> str:
    """Copy everything of a home into a new folder, as it is at one moment; returns the ledger's head.

    Raises:
        Refusal: the target exists, or another command is at work in the home.
    """
    if target.exists():
        raise Refusal(f"{target} exists already; name a folder that does not.")
    with opened(home) as installation, connect(home) as warehouse:
        warehouse.execute("checkpoint")
        draft = target.with_name(f".{target.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        for path in _files(home.root):
            _copy(path, draft / path.relative_to(home.root))
        installation.ledger.copy_to(draft / home.ledger.name)
        head = str(installation.ledger.records.head)
        _write_manifest(draft, head)
    draft.rename(target)
    return head


def _files(root: Path) -> Iterator[Path]:
    """Every file of a home but what can be made again; links stand for files that are there themselves."""
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).as_posix()
        if path.is_file() and not path.is_symlink() and not _is_in(inside, LEFT_OUT):
            yield path


def _is_in(inside: str, folders: tuple[str, ...]) -> bool:
    return any(inside == folder or inside.startswith(f"{folder}/") for folder in folders)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(source.stat().st_mode & 0o777)


def _write_manifest(folder: Path, head: str) -> None:
    hashes = {path.relative_to(folder).as_posix(): _hash(path) for path in _files(folder)}
    body = {"head": head, "product": product_version(), "files": hashes}
    write_whole(folder / MANIFEST, (json.dumps(body, indent=1) + "\n").encode(), 0o600)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def restore(home: Home, source: Path, published: Path | None, *, give_up: bool, today: date) -> Restored:
    """Put a backup into a home that is not there, and bring its ledger up to what was entered since.

    Args:
        published: a newer copy of the published zone, with ``ledger.jsonl`` and, if it can be, ``releases``.
        give_up: let entries go that the witness saw and no copy holds: nothing more is drawn of the
            budget years begun.

    Raises:
        Refusal: a ledger is there, the backup is not whole, or entries are lost and not given up.
    """
    if home.ledger.exists():
        raise Refusal(f"There is a ledger at {home.root} already; move that home aside before a restore.")
    _check_whole(source)
    home.make_folders()
    with alone_in(home.root):
        for path in _files(source):
            if path.name != MANIFEST:
                _copy(path, home.root / path.relative_to(source))
    try:
        return _brought_up(home, published, give_up=give_up, today=today)
    except Refusal:
        home.ledger.unlink()  # else the home would look like one to go on with
        raise


def _check_whole(source: Path) -> None:
    try:
        known = json.loads((source / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        raise Refusal(f"{source} is no backup: it has no {MANIFEST} that can be read.") from None
    found = {path.relative_to(source).as_posix(): path for path in _files(source) if path.name != MANIFEST}
    if found.keys() != known.keys() or any(_hash(found[name]) != known[name] for name in known):
        raise Refusal(f"The backup {source} is not as it was written: take another one.")


def _brought_up(home: Home, published: Path | None, *, give_up: bool, today: date) -> Restored:
    policy = read_policy(home.policy)
    with Ledger(home.ledger, code=product_version()) as ledger:
        before = len(ledger.records.entries)
        if published is not None:
            lines = _published_lines(published)
            _check_seen(witness_of(home, ledger), lines)
            ledger.adopt(lines)
            _copy_releases(published / "releases", home.releases)
        taken_over = len(ledger.records.entries) - before
        witness = witness_of(home, ledger)
        lost = _unknown_heads(witness, ledger.records)
        if lost and not give_up:
            raise LedgerRefused(
                f"The witness has seen {len(lost)} heads beyond the {len(ledger.records.entries)} entries "
                "that are here: give a newer copy of the published zone with --published, or let what is "
                "lost go with --give-up; then nothing more is drawn of the years begun."
            )
        if lost:
            last = date.fromisoformat(ledger.records.entries[-1].time[:10])
            burnt = _end_of_year(ledger.records, max(today, last), policy) + timedelta(days=1)
            ledger.append("restored", {"abandoned": sorted(lost), "burnt_before": burnt.isoformat()})
        charges = stand_in_for_lost_charges(home, ledger)
        witness.see(ledger.records)
        export(ledger, home.ledger_lines)
        publish_pending(home, ledger, witness)
        return Restored(before, taken_over, len(lost), charges)


def _published_lines(published: Path) -> list[str]:
    try:
        text = (published / "ledger.jsonl").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"{published} has no ledger.jsonl that can be read; name a published zone.") from None
    return text.removesuffix("\n").split("\n")


def _end_of_year(records: Records, day: date, policy: Policy) -> date:
    """The last day of the budget year that holds a day: the signed one, whatever the policy says now."""
    month = Period.holding(day)
    signed = (year for year in records.years if year.holds(month))
    return next(signed, BudgetYear.of(month, starts=policy.year_starts)).last.last_day


def _check_seen(witness: Witness, lines: list[str]) -> None:
    """A head is shown to the witness before it is published: a copy that ends with another was added to."""
    try:
        seen = Records.from_lines(lines).head in witness.heads()
    except (ValueError, LookupError, TypeError):
        seen = False
    if not seen:
        raise LedgerRefused(
            "The copy ends with an entry that the witness never saw, or is cut off; give another copy."
        )


def _copy_releases(source: Path, target: Path) -> None:
    """The releases that the backup lacks; the verifier compares them with their entries."""
    for folder in sorted(source.glob("[0-9]*")) if source.is_dir() else ():
        if any(path.is_symlink() for path in (folder, *folder.rglob("*"))):
            raise Refusal(f"Release {folder.name} of the copy holds a link; give the files.")
        if not (target / folder.name).exists():
            shutil.copytree(folder, target / folder.name, copy_function=shutil.copy)


def _unknown_heads(witness: Witness, records: Records) -> frozenset[str]:
    """The heads that the witness saw and this ledger does not have."""
    known = {str(entry.seq): entry.hash for entry in records.entries}
    return frozenset(
        str(head)
        for head in witness.heads()
        if known.get(str(head.seq)) != head.hash and str(head) not in records.abandoned
    )


def stand_in_for_lost_charges(home: Home, ledger: Ledger) -> int:
    """Let everybody count at the bound for charges that were drawn and that the warehouse lacks."""
    with connect(home) as warehouse:
        bounding.prepare(warehouse)
        return bounding.assume_lost(warehouse, ledger.records.charges())
