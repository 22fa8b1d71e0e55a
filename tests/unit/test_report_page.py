"""The analyst's page: what came in, what was set aside and why, what to do; no name is taken as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipelines.checks import DataWarning
from pipelines.home import Home
from pipelines.ingest_report import FileReport, Finding, IngestReport
from pipelines.report_page import page, write_page

DAY = date(2026, 4, 1)
OVERLAP = Finding("overlap", "start_date", "overlaps an earlier spell of the same person", "set-aside", 3, 17)
CUT = Finding("end-before-start", "end_date", "the last day lies before the first day", "cut", 2, 4)
FILE = FileReport(
    export="absences",
    file_name="absences.csv",
    status="new",
    load_id=1,
    rows_read=1234,
    rows_accepted=1230,
    rows_collapsed=1,
    rows_set_aside=3,
    findings=(OVERLAP, CUT),
    covers="2026-01 to 2026-03",
    charged_months=("2026-01", "2026-02"),
    rows_mended=5,
    mended_gone=6,
)
SOUND = replace(FILE, rows_set_aside=0, rows_accepted=1233, findings=(), charged_months=(), mended_gone=0)
HOSTILE = '"><script>alert(1)</script><img src=http://evil.example/x>{{ 7 * 7 }}.csv'


class Text(HTMLParser):
    """The words of a page, and its elements with what they refer to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[str] = []
        self.references: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.references += [name for name, _ in attrs if name in ("src", "href", "action", "onload", "style")]

    def handle_data(self, data: str) -> None:
        self.words.append(" ".join(data.split()))


def read(*files: FileReport, warnings: tuple[DataWarning, ...] = ()) -> Text:
    return Text(page(IngestReport(files, warnings, dry_run=False), DAY))


def test_the_page_says_what_came_in_why_rows_do_not_count_and_what_to_do() -> None:
    warning = DataWarning("absences", "x", "", 1, 1.0, "absences: 1 covered months hold no row at all.")
    words = read(FILE, warnings=(warning,)).words
    for part in ("absences.csv", "1,234", "1,230", "overlap", OVERLAP.reason, "17", "cut, keep", CUT.reason):
        assert part in words, part
    text = "\n".join(words)
    assert "Rows are set aside: absences.csv (3)." in text and "leeward set-aside export" in text
    assert "as the mapping chose: absences.csv (2)" in text and "are gone: absences.csv (6)" in text
    assert "2026-01, 2026-02" in text and warning.sentence in words


def test_a_file_without_any_row_that_counts_is_urgent() -> None:
    lost = replace(FILE, rows_accepted=0, rows_collapsed=0, rows_set_aside=1234)
    assert 'class="urgent">No row counts of absences.csv' in page(IngestReport((lost,), (), False), DAY)
    assert 'class="urgent"' not in page(IngestReport((FILE,), (), False), DAY)


def test_where_every_row_counts_there_is_nothing_to_do() -> None:
    words = read(SOUND).words
    assert "Nothing: every row counts." in words and words.count("Nothing.") == 3


@pytest.mark.parametrize("field", ["file_name", "status"])
def test_a_hostile_name_is_a_text_and_nothing_is_fetched(field: str) -> None:
    found = read(replace(FILE, **{field: HOSTILE}))
    assert HOSTILE in " ".join(found.words)
    assert not {"script", "img", "link", "iframe"} & set(found.elements) and not found.references
    assert "default-src 'none'" in page(IngestReport((FILE,), (), dry_run=False), DAY)


def test_the_page_is_its_owners_alone_and_tells_of_the_last_change(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.make_folders()
    report = IngestReport((FILE,), (), dry_run=False)
    path = write_page(home, report, DAY)
    assert path.stat().st_mode & 0o777 == 0o600 and path.is_relative_to(home.protected)
    text = path.read_text()
    write_page(home, IngestReport((replace(SOUND, status="unchanged"),), (), dry_run=False), DAY)
    assert path.read_text() == text
    write_page(home, IngestReport((SOUND,), (), dry_run=False), DAY)
    assert "Nothing: every row counts." in path.read_text()


def test_what_is_kept_of_a_run_are_counts_by_export_file_and_rule() -> None:
    rows = IngestReport((FILE,), (), dry_run=False).counts
    assert [(row["rule"], row["rows"]) for row in rows] == [
        ("counted", 1230), ("overlap", 3), ("end-before-start (cut)", 2),
    ]  # fmt: skip
    assert all(re.fullmatch("absences(.csv)?", str(row[key])) for row in rows for key in ("export", "file"))
