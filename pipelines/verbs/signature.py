"""The options by which a person signs, the same for every verb that asks for it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from privacy.errors import Refusal

if TYPE_CHECKING:
    from pipelines.agreement import Outcome, Signature


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="signer", metavar="NAME", help="who signs, as the policy names them")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--key", type=Path, metavar="FILE", help="their private OpenSSH key")
    how.add_argument(
        "--signature", type=Path, metavar="FILE",
        help="or the .sig that they made elsewhere: ssh-keygen -Y sign -n leeward -f KEY DOCUMENT",
    )  # fmt: skip


def given(chosen: argparse.Namespace) -> Signature:
    """Who signs and how. Raises Refusal where it was not said."""
    from pipelines.agreement import Signature

    if not chosen.signer or (chosen.key is None and chosen.signature is None):
        raise Refusal(
            "Say who signs and with which key: --as NAME --key FILE (or --signature FILE, made elsewhere)."
        )
    return Signature(chosen.signer, chosen.key, chosen.signature)


def told(what: str, outcome: Outcome, entered: str) -> str:
    """What a signature led to, in a sentence."""
    names = ", ".join(outcome.signed_by)
    if outcome.entry is None:
        missing = outcome.needed - len(outcome.signed_by)
        of_them = f", {outcome.from_before} of them a signer of the plan before" * bool(outcome.from_before)
        return f"{what}: signed by {names}; {missing} more must sign before it is entered{of_them}."
    return f"{what}: signed by {names} and entered in the ledger as entry {outcome.entry.seq}{entered}."
