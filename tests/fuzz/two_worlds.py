"""One story in two worlds, with and without one person's records (``make fuzz-deliveries``).

After each step everybody else's stored rows, rows set aside, mended rows and charged contributions are the
same in both. Ends with 1 where they are not, and tells the seed and the steps.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ingest_folder import TABLES, Agency

from fuzz.deliveries import ONE_PERSON
from fuzz.steps import Charge, Step, World, story
from pipelines.pseudonyms import Pseudonyms, read_key
from pipelines.warehouse import SETTINGS
from privacy import bounding
from privacy.errors import Refusal

OF_LINES = (*TABLES, "set_aside", "mended")
"""Tables of rows that begin with their load and line; the lines of others hang on whose rows are above."""

ORIGIN = 4
"""Where a row set aside, without load and line, says whose it is; of one that is merely past nothing does."""


class Ending(Enum):
    """How a story ended; all but the first end it early."""

    HELD = "held"
    REFUSED_APART = "refused in one world or otherwise"
    CHANGED = "others changed"
    FAILED = "failed"


@dataclass(frozen=True)
class Told:
    """What became of a story: its steps up to the end, and how many charges were compared."""

    seed: int
    ending: Ending
    steps: tuple[str, ...]
    charges: int

    @property
    def is_wrong(self) -> bool:
        return self.ending in (Ending.CHANGED, Ending.FAILED)

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.ending.value}: {'; '.join(self.steps)}"


def compared(seed: int, folder: Path) -> Told:
    """Live through the story of a seed in two worlds."""
    return lived_through(story(seed), folder, seed)


def lived_through(steps: Sequence[Step], folder: Path, seed: int = 0) -> Told:
    """Step by step as long as both worlds agree."""
    done, ending = list[str](), Ending.HELD
    with patch.dict(SETTINGS, threads="1"):
        worlds = [World(Agency.empty(folder / "with", ""), frozenset())]
        worlds += [World(Agency.empty(folder / "without", ""), ONE_PERSON)]
        for step in steps:
            done.append(str(step))
            if (ending := _ending(step, worlds)) is not Ending.HELD:
                break
        charges = min(_count_charges(world) for world in worlds)
    return Told(seed, ending, tuple(done), charges)


def _ending(step: Step, worlds: Sequence[World]) -> Ending:
    """What one step leads to. Whether something may be charged hangs on nobody, so that is never apart."""
    try:
        refusals = {_refusal(step, world) for world in worlds}
    except Exception:
        return Ending.FAILED
    if len(refusals) > 1:
        return Ending.CHANGED if isinstance(step, Charge) else Ending.REFUSED_APART
    one, other = map(of_others, worlds)
    return Ending.HELD if one == other else Ending.CHANGED


def _refusal(step: Step, world: World) -> str:
    try:
        step.done_in(world)
    except Refusal as refusal:
        return str(refusal)
    return ""


def of_others(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """What a world's warehouse holds of everybody but the one person."""
    pseudonyms = Pseudonyms(read_key(world.agency.home.pseudonym_key))
    theirs = {pseudonyms.of(each) for each in ONE_PERSON}
    with world.agency.warehouse() as warehouse:
        bounding.prepare(warehouse)
        found = {name: [row[2:] for row in warehouse.table(name).fetchall()] for name in OF_LINES}
        columns = "person, item, period_index, x, is_cut"
        found["set_aside"] = [row for row in found["set_aside"] if row[ORIGIN]]
        found["charged"] = warehouse.execute(f"select {columns} from charged").fetchall()  # noqa: S608
    return {name: _without(theirs, rows) for name, rows in found.items()}


def _without(people: set[str], rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((row for row in rows if not people.intersection(map(str, row))), key=repr)


def _count_charges(world: World) -> int:
    with world.agency.warehouse() as warehouse:
        bounding.prepare(warehouse)
        return len(warehouse.table("charge"))


def main(seconds: float, seed: int) -> int:
    """Story after story, of one seed after the other."""
    print(f"seed {seed}, {seconds:.0f} seconds")
    ends, told = time.monotonic() + seconds, list[Told]()
    while time.monotonic() < ends:
        with tempfile.TemporaryDirectory(prefix="leeward-fuzz-") as folder:
            told.append(compared(seed + len(told), Path(folder)))
        if told[-1].ending is not Ending.HELD:
            print(told[-1], flush=True)
    endings = Counter(each.ending.value for each in told)
    steps, charges = sum(len(each.steps) for each in told), sum(each.charges for each in told)
    counted = ", ".join(f"{endings[ending.value]:,} {ending.value}" for ending in Ending)
    print(f"{len(told):,} stories, {steps:,} steps, {charges:,} charges compared: {counted}")
    return 1 if any(each.is_wrong for each in told) else 0


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    sys.exit(main(given[0] if given else 600, int(given[1]) if len(given) > 1 else secrets.randbelow(10**9)))
