"""Each way to falsify a release is refused by the check meant for it, in its own words."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from vectors.audited import MONTHS, Audited, body, build, finding, refused

from privacy.verify_releases import fault

Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def copied(audited: Audited, tmp_path: Path) -> Audited:
    return audited.copied_to(tmp_path)


def first(made: Audited) -> Path:
    return sorted(made.releases.iterdir())[0]


FILES = [
    (
        lambda folder: (folder / "indicators.csv").write_text("swapped"),
        "another indicators.csv than entered",
    ),
    (lambda folder: (folder / "indicators.csv").unlink(), "lacks a file"),
    (lambda folder: (folder / "extra.csv").write_text("x"), "holds a file that its entry does not name"),
    (lambda folder: (folder / "certificate.json").unlink(), "lacks a file"),
    (lambda folder: (folder / "certificate.json").write_text('{"files": {}}'), "contradicts its entry"),
    (shutil.rmtree, "withheld or removed"),
    (
        lambda folder: shutil.copytree(folder, folder.with_name("2030-01-000001")),
        "2030-01-000001 lies among the releases",
    ),
    (lambda folder: (folder.parent / "latest").symlink_to(folder.name), "under 'latest'"),
    (lambda folder: (folder.parent / "latest").symlink_to("nowhere"), "leads nowhere"),
    (lambda folder: shutil.copytree(folder, folder.with_name(".latest.draft")), "is no link"),
    (lambda folder: folder.with_name(".latest.draft").symlink_to(folder), "is no link to a release"),
    (
        lambda folder: (folder / "withdrawn.json").write_text('{"reason": "anything"}'),
        "holds a file that its entry does not name",
    ),
]


@pytest.mark.parametrize(("spoil", "words"), FILES, ids=range(len(FILES)))
def test_a_release_that_is_not_as_entered_is_refused(copied: Audited, spoil: Any, words: str) -> None:
    spoil(first(copied))
    refused(finding("files", copied.lines, copied), words)


def test_a_release_entered_twice_or_under_a_path_is_refused(audited: Audited) -> None:
    def again(entries: Entries) -> None:
        entries.append(dict(entries[-1]))

    def elsewhere(entries: Entries) -> None:
        body(entries, "release")["release"] = "latest/.."

    refused(finding("files", audited.rewritten(again), audited), "entered twice")
    assert not finding("files", audited.rewritten(elsewhere), audited).holds


def test_latest_may_stand_for_the_newest_release(copied: Audited) -> None:
    (copied.releases / "latest").symlink_to(sorted(copied.releases.iterdir())[-1].name)
    assert finding("files", copied.lines, copied).holds


def test_a_name_cannot_write_a_line_of_its_own_into_the_report(copied: Audited) -> None:
    (copied.releases / "x\nEverything holds.").mkdir()
    assert "\n" not in finding("files", copied.lines, copied).sentence


ROWS = [
    ("indicators.csv", "blank", {"value": "3"}, "a value in a blank"),
    ("indicators.csv", "blank", {"reason": "because"}, "a blank without a known reason"),
    ("indicators.csv", "shown", {"status": "hidden"}, "neither shown"),
    ("indicators.csv", "shown", {"low": ""}, "neither shown"),
    ("indicators.csv", "shown", {"low": "1e9"}, "outside its interval"),
    ("indicators.csv", "shown", {"value": "nan"}, "outside its interval"),
    ("indicators.csv", "shown", {"ledger_entries": "1"}, "do not exist or do not fit"),
    ("indicators.csv", "shown", {"ledger_entries": ""}, "do not exist or do not fit"),
    ("indicators.csv", "shown", {"level": "programme"}, "do not exist or do not fit"),
    ("indicators.csv", "shown", {"unit_id": "A"}, "do not exist or do not fit"),
    ("indicators.csv", "shown", {"period": str(MONTHS[0])}, "do not exist or do not fit"),
    ("measurements.csv", "shown", {"status": "blank", "reason": "too-noisy"}, "a value in a blank"),
]


@pytest.mark.parametrize(
    ("period", "drawn", "holds"),
    [
        ("2026-Q1", "2026-Q1", True),
        ("2026-Q1", "2026-01", True),  # the first of its months
        ("2026-Q1", "2025-Q4", True),  # the head count at its opening
        ("2026-Q1", "2025-12", True),
        ("2026-Q1", "2025-11", False),
        ("2026-Q1", "2026-Q2", False),
        ("2026-03", "2026-Q1", True),
        ("2026-03", "2025-12", False),
        ("2026-03/P12M", "2025-Q1", True),  # the opening of twelve months told by quarters
        ("2026-03/P12M", "2024-Q4", False),
    ],
)
def test_a_rows_entries_lie_in_its_month_quarter_or_twelve_months(
    period: str, drawn: str, holds: bool
) -> None:
    shown = {"status": "shown", "reason": "", "ledger_entries": "7"}
    row = {**shown, "period": period, "level": "whole", "unit_id": "O"}
    draws = {"7": {"period": drawn, "level": "whole", "values": {"O": 1}}}
    assert (fault(row, ["1", "2", "3"], draws) == "") is holds


@pytest.mark.parametrize(("table", "status", "changes", "words"), ROWS, ids=range(len(ROWS)))
def test_a_row_that_is_neither_a_number_nor_a_blank_is_refused(
    copied: Audited, table: str, status: str, changes: dict[str, str], words: str
) -> None:
    """The forger also enters the changed file's hash, so that it is the file that was entered."""
    path = first(copied) / table
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row["status"] == status).update(changes)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    def enter(entries: Entries) -> None:
        body(entries, "release")["files"][table] = hashlib.sha256(path.read_bytes()).hexdigest()

    refused(finding("rows", copied.rewritten(enter), copied), words)


@pytest.mark.parametrize("column", ["noisy_total", "noise_deviation"])
def test_a_total_other_than_was_drawn_is_refused(audited: Audited, column: str) -> None:
    folder = first(audited)
    rows = list(csv.DictReader((folder / "measurements.csv").read_text().splitlines()))
    row = next(row for row in rows if row["status"] == "shown")
    draws = {row["ledger_entry"]: json.loads(audited.lines[int(row["ledger_entry"]) - 1])["body"]}
    assert fault(row, [row["noisy_total"]], draws) == ""
    row[column] = str(int(row[column]) + 1)
    assert fault(row, [row["noisy_total"]], draws) == "a total or a deviation other than was drawn"


def test_hours_are_compared_in_the_quarters_they_are_counted_in(audited: Audited) -> None:
    draws = {"4": {"period": "2025-10", "level": "o", "values": {"O": 30002}, "sigma": 6}}
    row = {
        "period": "2025-10", "level": "o", "unit_id": "O", "status": "shown", "reason": "", "unit": "hours",
        "noisy_total": "7500.5", "noise_deviation": "1.5", "ledger_entry": "4",
    }  # fmt: skip
    assert fault(row, ["7500.5"], draws) == ""
    assert fault(row | {"unit": "people"}, ["7500.5"], draws)
