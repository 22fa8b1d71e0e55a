"""The verify button: the auditor's verifier, run on what is published here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard import store, wording
from privacy.errors import Refusal
from privacy.witness import Witness, default_witness


@dataclass(frozen=True)
class Check:
    """One check of the verifier: whether it holds, in a sentence."""

    name: str
    holds: bool
    sentence: str


def verify(root: Path) -> tuple[Check, ...]:
    """Every check on the published ledger and releases. Raises NothingToShow without a ledger."""
    from privacy.verify import verify as checks  # needed by nobody who does not press the button

    lines = store.ledger_lines(root)
    heads = _heads(store.ledger(root).ledger_id)
    found = checks(lines, root / "releases", None, heads)
    seen = () if heads else (Check("witness", True, wording.NO_WITNESS),)
    return (*(Check(each.name, each.holds, each.sentence) for each in found), *seen)


def _heads(ledger_id: str) -> list[str]:
    """The heads that the witness on this machine remembers; none where it cannot be read."""
    try:
        return [str(head) for head in Witness(default_witness(ledger_id)).heads()]
    except Refusal:
        return []
