"""What rows of one export must find elsewhere: their person in the roster, their unit in the register, their
days in employment. Derived from the declared exports; it only warns, rules decide in :mod:`pipelines.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.exports import STAFF, UNIT_ID, Export
from pipelines.warehouse import statement


@dataclass(frozen=True)
class Relation:
    """One relation: ``holds`` is the SQL condition of a staged row for which it holds."""

    name: str
    holds: str
    meaning: str


def relations_of(export: Export) -> tuple[Relation, ...]:
    """The relations of an export to the register and to the roster."""
    found = []
    if UNIT_ID in export.names:
        unknown = "rows name a unit that is not in the organisation register"
        found.append(Relation("unit_in_register", f"{UNIT_ID} in (from known_unit)", unknown))
    if export is not STAFF:
        unknown = "rows are of a person without a row in the roster"
        found.append(Relation("person_in_roster", "person in (select person from staff)", unknown))
        outside = "rows lie outside their person's employment; see that the roster is whole"
        inside = " and ".join(_is_employed(export, column) for column in dict.fromkeys(export.spell))
        found.append(Relation("inside_employment", inside, outside))
    return tuple(found)


def _is_employed(export: Export, column: str) -> str:
    """Employed on a day; where a row's date only stands for a week or month, on some day of that month."""
    day = f"staged.{column}"
    first, last = (f"date_trunc('month', {day})", f"last_day({day})") if export.grains else (day, day)
    return statement("relation_employed", first=first, last=last)
