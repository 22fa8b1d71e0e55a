"""The report of an ingest as a page for the analyst: one file, no scripts, no network, no value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from pipelines.exports import EXPORTS
from pipelines.home import Home
from pipelines.ingest_report import FileReport, Finding, IngestReport
from pipelines.rules import doubts_of
from privacy.durable import write_whole


@dataclass(frozen=True)
class Step:
    """Something for the analyst to do; urgent where figures would be wrong for good without it."""

    text: str
    is_urgent: bool = False


def write_page(home: Home, report: IngestReport, day: date) -> Path:
    """Write the page in the protected zone; one that tells of a change stays until the next change."""
    if not (report.is_unchanged and home.report.exists()):
        write_whole(home.report, page(report, day).encode(), 0o600)
    return home.report


def page(report: IngestReport, day: date) -> str:
    """The whole page; names of files are escaped, as whoever sent them chose them."""
    from jinja2 import Environment, StrictUndefined

    text = (files("pipelines") / "templates" / "ingest_report.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text).render(
        day=day.isoformat(),
        files=report.files,
        warnings=report.warnings,
        steps=[step for file in report.files for step in steps(file)],
        other_choices=other_choices,
    )


def steps(file: FileReport) -> Iterator[Step]:
    """What a file asks for, the gravest first."""
    if file.is_lost:
        yield Step(
            f"No row of {file.file_name} counts, so its months would be measured as if nothing happened, for "
            "good. Correct the mapping or the file and ingest again before you measure.",
            is_urgent=True,
        )
    if mendable := file.rows_to_mend:
        yield Step(
            f"{mendable:,} rows of {file.file_name} are set aside. Where the mapping is at fault, correct "
            "it; else send a corrected file of the same name, or mend the rows: leeward set-aside export "
            "FOLDER."
        )
    if file.doubted:
        rows = sum(file.doubted.values())
        yield Step(f"{rows:,} doubts about rows of {file.file_name} were overruled by the mapping's choice.")
    if file.mended_gone:
        yield Step(
            f"{file.mended_gone:,} mended rows of {file.file_name} were of its earlier content and are gone; "
            "see that the new one is right."
        )
    if file.charged_months:
        months = len(file.charged_months)
        yield Step(f"{file.file_name} came after {months} of its months were charged; their figures stay.")


def other_choices(export: str, found: Finding) -> str:
    """What a mapping could choose for a rule instead; empty for a rule without choices."""
    for doubt in doubts_of(EXPORTS[export]):
        if doubt.name == found.rule:
            return " ".join(choice.value for choice in doubt.choices if choice.value != found.choice)
    return ""
