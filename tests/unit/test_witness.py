"""The witness: a rollback, a fork or a lost witness stops every draw, in a sentence that says what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from privacy.entries import Head
from privacy.errors import LedgerRefused
from privacy.ledger import Ledger
from privacy.plan import PlanItem
from privacy.witness import Witness, default_witness

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]


@pytest.fixture
def witness(tmp_path: Path, ledger: Ledger) -> Witness:
    fresh = Witness(tmp_path / "elsewhere" / "heads")
    fresh.begin(ledger.records.head)
    return fresh


def test_a_witness_remembers_each_head_once(witness: Witness, sign: Sign, make_item: Make) -> None:
    ledger = sign(make_item())
    witness.see(ledger.records)
    witness.see(ledger.records)
    assert [head.seq for head in witness.heads()] == [1, 3]
    witness.check(ledger.records)


def test_a_witness_is_its_owners_alone_also_where_it_was_put_back_more_open(
    witness: Witness, sign: Sign, make_item: Make
) -> None:
    assert witness.path.stat().st_mode & 0o777 == 0o600
    witness.path.chmod(0o644)
    witness.see(sign(make_item()).records)
    assert witness.path.stat().st_mode & 0o777 == 0o600


def test_a_ledger_that_is_ahead_of_its_witness_is_fine(witness: Witness, sign: Sign, make_item: Make) -> None:
    witness.check(sign(make_item()).records)


def test_an_older_copy_put_back_is_refused(
    witness: Witness, ledger: Ledger, sign: Sign, make_item: Make, tmp_path: Path
) -> None:
    older = ledger.records.up_to(1)
    witness.see(sign(make_item()).records)
    with pytest.raises(LedgerRefused, match="older copy was put back"):
        witness.check(older)


def test_another_history_is_refused(witness: Witness, sign: Sign, make_item: Make, tmp_path: Path) -> None:
    witness.see(sign(make_item()).records)
    with Ledger.create(tmp_path / "fork.sqlite", "Testers", code="0") as fork:
        for _ in range(5):
            fork.append("closed", {"year": "2025-07", "item": "x"})
        with pytest.raises(LedgerRefused, match="forked"):
            witness.check(fork.records)
        with pytest.raises(LedgerRefused, match="forked"):
            witness.see(fork.records)
    assert len(witness.heads()) == 2


def test_an_entry_changed_between_two_heads_seen_is_refused(
    witness: Witness, sign: Sign, make_item: Make, tmp_path: Path
) -> None:
    """The newest head alone does not show it: the chain up to it must hang together."""
    ledger = sign(make_item())
    witness.see(ledger.records)
    copy = tmp_path / "copy.sqlite"
    ledger.close()
    shutil.copy(ledger.path, copy)
    with closing(sqlite3.connect(copy)) as raw:
        raw.execute("drop trigger entry_is_not_changed")
        raw.execute("update entry set line = replace(line, 'Board paper', 'Bored paper') where seq = 2")
        raw.commit()
    with Ledger(copy, code="0") as changed, pytest.raises(LedgerRefused):
        witness.check(changed.records)


@pytest.mark.parametrize("text", ["", "rubbish\n", "1:abc\n", "1:" + "0" * 63 + "\n"])
def test_an_unreadable_witness_is_refused_and_says_what_to_do(
    witness: Witness, ledger: Ledger, text: str
) -> None:
    witness.path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerRefused, match="leeward audit witness"):
        witness.check(ledger.records)


@pytest.mark.parametrize("torn", [b"3", b"3:0123", b"\xff\xfe", bytes(40)])
def test_a_head_that_a_crash_cut_off_is_forgotten(
    witness: Witness, sign: Sign, make_item: Make, torn: bytes
) -> None:
    """Nobody was told of it, since it was never whole; the next head stands in its place."""
    with open(witness.path, "ab") as file:
        file.write(torn)
    ledger = sign(make_item())
    witness.see(ledger.records)
    assert [head.seq for head in witness.heads()] == [1, 3]
    assert witness.path.read_bytes().count(b"\n") == 2


def test_a_witness_that_holds_but_a_part_of_its_first_head_is_refused(
    witness: Witness, ledger: Ledger
) -> None:
    """It is begun whole, so no crash leaves that."""
    witness.path.write_text(str(ledger.records.head)[:-1], encoding="utf-8")
    with pytest.raises(LedgerRefused, match="missing or unreadable"):
        witness.check(ledger.records)


def test_a_whole_head_counts_whether_an_editor_left_its_line_break_or_not(
    witness: Witness, ledger: Ledger
) -> None:
    witness.path.write_text("1:" + "0" * 64, encoding="utf-8")
    with pytest.raises(LedgerRefused, match="forked or changed"):
        witness.check(ledger.records)
    witness.path.write_text(str(ledger.records.head), encoding="utf-8")
    ledger.append("restored", {"abandoned": [], "burnt_before": ""})
    witness.see(ledger.records)
    assert [head.seq for head in witness.heads()] == [1, 2]


def test_a_missing_witness_is_refused_and_says_what_to_do(witness: Witness, ledger: Ledger) -> None:
    witness.path.unlink()
    for step in (witness.check, witness.see):
        with pytest.raises(LedgerRefused, match="missing or unreadable"):
            step(ledger.records)
    assert not witness.path.exists()


def test_a_head_that_no_ledger_has_is_refused(witness: Witness, ledger: Ledger) -> None:
    """Entries are numbered from 1; a head 0 must not be looked up from the other end."""
    witness.path.write_text(f"0:{ledger.records.head.hash}\n", encoding="utf-8")
    with pytest.raises(LedgerRefused):
        witness.check(ledger.records)


def test_a_witness_is_never_begun_over_another(witness: Witness, ledger: Ledger) -> None:
    with pytest.raises(LedgerRefused, match="already"):
        witness.begin(ledger.records.head)


def test_a_witness_lies_outside_the_home_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LEEWARD_WITNESS", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert default_witness("abc") == tmp_path / "state" / "leeward" / "abc.heads"
    monkeypatch.setenv("LEEWARD_WITNESS", str(tmp_path / "disk" / "heads"))
    assert default_witness("abc") == tmp_path / "disk" / "heads"


def test_a_head_reads_back_what_it_writes() -> None:
    head = Head(12, "ab" * 32)
    assert Head.parse(f"{head}\n") == head
    for text in ("", "12", "12:short", "x:" + "a" * 64, "-1:" + "a" * 64):
        with pytest.raises(ValueError, match="head is written"):
            Head.parse(text)
