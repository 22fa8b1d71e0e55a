"""What became of each file, in lines for the terminal: counts, rules and lines of files, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.ingest_report import FileReport, IngestReport


def ingest_lines(report: IngestReport) -> list[str]:
    """The whole report; a dry run says of each rule what it would find, as it leaves no list behind."""
    if report.is_unchanged:
        return ["Exports: unchanged, nothing loaded."]
    lines = [line for file in report.files for line in _file_lines(file, report.dry_run)]
    lines += [f"  warning: {warning.sentence}" for warning in report.warnings]
    if report.dry_run:
        return [*lines, "Dry run: nothing was written."]
    if any(file.rows_set_aside for file in report.files):
        lines.append("Rows set aside, by line and reason: protected/set_aside/")
    return [*lines, f"What came in and what to do next, as a page: {report.page}"]


def _file_lines(file: FileReport, dry_run: bool) -> Iterator[str]:
    aside = f"; set aside: {_counts(file.by_rule)}" if file.by_rule else ""
    yield (
        f"  {file.export:<12} {file.file_name}: {file.status}, {file.rows_accepted:,} of "
        f"{file.rows_read:,} rows accepted{aside}"
    )
    if file.doubted:
        yield f"    counted all the same, as the mapping chose: {_counts(file.doubted)}"
    if dry_run:
        yield from _finding_lines(file)
    if file.rows_mended:
        yield f"    {file.rows_mended} rows are read as they were mended."
    if file.mended_gone:
        yield f"    {file.mended_gone} mended rows are gone: the file holds no more what they stood for."
    if file.charged_months:
        yield f"    {len(file.charged_months)} covered months were charged before; their figures stay."
    if file.is_lost:
        yield (
            "    WARNING: none of its rows was accepted, and months that are due are measured as if nothing "
            "happened, for good. Correct the mapping or the file and ingest again before they are."
        )


def _finding_lines(file: FileReport) -> Iterator[str]:
    for found in file.findings:
        where = f"{found.rule}, {found.column}" if found.column else found.rule
        first = f"{found.rows:,} rows, first {found.where}"
        yield f"    {where}: {first}: {found.reason} ({found.choice})"


def _counts(by_rule: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in by_rule.items())
