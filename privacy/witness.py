"""The witness: a file outside ``LEEWARD_HOME`` that remembers heads, so that a rollback shows.

A hash chain alone cannot show that an older copy was put back. The witness holds one head a line;
each must be a head of today's ledger.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from privacy.durable import make_folder, write_whole
from privacy.entries import Head
from privacy.errors import LedgerRefused
from privacy.records import Records

WHOLE = re.compile(rb"[1-9][0-9]*:[0-9a-f]{64}")
MODE = 0o600
"""A witness that others could change would be none."""


def default_witness(ledger_id: str) -> Path:
    """Where a ledger's witness lies unless ``LEEWARD_WITNESS`` says otherwise: the user's state folder."""
    if named := os.environ.get("LEEWARD_WITNESS"):
        return Path(named)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "leeward" / f"{ledger_id}.heads"


@dataclass(frozen=True)
class Witness:
    """One witness file."""

    path: Path

    def begin(self, head: Head) -> None:
        """Start the file with a ledger's first head. Raises LedgerRefused where one lies already."""
        if self.path.exists():
            raise LedgerRefused(
                f"There is a witness at {self.path} already; name another with LEEWARD_WITNESS."
            )
        make_folder(self.path.parent, 0o700)
        write_whole(self.path, f"{head}\n".encode(), MODE)

    def heads(self) -> tuple[Head, ...]:
        """All heads seen, oldest first. Raises LedgerRefused when the file is missing or unreadable.

        An end without its line break is what a crash left of a head that nobody was told of.
        """
        try:
            written = whole_heads(self.path.read_bytes()).decode("utf-8")
            heads = tuple(Head.parse(line) for line in written.splitlines())
        except (OSError, ValueError):
            heads = ()
        if not heads:
            raise LedgerRefused(
                f"The witness {self.path} is missing or unreadable, so a rolled-back ledger could not be "
                "told from a true one; put the file back, or compare the head in the newest certificate with "
                "'leeward audit verify' and begin a new witness with 'leeward audit witness --head HEAD'."
            )
        return heads

    def check(self, records: Records) -> None:
        """Every head seen must be a prefix of the ledger, unless a restore gave it up openly.

        Raises:
            LedgerRefused: the witness is missing, ahead of the ledger, or saw another history.
        """
        if not records.chain_is_whole:
            raise LedgerRefused(
                "The ledger's entries do not follow from each other: it was changed; restore the true one, "
                "nothing may be drawn from this one."
            )
        for head in (head for head in self.heads() if str(head) not in records.abandoned):
            if head.seq > len(records.entries):
                raise LedgerRefused(
                    f"The witness has seen entry {head.seq}, the ledger ends at {len(records.entries)}: an "
                    "older copy was put back; restore the newest ledger, nothing may be drawn from this one."
                )
            if records.entries[head.seq - 1].hash != head.hash:
                raise LedgerRefused(
                    f"The witness saw another entry {head.seq} than the ledger holds: the ledger was forked "
                    "or changed; restore the true one, nothing may be drawn from this one."
                )

    def see(self, records: Records) -> None:
        """Check, then remember the newest head."""
        self.check(records)
        if self.heads()[-1] != records.head:
            self._append(records.head)

    def _append(self, head: Head) -> None:
        with open(self.path, "a+b") as file:
            os.fchmod(file.fileno(), MODE)  # also of a file that was put back more open
            file.seek(0)
            kept = whole_heads(file.read())
            file.truncate(len(kept))
            file.write(b"\n" * (not kept.endswith(b"\n")) + f"{head}\n".encode())
            file.flush()
            os.fsync(file.fileno())


def whole_heads(content: bytes) -> bytes:
    """A file's content but for an end that is no whole head."""
    lines, end = content[: content.rfind(b"\n") + 1], content[content.rfind(b"\n") + 1 :]
    return content if WHOLE.fullmatch(end) else lines
