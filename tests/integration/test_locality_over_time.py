"""Locality over time: what is stored of others is the same whatever is corrected or undone of one person.

A correction brings on a reading of files that are otherwise left as they are. Each case is a run of steps
that are the same for everybody else, once with the person in the files and once without.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ingest_folder import KEY, MANIFEST, MAPPING, TABLES, Agency

from pipelines.mending import store_mended, write_sheets
from pipelines.people import erase, readmit
from pipelines.pseudonyms import Pseudonyms
from pipelines.retention import retain
from privacy.policy import Policy

STAFF, ABSENCE = "Id,Unit,Job,From,To,Hours\n", "Id,From,To,Lost\n"
ROSTER_AND_ABSENCES = (
    MAPPING[: MAPPING.index("[exports.separations]")]
    + MAPPING[MAPPING.index("[exports.absences]") : MAPPING.index("[exports.caseload]")]
)
Steps = Callable[[Agency, Callable[[str], str]], None]


def corrected_beside_a_mended_row(agency: Agency, of_p: Callable[[str], str]) -> None:
    """HR corrects p's row in the file of which a row of q was mended; p's new row also moves q's line."""
    agency.put("staff.csv", STAFF + "q,U1,w,2025-01-01,,37\n" + of_p("p,U1,w,2025-01-01,,37\n"))
    agency.put("absence 1.csv", ABSENCE + of_p("p,2026-01-05,2026-01-05,8\n") + "q,2026-02-05,2026-02-04,8\n")
    agency.ingest()
    sheet = next(each.path for each in write_sheets(agency.home, agency.folder) if each.path)
    mended = agency.home.protected / "mended.csv"
    mended.write_text(sheet.read_text(encoding="utf-8-sig").replace("2026-02-04", "2026-02-05"))
    store_mended(agency.home, mended)
    agency.ingest()
    more = of_p("p,2026-01-05,2026-01-05,7\np,2026-01-06,2026-01-06,7\n")
    agency.put("absence 1.csv", ABSENCE + more + "q,2026-02-05,2026-02-04,8\n")
    agency.ingest()


def corrected_after_files_came_one_by_one(agency: Agency, of_p: Callable[[str], str]) -> None:
    """q's spells in two files contradict each other; which one counted hung on what came first."""
    agency.put("absence 1.csv", ABSENCE + "q,2026-02-05,2026-02-05,8\n")
    agency.put("staff.csv", STAFF + "q,U1,w,2026-02-01,,37\n")
    agency.ingest()
    (agency.folder / "staff.csv").unlink()
    agency.put("staff 2.csv", STAFF + "q,U1,w,2025-06-01,2026-02-20,20\n" + of_p("p,U1,w,2025-01-01,,30\n"))
    agency.map(agency.home.mapping.read_text().replace('"staff.csv"', '"staff*.csv"'))
    agency.ingest()
    agency.put("staff.csv", STAFF + "q,U1,w,2026-02-01,,37\n")
    agency.put("staff 2.csv", STAFF + "q,U1,w,2025-06-01,2026-02-20,20\n" + of_p("p,U1,w,2025-01-01,,31\n"))
    agency.ingest()


def kept_no_longer(agency: Agency, of_p: Callable[[str], str], *, last: Callable[[Agency], None]) -> None:
    """What kept a spell of q out is past its time; then something is done about p."""
    spells = "q,U1,w,2018-01-01,2022-12-31,20\nq,U1,w,2022-01-01,,37\n"
    agency.put("staff.csv", STAFF + spells + of_p("p,U1,w,2025-01-01,,30\n"))
    agency.put("absence 1.csv", ABSENCE + "q,2026-02-05,2026-02-05,8\n")
    agency.ingest()
    retain(agency.home, cast(Policy, SimpleNamespace(months_kept={})), date(2026, 4, 1))
    agency.ingest()
    if of_p("p"):
        last(agency)
    agency.ingest()


def kept_no_longer_then_corrected(agency: Agency, of_p: Callable[[str], str]) -> None:
    kept_no_longer(agency, of_p, last=lambda agency: agency.change("staff.csv", ",,30", ",,31"))


def kept_no_longer_then_back(agency: Agency, of_p: Callable[[str], str]) -> None:
    def erase_and_readmit(agency: Agency) -> None:
        erase(agency.home, "p")
        readmit(agency.home, "p")

    kept_no_longer(agency, of_p, last=erase_and_readmit)


CASES: list[Steps] = [
    corrected_beside_a_mended_row,
    corrected_after_files_came_one_by_one,
    kept_no_longer_then_corrected,
    kept_no_longer_then_back,
]


@pytest.mark.parametrize("steps", CASES, ids=lambda steps: steps.__name__)
def test_what_is_done_about_one_person_changes_nobody_elses_rows(tmp_path: Path, steps: Steps) -> None:
    found = {}
    for name, of_p in {"with": lambda rows: rows, "without": lambda _: ""}.items():
        agency = Agency.empty(tmp_path / name, ROSTER_AND_ABSENCES)
        agency.put("manifest.toml", MANIFEST)
        steps(agency, of_p)
        found[name] = of_others(agency)
    assert found["with"] == found["without"]
    assert any(found["with"].values())


def of_others(agency: Agency) -> dict[str, list[tuple[Any, ...]]]:
    """The stored rows of everybody but p, without the numbers of their lines."""
    person, stored = Pseudonyms(KEY).of("p"), agency.stored()
    return {name: sorted(row[2:] for row in stored[name] if person not in row) for name in TABLES}
