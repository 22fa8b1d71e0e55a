"""The words of a mapping: which headings may be read, what the words of a column mean, which rows count."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.exports import PERSON_ID, Column, Export, Kind
from pipelines.forbidden import why_forbidden
from privacy.errors import BadExport

Words = Mapping[str, str]


def as_table(value: object, where: str) -> Mapping[str, object]:
    """The same value. Raises BadExport where it is no table."""
    if not isinstance(value, dict):
        raise BadExport(f"{where} must be a table of keys and values.")
    return value


def check_allowed(heading: str, export: Export, where: str) -> None:
    """Raises BadExport for a heading that is empty, or of what is never read."""
    if not heading:
        raise BadExport(f"{where}: a heading is empty; write it as it stands in the file.")
    if found := why_forbidden(heading, export.name):
        raise BadExport(
            f"{where} names '{heading}', which looks like {found.what} and is never read "
            f"({found.reason}); take it out of the mapping."
        )


def read_values(
    export: Export, columns: Words, tables: Mapping[str, object], where: str, mark: str | None = None
) -> Mapping[str, Words]:
    """What the words of each column mean.

    With a decimal ``mark``, words may mean amounts; these are then written with it, as those in the file are.

    Raises:
        BadExport: a column cannot hold what they mean.
    """
    return {
        name: _value_map(export, name, columns, table, f"{where} values.{name}", mark)
        for name, table in tables.items()
    }


def _value_map(
    export: Export, name: str, columns: Words, table: object, where: str, mark: str | None
) -> Words:
    if name not in columns or name == PERSON_ID:
        raise BadExport(f"{where} must belong to a mapped column other than person_id.")
    words, column = as_table(table, where), export.column(name)
    is_amount = column.kind in (Kind.DECIMAL, Kind.INTEGER)
    only_empty = column.kind is Kind.DATE or (is_amount and mark is None)
    for word in words.values():
        if not isinstance(word, str) or (word and only_empty) or not (column.accepts(word) or not word):
            raise BadExport(
                f"{where} maps to a text that the column does not hold: "
                + ("only an empty text is possible here." if only_empty else _may_hold(column))
            )
    sign = (mark or ".") if is_amount else "."
    return {text.strip(): str(word).replace(".", sign) for text, word in words.items()}


def _may_hold(column: Column) -> str:
    if column.kind in (Kind.DECIMAL, Kind.INTEGER):
        return f'it may hold {column.limits} {column.unit}, such as "{column.high}".'
    if column.kind is Kind.TEXT:
        return "it must be a text in quotes."
    return f"it may hold {', '.join(column.choices or ('true', 'false'))}."


def read_row_rule(export: Export, table: Mapping[str, object], where: str) -> Mapping[str, frozenset[str]]:
    """The words by which rows count or do not, by heading. Raises BadExport for anything but lists."""
    rule = {}
    for heading, texts in table.items():
        check_allowed(heading.strip(), export, where)
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise BadExport(f"{where}: '{heading}' needs a list of texts.")
        rule[heading.strip()] = frozenset(text.strip() for text in texts)
    return rule
