"""People who sign in tests: each with an OpenSSH key of their own, made when first asked for."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from privacy.agreements import is_in_force, plan_body
from privacy.entries import Entry, text_to_sign
from privacy.ledger import Ledger
from privacy.plan import Plan
from privacy.signing import PublicKey, sign

TESTER, SECOND = "A Tester", "B Second"
POLICY = {"epsilon": "4", "delta": "1e-06", "rho_pico": 10**15}


@cache
def _keys() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="leeward-test-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def key_of(name: str) -> Path:
    """The private key of somebody; the public one lies beside it."""
    path = _keys() / name.replace(" ", "-")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", path], check=True)
    return path


def public_key(name: str) -> str:
    return PublicKey.parse(key_of(name).with_suffix(".pub").read_text()).text


def signing(*names: str, plan: int = 1, release: int = 0) -> dict[str, Any]:
    """What a policy says of its signers, as signed with a plan."""
    return {"plan": plan, "release": release, "signers": {name: public_key(name) for name in names}}


def signed(ledger: Ledger, kind: str, body: Mapping[str, Any], *names: str) -> dict[str, str]:
    """Signatures of some people under what is to be entered."""
    text = text_to_sign(ledger.records.ledger_id, kind, body)
    return {name: sign(text, key_of(name)) for name in names}


def enter(
    ledger: Ledger, kind: str, body: Mapping[str, Any], *names: str, register: Mapping[str, Any] | None = None
) -> Entry:
    """Sign and enter an agreement."""
    return ledger.agree(kind, body, signed(ledger, kind, body, *(names or (TESTER,))), register)


def sign_by_command(years: Iterable[str]) -> None:
    """Name two signers in the home in use and let both sign the plans of some years."""
    from pipelines.cli import main

    for name in (TESTER, SECOND):
        assert main(["signer", name, "--key", f"{key_of(name)}.pub"]) == 0
    for year in years:
        for name in (TESTER, SECOND):
            assert main(["plan", "sign", "--year", year, "--as", name, "--key", str(key_of(name))]) == 0


def enter_plan(
    ledger: Ledger, plan: Plan, policy: Mapping[str, Any], register: Mapping[str, Any]
) -> Entry | None:
    """Sign and enter a plan with its register, unless it is in force already."""
    body = plan_body(ledger.records, plan, {"signing": signing(TESTER), **policy}, register)
    return None if is_in_force(ledger.records, body) else enter(ledger, "plan", body, register=register)
