"""Erasing, joining and rotating: rows and charged states go along, in every order of crashes."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipelines.home import Home
from pipelines.people import erase, join, readmit, rotate_key
from pipelines.pseudonyms import next_key, pseudonyms_for
from pipelines.warehouse import connect, rewrite
from privacy.bounding import prepare
from privacy.errors import Refusal

ROW = "insert into staff values (1, ?, ?, 'A1', 'worker', date '2025-01-01', null, 37.5, false)"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two people with a row and a charge each."""
    home = Home(tmp_path / "home")
    home.make_folders()
    with warehouse_of(home) as warehouse:
        names = pseudonyms_for(home, warehouse)
        for line, person in enumerate(("ann", "bob")):
            warehouse.execute(ROW, [line, names.of(person)])
            warehouse.execute(
                "insert into charged values ('c', 'item', 5, ?, ?, false)", [names.of(person), 3]
            )
    return home


@contextmanager
def warehouse_of(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(home) as warehouse:
        prepare(warehouse)
        yield warehouse


def found(home: Home) -> tuple[list[str], list[str]]:
    """The pseudonyms with rows, and those with charges."""
    with warehouse_of(home) as warehouse:
        rows = warehouse.execute("select person from staff order by line").fetchall()
        charges = warehouse.execute("select person from charged order by rowid").fetchall()
    return [row[0] for row in rows], [row[0] for row in charges]


def names(home: Home, *ids: str) -> list[str]:
    with warehouse_of(home) as warehouse:
        known = pseudonyms_for(home, warehouse)
        return [known.of(each) for each in ids]


def test_erasing_takes_the_rows_and_leaves_the_charged_squares(home: Home) -> None:
    ann, bob = names(home, "ann", "bob")
    assert erase(home, " ann\n")["staff"] == 1
    assert found(home) == ([bob], [ann, bob])
    assert erase(home, "ann")["staff"] == 0


def test_joining_puts_rows_and_charges_under_one_pseudonym_for_good(home: Home) -> None:
    ann = names(home, "ann")[0]
    join(home, "ann", "bob")
    assert found(home) == ([ann, ann], [ann, ann])
    assert names(home, "bob", "ann") == [ann, ann], "files that name the old id count under the new one"
    with pytest.raises(Refusal, match="same person already"):
        join(home, "bob", "ann")


def test_joins_follow_each_other(home: Home) -> None:
    join(home, "bob", "cid")
    join(home, "ann", "bob")
    ann = names(home, "ann")[0]
    assert names(home, "bob", "cid") == [ann, ann]


@pytest.mark.parametrize("verb", [lambda home: erase(home, " \n"), lambda home: join(home, "ann", "")])
def test_an_empty_id_is_refused(home: Home, verb) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refusal, match="No id was given"):
        verb(home)


def test_a_rotated_key_gives_everybody_a_new_pseudonym_and_brings_states_and_joins_along(home: Home) -> None:
    join(home, "ann", "old-ann")
    before = names(home, "ann", "bob", "old-ann")
    assert rotate_key(home) == 3
    after = names(home, "ann", "bob", "old-ann")
    assert not set(before) & set(after) and after[0] == after[2]
    assert found(home) == (after[:2], after[:2])
    assert rotate_key(home) == 3 and found(home)[1] == names(home, "ann", "bob")


def test_a_key_of_before_a_rotation_is_refused(home: Home) -> None:
    older = home.pseudonym_key.read_bytes()
    rotate_key(home)
    home.pseudonym_key.unlink()
    home.pseudonym_key.write_bytes(older)
    home.pseudonym_key.chmod(0o400)
    with pytest.raises(Refusal, match="another one than this warehouse's"):
        names(home, "ann")


class PowerCut(BaseException):
    pass


