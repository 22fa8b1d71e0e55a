"""Naming signers in ``policy.toml``, whose comments and order stay as they are."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pipelines.home import Home
from privacy.durable import write_whole
from privacy.errors import BadPolicy
from privacy.policy import read_policy
from privacy.signing import PublicKey, fingerprint

SECTION = "[signing.signers]"


def add_signer(home: Home, name: str, public: Path) -> str:
    """Add a line to the policy's signers; returns the key's fingerprint. Safe to repeat.

    Raises:
        BadPolicy: the file is no public key, or the policy would be wrong with it.
    """
    key = _read_key(public)
    signers = dict(read_policy(home.policy).signers.keys)
    if signers.get(name) != key:
        if name in signers:
            raise BadPolicy(f"'{name}' has another key in {SECTION}; correct that line by hand, knowingly.")
        _replace_if_sound(home.policy, _with_line(home.policy.read_text(encoding="utf-8"), name, key))
    return fingerprint(key)


def _read_key(public: Path) -> PublicKey:
    try:
        return PublicKey.parse(public.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BadPolicy(
            f"{public} is no public OpenSSH key; 'ssh-keygen -t ed25519' makes a pair, give its .pub file."
        ) from None


def _with_line(text: str, name: str, key: PublicKey) -> str:
    line = f"{json.dumps(name, ensure_ascii=False)} = {json.dumps(key.text)}"
    lines = text.rstrip("\n").split("\n")
    at = next((n for n, each in enumerate(lines) if each.strip().startswith(SECTION)), None)
    if at is None:
        return "\n".join([*lines, "", SECTION, line, ""])
    return "\n".join([*lines[: at + 1], line, *lines[at + 1 :], ""])


def _replace_if_sound(path: Path, text: str) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder, path.name)
        draft.write_text(text, encoding="utf-8")
        read_policy(draft)
    write_whole(path, text.encode(), path.stat().st_mode & 0o777)
