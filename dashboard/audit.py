"""The verify button: the auditor's verifier, run on what is published here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashboard import store
from privacy.witness import default_witness, whole_heads


@dataclass(frozen=True)
class Check:
    """One check of the verifier: whether it holds, in a sentence."""

    name: str
    holds: bool
    sentence: str


def verify(root: Path) -> tuple[Check, ...]:
    """Every check on the published ledger and releases. Raises NothingToShow without a ledger."""
    from privacy.verify_more import FurtherAudit  # only whoever presses the button waits for it

    heads = _heads(default_witness(store.ledger(root).ledger_id))
    found = FurtherAudit(store.ledger_lines(root), root / "releases", None, heads).run()
    return tuple(Check(each.name, each.holds, each.sentence) for each in found)


def _heads(witness: Path) -> list[str] | None:
    """The heads that this machine's witness remembers: None where there is no witness, none if unreadable."""
    if not witness.exists():
        return None
    try:
        return whole_heads(witness.read_bytes()).decode("utf-8").splitlines()
    except (OSError, ValueError):
        return []
