"""Whatever one person's free text holds, the rows of others are read as if it were not there, or none is."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.formats.delimited import delimited_rows
from pipelines.layout import Layout
from privacy.errors import BadExport

HEADER = "Id,Hours,Note\n"
NOTES = st.lists(st.sampled_from(['"', '""', ",", "a", " ", "'", "\\", '"\n"', '\n"']), max_size=5).map(
    "".join
)
Rows = list[tuple[str, str]]


def read(rows: Rows, *, line_breaks: bool) -> list[list[str]] | None:
    """The rows of others than p as they are read, None where the file is refused."""
    text = HEADER + "".join(f"{who},7,{note}\n" for who, note in rows)
    mapping = SimpleNamespace(encoding="utf-8", delimiter=None, layout=Layout(line_breaks=line_breaks))
    try:
        found = list(delimited_rows("a.csv", io.BytesIO(text.encode()), cast(Any, mapping), ","))
    except BadExport:
        return None
    if any(len(cells) != 3 for _, cells in found):
        return None
    return [list(cells) for _, cells in found[1:] if cells[0] != "p"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["p", "q", "r"]), NOTES), min_size=2, max_size=7), st.booleans())
@example([("p", '"flu'), ("q", ""), ("p", 'again"')], True)
@example([("p", '"flu'), ("q", '9"')], True)
@example([("p", '"flu'), ("q", '"x'), ("r", 'y"')], True)
def test_the_rows_of_others_are_the_same_without_a_persons_text_or_the_file_is_refused(
    rows: Rows, line_breaks: bool
) -> None:
    there = read(rows, line_breaks=line_breaks)
    gone = read([row for row in rows if row[0] != "p"], line_breaks=line_breaks)
    assert there is None or gone is None or there == gone
