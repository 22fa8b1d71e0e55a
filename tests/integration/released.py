"""What the tests of the main job know of the released sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from privacy.records import Records

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@dataclass(frozen=True)
class Released:
    """A home after the monthly flow has run over the sample."""

    root: Path
    drawn: int
    published: int

    @property
    def records(self) -> Records:
        return Records.from_file(self.root / "ledger.jsonl")