def test_a_rotation_cut_off_before_the_warehouse_changed_leaves_the_old_key(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(home, "ann", "bob")

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr("pipelines.people.rename_people", cut)
        rotate_key(home)
    assert next_key(home.pseudonym_key).exists()
    assert names(home, "ann", "bob") == before == found(home)[1]
    assert not next_key(home.pseudonym_key).exists()


def test_a_rotation_cut_off_after_the_warehouse_changed_is_finished_by_whoever_opens_it_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names(home, "ann", "bob")

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr("pipelines.people.put_in_place", cut)
        rotate_key(home)
    after = names(home, "ann", "bob")
    assert not set(before) & set(after) and found(home)[1] == after
    assert not next_key(home.pseudonym_key).exists()


def test_a_warehouse_without_people_has_no_key_to_rotate(tmp_path: Path) -> None:
    empty = Home(tmp_path / "empty")
    with pytest.raises(Refusal, match="nobody yet"):
        rotate_key(empty)


def test_an_id_that_is_a_number_is_found_as_the_roster_reads_it(home: Home) -> None:
    """Else joining 0001 and 2.0 would tie two phantoms, and the two people kept a cap each."""
    with warehouse_of(home) as warehouse:
        warehouse.execute("insert into id_format values ('number')")
        one, two = (pseudonyms_for(home, warehouse).of(each) for each in ("1", "2"))
        for line, person in enumerate((one, two), 2):
            warehouse.execute(ROW, [line, person])
    join(home, "0001", "2.0")
    assert found(home)[0][2:] == [one, one]
    assert erase(home, "002\n")["staff"] == 2


def test_joining_ids_that_nobody_has_is_refused_and_one_still_to_come_is_told(home: Home) -> None:
    with pytest.raises(Refusal, match="Neither id is found"):
        join(home, "nobody", "somebody")
    assert not join(home, "ann", "still to come") and join(home, "ann", "bob")


def test_an_erased_person_stays_out_under_every_later_key_and_is_not_joined_back(home: Home) -> None:
    erase(home, "ann")
    rotate_key(home)
    with pytest.raises(Refusal, match="of an erased person"):
        join(home, "bob", "ann")
    readmit(home, "ann")
    with pytest.raises(Refusal, match="Nobody of that id was erased"):
        readmit(home, "ann")
    assert join(home, "bob", "ann")


def test_an_id_that_nobody_has_is_not_kept_out(home: Home) -> None:
    """A slip of the pen would keep out whoever gets that id one day."""
    erase(home, "nobody")
    with pytest.raises(Refusal, match="Nobody of that id was erased"):
        readmit(home, "nobody")


ROLE = "a role of one"


@pytest.mark.parametrize("take_out", [lambda home: erase(home, "ann"), rotate_key])
def test_no_byte_of_what_was_taken_out_stays_in_the_warehouse_and_every_table_is_carried_over(
    home: Home, take_out
) -> None:  # type: ignore[no-untyped-def]
    with warehouse_of(home) as warehouse:
        ann = pseudonyms_for(home, warehouse).of("ann")
        warehouse.execute(ROW.replace("'worker'", f"'{ROLE}'"), [9, ann])
        before = warehouse.execute("select database_name, sql from duckdb_tables() order by sql").fetchall()
    gone = ann.encode() if take_out is rotate_key else ROLE.encode()
    assert gone in home.warehouse.read_bytes()
    take_out(home)
    assert gone not in home.warehouse.read_bytes()
    assert stat.S_IMODE(home.warehouse.stat().st_mode) == 0o600
    assert not [path for path in home.protected.iterdir() if "draft" in path.name or "wal" in path.name]
    with warehouse_of(home) as warehouse:
        query = "select database_name, sql from duckdb_tables() order by sql"
        assert warehouse.execute(query).fetchall() == before
        with pytest.raises(duckdb.ConstraintException):
            warehouse.execute("insert into acknowledged values ('c'), ('c')")


def test_an_erasure_cut_off_before_the_new_file_is_in_place_is_finished_by_the_same_command(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warehouse_of(home) as warehouse:
        ann = pseudonyms_for(home, warehouse).of("ann")
        warehouse.execute(ROW.replace("'worker'", f"'{ROLE}'"), [9, ann])

    def cut(*_: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setattr("pipelines.warehouse.put_in_place", cut)
        erase(home, "ann")
    assert ROLE.encode() in home.warehouse.read_bytes()
    assert erase(home, "ann")["staff"] == 0
    files = [path for path in home.protected.rglob("*") if path.is_file()]
    assert not [path for path in files if ROLE.encode() in path.read_bytes()]


def test_where_the_new_file_cannot_be_written_it_is_said_that_bytes_stay(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.warehouse.statement", lambda _: "copy from database stored to nowhere")
    with pytest.raises(Refusal, match="make room for a second one"):
        rewrite(home)
