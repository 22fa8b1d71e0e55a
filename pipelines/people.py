"""What is done about one person or about everybody's pseudonyms: erase, join two ids, rotate the key.

What is charged against a person's caps stays through all of it: each fresh start would cost another ρ.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines.exports import EXPORTS
from pipelines.home import Home
from pipelines.loads import stored_loads, write_set_aside
from pipelines.mended import MENDED
from pipelines.mending import forget_sheets
from pipelines.pseudonyms import (
    KEY_BYTES,
    is_in_use,
    keyed_hash,
    known_id_format,
    next_key,
    plain_id,
    pseudonyms_for,
    read_key,
    remember_key,
)
from pipelines.shown import forget_shown
from pipelines.warehouse import connect, rewrite, statement
from privacy.bounding import prepare, transaction
from privacy.carrying import join_people, known_people, rename_people
from privacy.durable import put_in_place, write_whole
from privacy.errors import Refusal

OF_FILES = (
    *((export, "person") for export in EXPORTS),
    (MENDED, "person"),
    (MENDED, "origin_person"),
    ("set_aside", "origin_person"),
)
ELSEWHERE = (("erased_person", "person"), ("same_person", "gone"), ("same_person", "kept"))


def erase(home: Home, person_id: str) -> Mapping[str, int]:
    """Take out all rows of a person, and every sheet of rows set aside; returns how many of each export.

    No byte of them stays in the warehouse's file, and they stay out, whichever file brings them, until
    :func:`readmit`. The bare pseudonym stays with its charged contributions, so that a person who comes back
    finds the caps as they were.
    """
    forget_sheets(home)
    with connect(home) as warehouse:
        prepare(warehouse)
        person = pseudonym_of(home, warehouse, person_id)
        with transaction(warehouse):
            if is_known(warehouse, person):
                warehouse.execute(statement("keep_out"), [person])
            rows = {export: _rows(warehouse, export, "person", person) for export in EXPORTS}
            for table, column in OF_FILES:
                warehouse.execute(statement("erase_person", table=table, column=column), [person])
        for load in stored_loads(warehouse):
            write_set_aside(home, warehouse, load)
    forget_shown(home)
    rewrite(home)
    return rows


def readmit(home: Home, person_id: str) -> None:
    """Let the rows of an erased person, who has come back, in again: every file is read by the next ingest.

    Raises:
        Refusal: nobody of this id was erased.
    """
    with connect(home) as warehouse:
        prepare(warehouse)
        person = pseudonym_of(home, warehouse, person_id)
        with transaction(warehouse):
            if warehouse.execute(statement("readmit_person"), [person]).fetchone() is None:
                raise Refusal("Nobody of that id was erased here, so there is nobody to let in again.")
            warehouse.execute(statement("forget_settings"))


def join(home: Home, kept_id: str, gone_id: str) -> bool:
    """Two ids are one person from now on: their rows, and what both have charged, count under the first.

    Every file is read again by the next ingest, since which of its rows overlap has changed; it may not
    wait for somebody else's correction. Returns whether both ids were found here.

    Raises:
        Refusal: an id is empty, none is found, one was erased, or both are the same person already.
    """
    with connect(home) as warehouse:
        prepare(warehouse)
        kept, gone = (pseudonym_of(home, warehouse, each) for each in (kept_id, gone_id))
        if kept == gone:
            raise Refusal("Both ids are the same person already; there is nothing to join.")
        if warehouse.execute(statement("is_erased"), [kept, gone]).fetchone():
            raise Refusal(
                "One of the ids is of an erased person, whom a join would bring back: let that person in "
                "again first with 'leeward erase --readmit', or keep the ids apart."
            )
        found = [is_known(warehouse, person) for person in (kept, gone)]
        if not any(found):
            raise Refusal("Neither id is found here, so there is nothing to join; see that both are right.")
        with transaction(warehouse):
            warehouse.execute(statement("forget_settings"))
            for table, column in OF_FILES:
                warehouse.execute(statement("join_person", table=table, column=column), [kept, gone])
            warehouse.execute(statement("join_ids"), {"kept": kept, "gone": gone})
            join_people(warehouse, kept=kept, gone=gone)
        return all(found)


def rotate_key(home: Home) -> int:
    """Give everybody a new pseudonym by one more key; returns how many people there are.

    The old key is needed for new files still, but does not lead to anybody in the warehouse any more. A
    crash leaves either the old key with the old pseudonyms, or both new.

    Raises:
        Refusal: there is nobody whose pseudonym could change.
    """
    path = home.pseudonym_key
    with connect(home) as warehouse:
        prepare(warehouse)
        if not is_in_use(warehouse):
            raise Refusal("The warehouse holds nobody yet, so there is no key to rotate.")
        pseudonyms_for(home, warehouse)
        fresh = os.urandom(KEY_BYTES)
        keys = read_key(path) + fresh
        write_whole(next_key(path), keys, 0o400)
        with transaction(warehouse):
            people = _rename_everybody(warehouse, fresh)
            remember_key(warehouse, keys)
        put_in_place(next_key(path), path)
    forget_shown(home)
    rewrite(home)
    return people


def pseudonym_of(home: Home, warehouse: duckdb.DuckDBPyConnection, person_id: str) -> str:
    """The pseudonym of an id as the exports write it. Raises Refusal where there is no id."""
    if not person_id.strip():
        raise Refusal("No id was given; write it on standard input, each id on a line of its own.")
    return pseudonyms_for(home, warehouse).of(plain_id(person_id, known_id_format(warehouse)))


def is_known(warehouse: duckdb.DuckDBPyConnection, person: str) -> bool:
    """Whether anything is held under a pseudonym, be it a row set aside."""
    return person in known_people(warehouse) or any(_rows(warehouse, *each, person) for each in OF_FILES)


def _rows(warehouse: duckdb.DuckDBPyConnection, table: str, column: str, person: str) -> int:
    row = warehouse.execute(statement("person_rows", table=table, column=column), [person]).fetchone()
    return int(row[0]) if row else 0


def _rename_everybody(warehouse: duckdb.DuckDBPyConnection, key: bytes) -> int:
    found = set(known_people(warehouse))
    for table, column in (*OF_FILES, *ELSEWHERE):
        query = statement("all_people", table=table, column=column)
        found |= {person for (person,) in warehouse.execute(query).fetchall() if person}
    people = sorted(found)
    table = pa.table({"person": people, "fresh": [keyed_hash(person, key) for person in people]})
    warehouse.register("renamed", table)
    for name, column in (*OF_FILES, *ELSEWHERE):
        warehouse.execute(statement("rename_rows", table=name, column=column))
    rename_people(warehouse)
    warehouse.unregister("renamed")
    return len(people)
