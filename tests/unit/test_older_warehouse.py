"""A warehouse that an earlier release made is read on: its tables get what they lack."""

from __future__ import annotations

import duckdb

from pipelines.mended import MENDED
from pipelines.warehouse import prepare

EARLIER = """
create table set_aside (load_id integer, line integer, rule varchar, column_name varchar, reason varchar);
create table doubted (
    load_id integer, line integer, rule varchar, column_name varchar, reason varchar, choice varchar
);
create table mended (
    load_id integer not null, content_hash varchar not null, line integer not null,
    is_skipped boolean not null, person varchar not null, texts varchar[] not null
);
insert into set_aside values (1, 2, 'format', 'hours', 'no number');
insert into mended values (1, 'abc', 2, false, 'p', ['7.5']);
"""


def test_tables_of_an_earlier_release_have_the_columns_of_this_one_and_their_rows() -> None:
    """A row mended then knows not of which row it was made, so the next ingest says that it is gone."""
    with duckdb.connect() as earlier, duckdb.connect() as fresh:
        earlier.execute(EARLIER)
        prepare(earlier)
        prepare(fresh)
        for table in ("set_aside", "doubted", MENDED):
            assert set(earlier.table(table).columns) == set(fresh.table(table).columns), table
        assert earlier.execute("select line, rule from set_aside").fetchall() == [(2, "format")]
        assert earlier.execute("select origin_person, person from mended").fetchall() == [("", "p")]
