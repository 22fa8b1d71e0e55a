"""What an ingest tells: counts and names of files, never a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.checks import DataWarning
from pipelines.conversion import NOT_FAULTS
from pipelines.rules import Choice


@dataclass(frozen=True)
class Finding:
    """How many lines of a file broke a rule, why, what was done about them, and which is the first."""

    rule: str
    column: str
    reason: str
    choice: str
    rows: int
    first_line: int
    place: str = ""

    @property
    def where(self) -> str:
        """Where the first row is: its line, or what the line alone does not say."""
        return self.place or f"line {self.first_line}"

    @property
    def is_set_aside(self) -> bool:
        return self.choice == Choice.SET_ASIDE.value


@dataclass(frozen=True)
class FileReport:
    """What became of one file of one export.

    ``status`` is ``new``, ``replaced`` (other content or mapping under a known name), ``rechecked``
    (same file; the roster, the units or another file of the export changed) or ``unchanged``.
    ``findings`` tell of the rows set aside and of those that count in spite of a rule.
    ``charged_months`` are covered months already charged, whose published figures stay as they are.
    ``rows_mended`` lines were read as they were mended; ``mended_gone`` mended ones belonged to an earlier
    content of the file.
    """

    export: str
    file_name: str
    status: str
    load_id: int
    rows_read: int
    rows_accepted: int
    rows_collapsed: int
    rows_set_aside: int
    findings: tuple[Finding, ...]
    covers: str
    charged_months: tuple[str, ...]
    rows_mended: int = 0
    mended_gone: int = 0

    @property
    def by_rule(self) -> Mapping[str, int]:
        """How many rows each rule set aside."""
        return _rows_by_rule(each for each in self.findings if each.is_set_aside)

    @property
    def doubted(self) -> Mapping[str, int]:
        """How many rows count although a rule doubts them, by rule and choice."""
        kept = (each for each in self.findings if not each.is_set_aside)
        return _rows_by_rule(replace(each, rule=f"{each.rule} ({each.choice})") for each in kept)

    @property
    def is_lost(self) -> bool:
        """Whether rows were read and none counts, other than by the mapping's own skip rule
        or their age."""
        return self.rows_accepted + self.rows_collapsed == 0 and self.set_aside_percent > 0

    @property
    def rows_to_mend(self) -> int:
        """Rows set aside by anything but the mapping's own skip rule and their age."""
        return self.rows_set_aside - self._no_faults

    @property
    def set_aside_percent(self) -> float:
        """Share of the file's rows that :attr:`rows_to_mend` counts."""
        return 100 * self.rows_to_mend / max(1, self.rows_read - self._no_faults)

    @property
    def _no_faults(self) -> int:
        return sum(self.by_rule.get(rule, 0) for rule in NOT_FAULTS)


def _rows_by_rule(findings: Iterable[Finding]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for each in findings:
        counts[each.rule] += each.rows
    return dict(counts)


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did, or would do; ``page`` is where the analyst can read it."""

    files: tuple[FileReport, ...]
    warnings: tuple[DataWarning, ...]
    dry_run: bool
    page: Path | None = None

    @property
    def counts(self) -> list[dict[str, str | int]]:
        """One row per export, file and rule: how many rows it set aside or doubted, and how many count."""
        return [
            {"export": file.export, "file": file.file_name, "rule": rule, "rows": rows}
            for file in self.files
            for rule, rows in {"counted": file.rows_accepted, **file.by_rule, **file.doubted}.items()
        ]

    @property
    def is_unchanged(self) -> bool:
        return all(file.status == "unchanged" for file in self.files)
