"""Ids become keyed hashes, and the key is guarded: made once, private, never silently replaced."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from pathlib import Path

import pytest

from pipelines.home import Home
from pipelines.loads import Load, store
from pipelines.pseudonyms import Pseudonyms, pseudonyms_for
from pipelines.warehouse import connect
from privacy.bounding import prepare as prepare_charges
from privacy.errors import Refusal

KEY = bytes(range(32))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make_folders()
    return home


def test_a_pseudonym_is_the_hmac_of_the_stripped_id() -> None:
    expected = hmac.new(KEY, b"E-0042", hashlib.sha256).hexdigest()
    assert Pseudonyms(KEY).of(" E-0042 ") == Pseudonyms(KEY).of("E-0042") == expected
    assert Pseudonyms(KEY).of("  ") == ""
    assert Pseudonyms(bytes(32)).of("E-0042") != expected


def test_nothing_printed_shows_the_key() -> None:
    assert KEY.hex() not in repr(Pseudonyms(KEY)) and repr(KEY) not in repr(Pseudonyms(KEY))


def test_the_key_is_made_once_and_is_its_owners_alone(home: Home) -> None:
    with connect(home) as warehouse:
        first = pseudonyms_for(home, warehouse).of("a")
        assert home.pseudonym_key.stat().st_mode & 0o777 == 0o400
        assert len(home.pseudonym_key.read_bytes()) == 32
        assert pseudonyms_for(home, warehouse).of("a") == first


def test_a_dry_run_makes_no_key(home: Home) -> None:
    with connect(home) as warehouse:
        one = pseudonyms_for(home, warehouse, dry_run=True).of("a")
        assert one != pseudonyms_for(home, warehouse, dry_run=True).of("a")
    assert not home.pseudonym_key.exists()


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o700, 0o660])
def test_a_key_that_others_may_use_is_refused(home: Home, mode: int) -> None:
    home.pseudonym_key.write_bytes(KEY)
    home.pseudonym_key.chmod(mode)
    with connect(home) as warehouse, pytest.raises(Refusal, match="chmod 400"):
        pseudonyms_for(home, warehouse)


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_private_key_is_used(home: Home, mode: int) -> None:
    home.pseudonym_key.write_bytes(KEY)
    home.pseudonym_key.chmod(mode)
    with connect(home) as warehouse:
        assert pseudonyms_for(home, warehouse).of("a") == Pseudonyms(KEY).of("a")


def test_a_truncated_key_is_refused(home: Home) -> None:
    home.pseudonym_key.write_bytes(KEY[:31])
    home.pseudonym_key.chmod(0o400)
    with connect(home) as warehouse, pytest.raises(Refusal, match="32 bytes"):
        pseudonyms_for(home, warehouse)


def test_a_lost_key_is_not_replaced_while_people_are_stored_under_it(home: Home) -> None:
    load = Load(
        1, "staff", "a.csv", "", "", "", 1, 1, 0, 0, "2026-01", "2026-01", None, None, date(2026, 2, 1)
    )
    with connect(home) as warehouse:
        store(warehouse, load)
        with pytest.raises(Refusal, match="restore the key"):
            pseudonyms_for(home, warehouse)


def test_a_lost_key_is_not_replaced_while_anything_is_charged_under_it(home: Home) -> None:
    with connect(home) as warehouse:
        prepare_charges(warehouse)
        pseudonyms_for(home, warehouse, dry_run=True)
        warehouse.execute("insert into charged values ('c', 'i', 1, 'p', 1, false)")
        with pytest.raises(Refusal, match="restore the key"):
            pseudonyms_for(home, warehouse, dry_run=True)
