"""Signatures by which people agree to what is entered: OpenSSH's, which ``ssh-keygen`` verifies anywhere.

A signature is the armoured text that ``ssh-keygen -Y sign -n leeward`` writes. A typed name is none.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from privacy.errors import BudgetRefused, Refusal

NAMESPACE = "leeward"
PUBLIC_KEY = re.compile(
    r"(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"
    r" ([A-Za-z0-9+/]+={0,2})"
)


ARMOUR = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n(?:[A-Za-z0-9+/=]{1,80}\n)+-----END SSH SIGNATURE-----\n?"
)
"""A signature and nothing beside it: it is entered for ever, and ssh-keygen overlooks text that follows."""


@dataclass(frozen=True)
class PublicKey:
    """An OpenSSH public key without its comment."""

    text: str

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """Read the line of a ``.pub`` file. Raises ValueError where it is none."""
        if not (match := PUBLIC_KEY.match(line.strip())):
            raise ValueError("an OpenSSH public key is written 'ssh-ed25519 AAAA...', as in a .pub file")
        return cls(match[0])


@dataclass(frozen=True)
class Signers:
    """Who may sign, by name, and how many of them an entry needs.

    ``plan`` is for plans and studies; ``release`` for a release to leave, 0 where none is held.
    """

    keys: tuple[tuple[str, PublicKey], ...]
    plan: int
    release: int

    def to_json(self) -> dict[str, Any]:
        return {
            "plan": self.plan,
            "release": self.release,
            "signers": {name: key.text for name, key in self.keys},
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Signers:
        keys = tuple((name, PublicKey(text)) for name, text in sorted(body["signers"].items()))
        return cls(keys, body["plan"], body["release"])

    def needed(self, kind: str) -> int:
        """How many signatures an entry of a kind needs, each by another of the signers."""
        if kind in ("plan", "study"):
            return max(1, self.plan)
        return max(1, self.release)

    def accepts(self, name: str, text: str, signature: str) -> bool:
        """Whether a signature over this text is one of a signer's."""
        keys = dict(self.keys)
        return name in keys and is_valid(text, signature, keys[name])

    def check(self, text: str, signatures: Mapping[str, str], needed: int) -> None:
        """Every signature must be a signer's own and over this text, and there must be enough of them.

        Raises:
            BudgetRefused: one is not, or more are needed.
        """
        for name, signature in signatures.items():
            if name not in dict(self.keys):
                raise BudgetRefused(
                    f"'{name}' is no signer of this policy; see [signing.signers] and 'leeward signer'."
                )
            if not self.accepts(name, text, signature):
                raise BudgetRefused(
                    f"The signature of '{name}' is not over this text or not by the key in the policy; "
                    "sign again what 'leeward' shows now."
                )
        different = len({dict(self.keys)[name].text for name in signatures})
        if different < needed:
            raise BudgetRefused(
                f"This needs the signatures of {needed} signers and has {different}; let another one sign."
            )


def sign(text: str, key: Path) -> str:
    """Sign with a private key, or with the public half of one that an agent holds.

    Raises:
        Refusal: the key cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="leeward-") as folder:
        document = Path(folder, "document")
        document.write_text(text, encoding="utf-8")
        done = _ssh_keygen("-Y", "sign", "-n", NAMESPACE, "-f", str(key), str(document), inherit_input=True)
        if done.returncode:
            raise Refusal(
                f"ssh-keygen could not sign with {key}; name a private key of yours, "
                "or a .pub file whose key your agent holds."
            )
        return Path(f"{document}.sig").read_text(encoding="ascii")


def is_valid(text: str, signature: str, key: PublicKey) -> bool:
    """Whether a signature is over this very text and by this key, and says nothing else."""
    if not ARMOUR.fullmatch(signature):
        return False
    with tempfile.TemporaryDirectory(prefix="leeward-") as folder:
        allowed, signed = Path(folder, "allowed"), Path(folder, "signature")
        allowed.write_text(f'signer namespaces="{NAMESPACE}" {key.text}\n', encoding="ascii")
        signed.write_text(signature, encoding="utf-8")
        command = ("-Y", "verify", "-n", NAMESPACE, "-I", "signer", "-f", str(allowed), "-s", str(signed))
        return _ssh_keygen(*command, text=text).returncode == 0


def fingerprint(key: PublicKey) -> str:
    """How OpenSSH writes a key in short, to be compared by telephone.

    Raises:
        Refusal: it is no key.
    """
    done = _ssh_keygen("-l", "-f", "-", text=key.text)
    if done.returncode:
        raise Refusal("This is no OpenSSH public key; give the .pub file that belongs to a private key.")
    return str(done.stdout.split()[1])


def _ssh_keygen(
    *arguments: str, text: str | None = None, inherit_input: bool = False
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["ssh-keygen", *arguments],
            input=None if inherit_input else text or "",
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError:
        raise Refusal(
            "There is no ssh-keygen on this machine; install OpenSSH's client (Debian: openssh-client)."
        ) from None
