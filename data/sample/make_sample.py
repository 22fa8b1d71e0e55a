"""Write the invented agency's register, exports and their description: ``python make_sample.py [FOLDER]``.

The same bytes each time, on every machine. Needs openpyxl beside the standard library.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agency import Unit, register, units_at_start
from broken import healthy_people
from case_work import all_census, all_exposure
from documents import (
    TEMPLATE,
    authorised_posts,
    broken_table,
    planted_toml,
    plants_table,
    programmes_table,
    table,
)
from files import write_csv
from layouts import Export, absence_exports, census_export, exposure_export, leavers_export, staff_export
from plants import ABSENCE, CASELOAD_STANDARD, LEAVING
from staffing import Person, two_years
from time_away import all_absences

REGISTER_HEADING = (
    "unit_id",
    "name",
    "parent_id",
    "authorised_posts",
    "service_line",
    "valid_from",
    "valid_to",
    "successor_id",
)


@dataclass(frozen=True)
class Sample:
    """The people and what the agency's systems export about them."""

    people: list[Person]
    exports: list[Export]


def simulate() -> Sample:
    """Throw the dice; seconds of work."""
    people = two_years()
    absences = all_absences(people)
    healthy = healthy_people(people, absences)
    exports = [
        staff_export(people, healthy),
        leavers_export(people, healthy),
        *absence_exports(absences, healthy),
        census_export(all_census(people)),
        exposure_export(all_exposure(people, absences), office_worker(people)),
    ]
    return Sample(people, exports)


def office_worker(people: list[Person]) -> str:
    """The id of somebody who never was outside support units."""
    support = {unit.unit_id for unit in units_at_start() if unit.service_line == "support"}
    return next(p.person_id for p in people if all(spell.unit_id in support for spell in p.spells))


def register_row(unit: Unit) -> list[object]:
    days: list[date | None] = [unit.valid_from, unit.valid_to]
    validity = [day.isoformat() if day else "" for day in days]
    return [
        unit.unit_id,
        unit.name,
        unit.parent_id,
        unit.posts,
        unit.service_line,
        *validity,
        unit.successor_id,
    ]


def exports_table(exports: list[Export]) -> str:
    """File, size and form, as the README shows them."""
    rows = []
    for export in exports:
        xlsx = export.file.endswith(".xlsx")
        form = "Excel, second sheet" if xlsx else f"{export.form.encoding}, `{export.form.delimiter}`"
        rows.append((f"`{export.file}`", f"{len(export.rows):,}", form))
    return table(("file", "rows", "form"), rows)


def readme(sample: Sample) -> str:
    planted = [one for export in sample.exports for one in export.planted]
    return TEMPLATE.read_text(encoding="utf-8").format(
        exports=exports_table(sample.exports),
        concurrent=sum(person.has_two_contracts() for person in sample.people),
        rehired=sum(person.came_back() for person in sample.people),
        plants=plants_table(),
        standard=CASELOAD_STANDARD,
        absence=ABSENCE.before,
        leaving=LEAVING.before,
        posts=authorised_posts(),
        programmes=programmes_table(),
        count=len(planted),
        broken=broken_table(planted),
    )


def main(folder: Path) -> None:
    """Write everything below the folder."""
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    sample = simulate()
    for export in sample.exports:
        export.write(exports)
    write_csv(folder / "register.csv", REGISTER_HEADING, map(register_row, register()))
    (folder / "planted.toml").write_text(planted_toml(), encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(readme(sample), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
