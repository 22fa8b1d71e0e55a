"""Power cuts under the ledger's file: what was acknowledged is there afterwards, and the file is sound."""

from __future__ import annotations

import random
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

import small_world
from agency_home import drawn_twice, read_lines
from power_cut import Recorder, recorded
from small_world import SmallWorld
from trial import Run, Trial

from privacy.ledger import Ledger
from privacy.periods import Period
from privacy.plan import Charge, PlanItem
from privacy.records import Records

SESSIONS, CUTS = 2, 400
ITEMS = tuple(small_world.item(version) for version in range(50))
FULL = "PRAGMA synchronous=FULL"


def ledger_cut_off(scratch: Path, synchronous: str = "FULL", cuts: int = CUTS) -> Trial:
    """Cut the power at random moments while measurements are entered.

    Args:
        synchronous: what SQLite is told instead of the product's own setting, to see the difference.
    """
    world = SmallWorld(scratch).begin(ITEMS)
    recorder = Recorder({world.ledger_file.name: world.ledger_file.read_bytes()})
    with recorded(recorder, {FULL: f"PRAGMA synchronous={synchronous}"}):
        _work(world, recorder)
    lines = read_lines(world.ledger_file)
    runs = [_cut_off(recorder, lines, scratch / "after") for _ in range(cuts)]
    setting = f"synchronous={synchronous}" if synchronous == "FULL" else f"were it synchronous={synchronous}"
    return Trial.of(
        f"power cut under the ledger, {setting}", runs,
        f"{SESSIONS} runs of measurements recorded below SQLite; a random half of what was not synced is "
        "missing, a part of it torn within a page",
    )  # fmt: skip


def _work(world: SmallWorld, recorder: Recorder) -> None:
    """Several runs, each of which opens the ledger and closes it again, as the product does."""
    everything = list(small_world.keys(ITEMS))
    share = len(everything) // SESSIONS
    for session in range(SESSIONS):
        with world.ledger() as ledger:
            for item, period in everything[session * share : (session + 1) * share]:
                measure(ledger, item, period)
                recorder.acknowledge(len(ledger.records.entries))


def measure(ledger: Ledger, item: PlanItem, period: Period) -> None:
    """Draw an item and period, as the product does once the charge is frozen."""
    charge = Charge(secrets.token_hex(8), item, period, register=2)
    ledger.measure(charge, small_world.YEAR, lambda _level: {"ORG": secrets.randbelow(1000)})


def _cut_off(recorder: Recorder, lines: list[str], folder: Path) -> Run:
    cut, coin = secrets.randbelow(len(recorder.operations)) + 1, secrets.randbits(32)
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, content in recorder.after_cut(cut, random.Random(coin)).items():
        (folder / name).write_bytes(content)
    acknowledged = recorder.acknowledged(cut)
    try:
        found = _found(SmallWorld(folder))
    except sqlite3.DatabaseError as error:
        return Run(f"cut {cut}, coin {coin}", acknowledged, 0, 0, (f"the file is no ledger: {error}",))
    problems = [] if Records.from_lines(found).chain_is_whole else ["the chain is broken"]
    if found != lines[: len(found)]:
        problems.append("other entries than were made")
    missing = max(0, acknowledged - len(found))
    return Run(f"cut {cut}, coin {coin}", acknowledged, missing, drawn_twice(found), tuple(problems))


def _found(world: SmallWorld) -> list[str]:
    """The entries that the product finds, of a file that SQLite finds whole. Raises sqlite3.DatabaseError."""
    with closing(sqlite3.connect(world.ledger_file)) as raw:
        found = [line for (line,) in raw.execute("SELECT line FROM entry ORDER BY seq")]
        if raw.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("integrity check")
        unkept = "SELECT count(*) FROM drawn WHERE seq NOT IN (SELECT seq FROM entry)"
        if raw.execute(unkept).fetchone() != (0,):
            raise sqlite3.DatabaseError("a draw without its entry")
    return found
