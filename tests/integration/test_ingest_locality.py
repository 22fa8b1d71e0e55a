"""Locality: what becomes of a person's rows depends on that person's rows and public tables alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_folder import FILES, KEY, TABLES, Agency

from pipelines.pseudonyms import Pseudonyms

PEOPLE = ("p1", "p2", "p3", "p4", "p9")
# p4 repeats rows of p1 word for word and overlaps p1's and p3's spells.
MORE = {
    "absence 1.csv": "p4,2026-01-05,2026-01-06,15\np3,2026-01-01,2026-01-31,8\n",
    "cases.csv": "p4,2026-01-31,15,6\np2,2026-01-31,15,6\n",
    "staff.csv": "p4,U1,worker,2025-01-01,,37.5\n",
}


def outcome(root: Path, without: str | None) -> dict[str, set[tuple[object, ...]]]:
    """Accepted rows by table without load and line, and the texts of the lines set aside."""
    root.mkdir()
    agency = Agency(root)
    agency.keep_key()
    for name, text in FILES.items():
        lines = (text + MORE.get(name, "")).splitlines()
        kept = [line for line in lines if not without or not line.startswith(without)]
        agency.put(name, "\n".join(kept) + "\n")
    agency.ingest()
    stored = agency.stored()
    accepted = {name: {row[2:] for row in stored[name]} for name in TABLES}
    names = {load[0]: load[2] for load in stored["load"]}
    texts = {name: (agency.folder / name).read_text().splitlines() for name in names.values()}
    aside = {(names[i], texts[names[i]][line - 1], rule) for i, line, rule, *_ in stored["set_aside"]}
    return accepted | {"set_aside": aside}


def of_others(found: dict[str, set[tuple[object, ...]]], person: str) -> dict[str, set[tuple[object, ...]]]:
    pseudonym = Pseudonyms(KEY).of(person)
    kept = {name: {row for row in rows if pseudonym not in row} for name, rows in found.items()}
    kept["set_aside"] = {row for row in found["set_aside"] if not str(row[1]).startswith(person)}
    return kept


@pytest.mark.parametrize("person", PEOPLE)
def test_removing_a_person_changes_nobody_elses_rows(tmp_path: Path, person: str) -> None:
    everybody, fewer = outcome(tmp_path / "all", None), outcome(tmp_path / "fewer", person)
    assert fewer == of_others(everybody, person)
    assert everybody != fewer
