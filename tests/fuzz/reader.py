"""One spoilt file through the reader: read, or refused in one sentence, within bounds of time and memory."""

from __future__ import annotations

import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import duckdb

from fuzz.corpus import MARK, Good
from fuzz.mutations import spliced, spoilt
from pipelines import confined, reading
from pipelines.conversion import Conversion, convert
from pipelines.layout import data_lines
from pipelines.pseudonyms import Pseudonyms
from pipelines.reading import read_lines, rows_of_a_file
from pipelines.staging import StagedFile, stage
from pipelines.warehouse import prepare
from privacy.errors import BadExport

LONGEST_SENTENCE = 400
MOST_SECONDS = 20.0
MOST_MEMORY = 2 << 30
PACKED = (".xlsx", ".parquet", ".zip")


@dataclass
class Fuzz:
    """What was tried and what was found; the same seed tries the same files."""

    folder: Path
    goods: tuple[Good, ...]
    seed: int
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def try_one(self, number: int) -> None:
        """Spoil one file and read it; what is not as it should be is kept with the file."""
        dice = Random(f"{self.seed} {number}")
        good = dice.choice(self.goods)
        content = spoilt(good.content, good.suffix in (".zip", ".xlsx"), dice)
        if dice.random() < 0.05:
            content = spliced([each.content for each in self.goods], dice)
        path = self.folder / f"fuzzed{good.suffix}"
        path.write_bytes(content)
        began = time.monotonic()
        outcome = self._outcome(good, path)
        wrong = self._wrong(outcome, time.monotonic() - began)
        self.outcomes[outcome.split(":")[0]] += 1
        if wrong:
            kept = path.rename(self.folder / f"finding-{self.seed}-{number}{good.suffix}")
            self.findings.append(f"{kept.name}: {wrong}")

    def _outcome(self, good: Good, path: Path) -> str:
        try:
            return f"read: {_taken_in(good, path) if good.suffix not in PACKED else _read_here(good, path)}"
        except BadExport as refusal:
            return f"refused: {refusal}"
        except Exception as error:
            return f"failed: {type(error).__name__}: {error}"
        except BaseException as error:  # a panic of a library, which ends its own process in life
            return f"panicked: {type(error).__name__}"

    def _wrong(self, outcome: str, seconds: float) -> str:
        kind, _, text = outcome.partition(": ")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        if seconds > MOST_SECONDS:
            return f"took {seconds:.0f} seconds"
        if memory > MOST_MEMORY:
            return f"took {memory >> 20} MB"
        if kind == "failed":
            return text
        if kind == "refused" and ("\n" in text or len(text) > LONGEST_SENTENCE or not text.endswith(".")):
            return f"no sentence: {text}"
        return f"a cell is told: {text}" if kind == "refused" and MARK in text else ""


def _taken_in(good: Good, path: Path) -> int:
    """Through staging and conversion, as an ingest does."""
    with duckdb.connect(config={"threads": 1}) as warehouse:
        prepare(warehouse)
        stage(warehouse, good.mapping, [StagedFile(1, 1, path)], Pseudonyms(bytes(32)))
        convert(warehouse, Conversion(good.mapping))
        return len(warehouse.table("staged"))


def _read_here(good: Good, path: Path) -> int:
    """As the process of its own reads it, without the second that such a process takes to begin.

    What fails there by any error becomes a refusal in the product (``confined.rows_of``), so it is one here;
    :func:`read_confined` goes all the way.
    """
    try:
        rows = rows_of_a_file(path, good.mapping)
        return sum(1 for _ in data_lines(path.name, rows, good.mapping.layout, good.mapping.headings))
    except BadExport:
        raise
    except Exception as error:
        raise BadExport(f"{path.name} could not be read ({type(error).__name__}).") from None


def read_confined(good: Good, path: Path) -> int:
    """In a process of its own, as the product reads it."""
    assert reading.rows_of is confined.rows_of
    return sum(1 for _ in read_lines(path, good.mapping))
