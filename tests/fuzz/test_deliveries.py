"""A short form of ``make fuzz-deliveries``: other stories on every run, of which a failure names the seed."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "integration"))

from fuzz.deliveries import FILES, Delivery, Row
from fuzz.steps import Deliver
from fuzz.two_worlds import Ending, compared, lived_through
from pipelines import conversion, ingest
from pipelines.exports import ABSENCES, Export

STORIES = 2
OF_P = Row("p", ("2026-01-05", "2026-01-15", "16"))
OF_Q = Row("q", ("2026-01-15", "2026-01-28", "8"))
Defect = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("number", range(STORIES))
def test_what_is_held_of_others_is_the_same_with_and_without_a_person(number: int, tmp_path: Path) -> None:
    told = compared(secrets.randbelow(10**9), tmp_path)
    assert not told.is_wrong, told
    assert told.charges or told.ending is Ending.REFUSED_APART, told


def absences_of_anybody_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    parts_of = conversion._finding_parts

    def parts(export: Export) -> dict[str, str]:
        of_anybody = {"apart": "true", "same": "true"} if export is ABSENCES else {}
        return parts_of(export) | of_anybody

    monkeypatch.setattr(conversion, "_finding_parts", parts)


def files_left_as_they_are_are_not_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """So p's correction decides when q's absence is judged by a roster that came long before."""
    monkeypatch.setattr(ingest, "_setting_hash", lambda *_: "")


@pytest.mark.parametrize("defect", [absences_of_anybody_overlap, files_left_as_they_are_are_not_read_anew])
def test_what_is_not_local_is_found(defect: Defect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _ending(tmp_path / "sound") is Ending.HELD
    defect(monkeypatch)
    assert _ending(tmp_path / "spoilt") is Ending.CHANGED


def _ending(folder: Path) -> Ending:
    """How a story ends in which q's absence comes first, then the roster, then p's absence."""
    folder.mkdir()
    roster = tuple(row for person in "pq" for row in _delivery().steady_rows("staff", person))
    deliveries = [_delivery((), (OF_Q,)), _delivery(roster, (OF_Q,)), _delivery(roster, (OF_P, OF_Q))]
    steps = [Deliver(delivery, ()) for delivery in deliveries]
    return lived_through(steps, folder).ending


def _delivery(staff: tuple[Row, ...] = (), absences: tuple[Row, ...] = ()) -> Delivery:
    rows = dict.fromkeys(FILES, ()) | {"staff 1.csv": staff, "absences 1.csv": absences}
    return Delivery(has_snapshots=False, hours_are_days=False, rows=rows)
