"""Signatures: OpenSSH's own, over the very text that is entered, by a key that the policy names."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from signatories import SECOND, TESTER, key_of, public_key

from privacy.entries import text_to_sign
from privacy.errors import BudgetRefused, Refusal
from privacy.signing import NAMESPACE, PublicKey, Signers, fingerprint, is_valid, sign

TEXT = "Größe: 5 units"
BOTH = Signers(tuple((name, PublicKey(public_key(name))) for name in (TESTER, SECOND)), plan=2, release=0)


def by(name: str, text: str = TEXT) -> str:
    return sign(text, key_of(name))


def test_a_signature_holds_for_its_text_and_its_key_alone() -> None:
    signature = by(TESTER)
    assert is_valid(TEXT, signature, PublicKey(public_key(TESTER)))
    assert not is_valid(TEXT + " ", signature, PublicKey(public_key(TESTER)))
    assert not is_valid(TEXT, signature, PublicKey(public_key(SECOND)))
    assert not is_valid(TEXT, "A Tester", PublicKey(public_key(TESTER)))


def test_a_signature_made_for_another_purpose_is_none(tmp_path: Path) -> None:
    """Such as one under a commit: the namespace is part of what is signed."""
    (tmp_path / "text").write_text(TEXT)
    command = [
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-n",
        "git",
        "-f",
        str(key_of(TESTER)),
        str(tmp_path / "text"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert not is_valid(TEXT, (tmp_path / "text.sig").read_text(), PublicKey(public_key(TESTER)))


def test_a_signature_made_by_hand_as_the_help_says_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    command = ["ssh-keygen", "-Y", "sign", "-n", NAMESPACE, "-f", str(key_of(TESTER)), str(tmp_path / "text")]
    subprocess.run(command, check=True, capture_output=True)
    assert is_valid(TEXT, (tmp_path / "text.sig").read_text(), PublicKey(public_key(TESTER)))


def test_enough_signers_are_as_many_as_the_policy_asks_for_each_with_a_key_of_their_own() -> None:
    BOTH.check(TEXT, {TESTER: by(TESTER), SECOND: by(SECOND)}, 2)
    for signatures, words in (
        ({TESTER: by(TESTER)}, "needs the signatures of 2"),
        ({TESTER: by(TESTER), SECOND: by(TESTER)}, f"signature of '{SECOND}'"),
        ({TESTER: by(TESTER), "Third": by(SECOND)}, "'Third' is no signer"),
        ({TESTER: by(TESTER), SECOND: by(SECOND, "another text")}, "not over this text"),
    ):
        with pytest.raises(BudgetRefused, match=words):
            BOTH.check(TEXT, signatures, 2)


@pytest.mark.parametrize(("kind", "needed"), [("plan", 2), ("study", 2), ("approved", 1), ("withdrawn", 1)])
def test_every_agreement_needs_at_least_one_signature(kind: str, needed: int) -> None:
    assert BOTH.needed(kind) == needed
    assert Signers(BOTH.keys, plan=2, release=3).needed("approved") == 3


def test_what_is_signed_is_bound_to_the_ledger_and_the_kind_and_leaves_the_signatures_out() -> None:
    body = {"b": 1, "a": "ä"}
    text = text_to_sign("ledger1", "plan", body)
    assert text == '{"body":{"a":"ä","b":1},"kind":"plan","ledger":"ledger1"}'
    assert text_to_sign("ledger1", "plan", {**body, "signatures": {"x": "y"}}) == text
    assert len({text, text_to_sign("ledger2", "plan", body), text_to_sign("ledger1", "study", body)}) == 3


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 ###", "-----BEGIN OPENSSH PRIVATE KEY-----", "A B"]
)
def test_what_is_no_public_key_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="OpenSSH public key"):
        PublicKey.parse(line)


def test_a_key_that_cannot_sign_is_one_sentence_that_does_not_repeat_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key at all, S3CRET")
    with pytest.raises(Refusal, match="could not sign") as refused:
        sign(TEXT, tmp_path / "key")
    assert "S3CRET" not in str(refused.value)


def test_a_fingerprint_is_what_openssh_says(tmp_path: Path) -> None:
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(key_of(TESTER).with_suffix(".pub"))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert fingerprint(PublicKey(public_key(TESTER))) == told.stdout.split()[1]
    with pytest.raises(Refusal, match="no OpenSSH public key"):
        fingerprint(PublicKey("ssh-ed25519 AAAA"))


def test_a_machine_without_ssh_keygen_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Refusal, match="openssh-client"):
        sign(TEXT, key_of(TESTER))


def test_a_signature_with_words_beside_it_is_none() -> None:
    """ssh-keygen overlooks them, and the ledger would hold them for ever."""
    for spoilt in (by(TESTER) + "P005 was ill\n", "P005\n" + by(TESTER)):
        assert not is_valid(TEXT, spoilt, PublicKey(public_key(TESTER)))
