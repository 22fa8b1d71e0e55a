"""Agreements on their way into the ledger: public texts in ``pending/``, signed here or on other machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.installation import Installation
from privacy.agreements import check, missing_from_before, signers_of
from privacy.durable import write_whole
from privacy.entries import Entry, text_to_sign
from privacy.errors import Refusal
from privacy.signing import Signers, sign

MODE = 0o640


@dataclass(frozen=True)
class Agreement:
    """What people are asked to sign. ``register`` comes with a plan, which stands on it."""

    name: str
    kind: str
    body: Mapping[str, Any]
    register: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What a signature led to: the entry, or the names that signed while more are needed.

    ``from_before`` of those still needed must be signers of the plan before.
    """

    entry: Entry | None
    signed_by: tuple[str, ...]
    needed: int
    from_before: int = 0


@dataclass(frozen=True)
class Signature:
    """Who signs, with a private key of theirs or with a signature that they made elsewhere."""

    signer: str
    key: Path | None
    made: Path | None

    def over(self, text: str) -> str:
        """Raises Refusal where the key or the file cannot be used."""
        if self.key is not None:
            return sign(text, self.key)
        try:
            return (self.made or Path()).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            raise Refusal(f"There is no signature in {self.made}; give the .sig of ssh-keygen.") from None


def propose(installation: Installation, agreement: Agreement) -> Path:
    """Write the text that is to be signed; signatures over another text of that name are dropped.

    Raises:
        Refusal: it could not be entered however many signed it.
    """
    check(installation.ledger.records, agreement.kind, agreement.body)
    text = _text(installation, agreement)
    path = installation.home.pending / f"{agreement.name}.json"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        _signatures_file(path).unlink(missing_ok=True)
        _write(path, text)
    return path


def waiting_text(installation: Installation, name: str) -> str | None:
    """The text of an agreement that waits for signatures, if one of that name does."""
    path = installation.home.pending / f"{name}.json"
    return path.read_text(encoding="utf-8") if path.exists() else None


def sign_and_enter(installation: Installation, agreement: Agreement, signature: Signature) -> Outcome:
    """Add one signature to an agreement, and enter it once enough have signed.

    Raises:
        Refusal: the signature is no signer's over this text, or the agreement may not be entered.
    """
    path, text = propose(installation, agreement), _text(installation, agreement)
    records = installation.ledger.records
    signers = signers_of(records, agreement.kind, agreement.body)
    needed = signers.needed(agreement.kind)
    signatures = _known(path, signers, text)
    signatures[signature.signer] = signature.over(text)
    signers.check(text, signatures, 0)
    from_before = missing_from_before(records, agreement.kind, signatures, signers)
    needed = max(needed, len(signatures) + from_before)
    if len(signatures) < needed:
        _write(_signatures_file(path), json.dumps(signatures, ensure_ascii=False, indent=1))
        return Outcome(None, tuple(sorted(signatures)), needed, from_before)
    entry = installation.ledger.agree(agreement.kind, agreement.body, signatures, agreement.register)
    installation.settle()
    forget(path)
    return Outcome(entry, tuple(sorted(signatures)), needed)


def _known(path: Path, signers: Signers, text: str) -> dict[str, str]:
    """The signatures given so far that still count: a signer may have been replaced in the policy."""
    try:
        stored = json.loads(_signatures_file(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: signature for name, signature in stored.items() if signers.accepts(name, text, signature)}


def forget(path: Path) -> None:
    """Clear away a document that was entered."""
    for file in (path, _signatures_file(path)):
        file.unlink(missing_ok=True)


def _text(installation: Installation, agreement: Agreement) -> str:
    return text_to_sign(installation.ledger.records.ledger_id, agreement.kind, agreement.body)


def _signatures_file(path: Path) -> Path:
    return path.with_suffix(".signatures")


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode(), MODE)
