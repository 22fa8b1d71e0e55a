"""The report of an ingest as a page for the analyst: one file, no scripts, no network, no value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        steps=list(steps(report)),
        other_choices=other_choices,
    )


def steps(report: IngestReport) -> Iterator[Step]:
    """What the files ask for, the gravest first."""
    if lost := ", ".join(file.file_name for file in report.files if file.is_lost):
        yield Step(
            f"No row counts of {lost}, and months that are due are measured as if nothing happened, for "
            "good; correct the mapping or the file and ingest again before they are.",
            is_urgent=True,
        )
    if named := _named(report, lambda file: file.rows_to_mend):
        yield Step(
            f"Rows are set aside: {named}. Where the mapping is at fault, correct it; else send a corrected "
            "file of the same name, or mend the rows: leeward set-aside export FOLDER."
        )
    if named := _named(report, lambda file: sum(file.doubted.values())):
        yield Step(
            f"Rows count although a rule doubts them, as the mapping chose: {named}. See that it is so."
        )
    if named := _named(report, lambda file: file.mended_gone):
        yield Step(
            f"Mended rows whose own rows the files hold no more are gone: {named}. See what is there now."
        )
    if named := _named(report, lambda file: len(file.charged_months)):
        yield Step(f"Months were charged before these files came, and their figures stay: {named}.")


def _named(report: IngestReport, count: Callable[[FileReport], int]) -> str:
    """The files of which anything is to be told, with how much."""
    counts = ((file.file_name, count(file)) for file in report.files)
    return ", ".join(f"{name} ({number:,})" for name, number in counts if number)


def other_choices(export: str, found: Finding) -> str:
    """What a mapping could choose for a rule instead; empty for a rule without choices."""
    for doubt in doubts_of(EXPORTS[export]):
        if doubt.name == found.rule:
            return ", ".join(choice.value for choice in doubt.choices if choice.value != found.choice)
    return ""
