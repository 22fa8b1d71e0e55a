"""The page on what is read of people is what the declarations say now."""

from __future__ import annotations

from pipelines.data_read import PAGE, fields, page
from pipelines.exports import EXPORTS


def test_the_page_in_docs_is_written_from_the_declarations() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make data-read"


def test_every_column_of_every_export_is_told_with_what_it_is_for() -> None:
    told = {(row["export"], row["column"]): row["why"] for row in fields()}
    assert set(told) == {
        (export.name, column.name) for export in EXPORTS.values() for column in export.columns
    }
    assert all(why.removeprefix("for the measures ") for why in told.values())
