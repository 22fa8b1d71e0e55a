"""What is held of one person, for a request of access: rows and contributions, whence and until when."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import duckdb

from pipelines.exports import EXPORTS, STAFF, Export
from pipelines.home import Home
from pipelines.people import is_known, pseudonym_of
from pipelines.retention import months_kept
from pipelines.shown import write_shown
from pipelines.warehouse import connect, statement
from privacy.bounding import prepare
from privacy.errors import Refusal
from privacy.forgetting import WINDOW
from privacy.periods import Period
from privacy.policy import Policy

OPEN_END = date.max.year
INTRODUCTION = """What is held of one person, on {today}

The person's own id is not kept: all of this stands under a keyed hash of it. What was published does not hold
the person. Of a line that was set aside, its file, line and rule are kept with that hash, and one of what it
says, by which a mended row finds it; no value of it. Rows stay for as long as said here, unless they are
corrected in their file, or the person is erased.
"""
CHARGES = """Contributions, {count}

What counted of this person in what was measured: the deviation from a public centre in the measure's smallest
unit (people, quarter-hours, cases), and whether a yearly limit made it smaller. Erasing the person leaves
these, so that the limits still hold.
"""


def show(home: Home, policy: Policy, person_id: str, today: date) -> Path:
    """Write what is held of a person into a file of the protected zone; returns where it lies.

    Raises:
        Refusal: nothing is held under that id, or the warehouse or the policy cannot be used.
    """
    months = months_kept(policy)
    with connect(home) as warehouse:
        prepare(warehouse)
        person = pseudonym_of(home, warehouse, person_id)
        if not is_known(warehouse, person):
            raise Refusal("Nothing is held under that id; see that it is written as the exports write it.")
        parts = [INTRODUCTION.format(today=today)]
        parts += [_section(warehouse, export, person, months[export.name]) for export in EXPORTS.values()]
        parts += [_set_aside(warehouse, person), _mended(warehouse, person)]
        parts.append(_charges(warehouse, person, months[STAFF.name]))
    return write_shown(home, "\n".join(parts))


def _section(warehouse: duckdb.DuckDBPyConnection, export: Export, person: str, months: int) -> str:
    columns = export.stored_names[1:]
    query = statement("shown_rows", export=export.name, columns=", ".join(columns), ended=export.ended)
    rows = warehouse.execute(query, [person]).fetchall()
    header = ("file", "line", "loaded_on", *columns, "kept_until")
    table = _table(header, ((*row[:-1], _kept_until(row[-1], months)) for row in rows))
    return f"{export.name}, {len(rows)} rows\n\n{export.meaning}\n\n{table}"


def _set_aside(warehouse: duckdb.DuckDBPyConnection, person: str) -> str:
    rows = warehouse.execute(statement("shown_set_aside"), [person]).fetchall()
    told = f"Lines set aside, {len(rows)} rows: kept until their file covers no month that is kept\n\n"
    return told + _table(("file", "line", "place", "rule", "column", "reason"), rows)


def _mended(warehouse: duckdb.DuckDBPyConnection, person: str) -> str:
    rows = warehouse.execute(statement("shown_mended"), {"person": person}).fetchall()
    told = f"Mended rows, {len(rows)} rows: kept as long as their file holds what they stand for\n\n"
    return told + _table(("file", "line", "texts"), rows)


def _charges(warehouse: duckdb.DuckDBPyConnection, person: str, months: int) -> str:
    rows = warehouse.execute(statement("shown_charges"), [person]).fetchall()
    told = (
        (
            *row,
            _kept_until(Period.parse(row[1]).last_day, months + WINDOW - 1),
        )
        for row in rows
    )
    header = ("item", "period", "contribution", "is_cut", "kept_until")
    return CHARGES.format(count=len(rows)) + "\n" + _table(header, told)


def _kept_until(ended: date, months: int) -> str:
    if ended.year >= OPEN_END:
        return "while it lasts"
    return str(Period.holding(ended).previous(-months).last_day)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
