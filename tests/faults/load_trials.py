"""Many processes at once on one ledger, killed at any moment: what was acknowledged stays."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.connection import Connection, wait
from pathlib import Path

import forked
import small_world
from agency_home import drawn_twice
from small_world import SmallWorld
from trial import Run, Trial

from privacy.measuring import measure
from privacy.mechanism import DiscreteGaussian
from privacy.records import Records

ROUNDS, APPENDING = 60, 3
ITEMS = tuple(small_world.item(version) for version in range(30))
MOST_ACKNOWLEDGED = 150


def under_load(scratch: Path) -> Trial:
    """One process that measures and three that append, killed together after a random acknowledgement."""
    world = SmallWorld(scratch).begin(ITEMS)
    known: list[str] = []
    runs = [_killed_round(world, number, known) for number in range(ROUNDS)]
    runs.append(_finished(world))
    return Trial.of(
        "kill -9 at a random moment under load", runs,
        f"{ROUNDS} rounds, each ends {APPENDING + 1} processes with SIGKILL: one that measures, "
        f"{APPENDING} that append; an entry counts as acknowledged once another process was told",
    )  # fmt: skip


def _killed_round(world: SmallWorld, number: int, known: list[str]) -> Run:
    acknowledged = _acknowledged_until_killed(world)
    with world.ledger() as ledger:
        lines = list(ledger.lines())
    records = Records.from_lines(lines)
    problems = [] if records.chain_is_whole and _is_intact(world) else ["the chain or the file is broken"]
    if lines[: len(known)] != known:
        problems.append("entries of an earlier round changed")
    missing = acknowledged - {entry.hash for entry in records.entries}
    known[:] = lines
    return Run(f"round {number}", len(acknowledged), len(missing), drawn_twice(lines), tuple(problems))


def _acknowledged_until_killed(world: SmallWorld) -> set[str]:
    """Let four processes work until a random number of acknowledgements has come, then kill all."""
    works = [_measuring, *[_appending] * APPENDING]
    started = [forked.start_telling(work, world.root) for work in works]
    listening = [connection for _, connection in started]
    told: set[str] = set()
    enough = 1 + secrets.randbelow(MOST_ACKNOWLEDGED)
    while len(told) < enough and listening:
        told |= set(_heard(listening))
    for process, _ in started:
        process.kill()
    while listening:
        told |= set(_heard(listening))
    for process, _ in started:
        forked.end(process)
    return told


def _heard(listening: list[Connection]) -> Iterator[str]:
    for connection in wait(listening):
        try:
            yield connection.recv()
        except EOFError:
            listening.remove(connection)


def _measuring(told: Connection, root: Path) -> None:
    world = SmallWorld(root)
    with world.warehouse() as warehouse, world.ledger() as ledger:
        for item, period in small_world.keys(ITEMS):
            before = len(ledger.records.entries)
            drawn = measure(
                warehouse, ledger, DiscreteGaussian(), item, period, small_world.YEAR, small_world.ROWS
            )
            if drawn:
                _tell_measured(told, ledger.records, before, item.identity, str(period))


def _tell_measured(told: Connection, records: Records, before: int, item: str, period: str) -> None:
    for entry in records.entries[before:]:
        if entry.kind == "measurement" and (entry.body["item"], entry.body["period"]) == (item, period):
            told.send(entry.hash)


def _appending(told: Connection, root: Path) -> None:
    with SmallWorld(root).ledger() as ledger:
        while True:
            told.send(ledger.append("closed", {"year": "2025-07", "item": secrets.token_hex(16)}).hash)


def _finished(world: SmallWorld) -> Run:
    """After all kills the rest is measured: every key once, each with a charge of the warehouse."""
    ended = forked.run(_measure_the_rest, world.root)
    with world.ledger() as ledger:
        lines = list(ledger.lines())
    records = Records.from_lines(lines)
    expected = {
        (each.identity, str(p), level) for each, p in small_world.keys(ITEMS) for level in each.levels
    }
    drawn = {(m.item.identity, str(m.period), m.level) for m in records.measurements}
    problems = [] if drawn == expected and ended.exit_code == 0 else ["not every key was measured in the end"]
    if {m.charge_id for m in records.measurements} != _charges(world):
        problems.append("ledger and warehouse hold different charges")
    return Run("the rest", 0, 0, drawn_twice(lines), tuple(problems))


def _measure_the_rest(root: Path) -> int:
    world, drawn = SmallWorld(root), 0
    with world.warehouse() as warehouse, world.ledger() as ledger:
        for item, period in small_world.keys(ITEMS):
            drawn += measure(
                warehouse, ledger, DiscreteGaussian(), item, period, small_world.YEAR, small_world.ROWS
            )
    return drawn


def _charges(world: SmallWorld) -> set[str]:
    with world.charges() as warehouse:
        return {row[0] for row in warehouse.execute("select charge_id from charge").fetchall()}


def _is_intact(world: SmallWorld) -> bool:
    with closing(sqlite3.connect(world.ledger_file)) as raw:
        return raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
