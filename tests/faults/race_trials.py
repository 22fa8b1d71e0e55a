"""Many processes at once: the same keys, the last of a budget, and whole runs on one home."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import agency_home
import duckdb
import forked
import small_world
from aftermath import Undisturbed, released
from agency_home import AgencyHome, drawn_twice, entered, half_visible, read_lines, shape
from small_world import SmallWorld
from trial import Run, Trial

from privacy.accounting import total
from privacy.bounding import freeze
from privacy.budget import YearBudget
from privacy.errors import BudgetRefused, LedgerRefused, Refusal
from privacy.ledger import Ledger
from privacy.measuring import measure
from privacy.mechanism import DiscreteGaussian
from privacy.periods import Period
from privacy.plan import Charge, PlanItem
from privacy.records import Records

PROCESSES = 8
ITEMS = tuple(small_world.item(version) for version in range(4))
AFFORDED = 40
Key = tuple[str, str]


def same_keys(scratch: Path) -> Trial:
    """Eight processes measure the same items and periods, all charged before, from one warehouse."""
    world = SmallWorld(scratch).begin(ITEMS)
    forked.run(_charge_everything, world.root)
    return _raced(
        world, _measure_everything, "eight processes draw the same keys", "one warehouse, charged before"
    )


def one_writer(scratch: Path) -> Trial:
    """Eight processes charge and measure the same items and periods; DuckDB lets one at a time write."""
    world = SmallWorld(scratch).begin(ITEMS)
    note = "each opens the warehouse anew for every key, when no other has it"
    return _raced(world, _charge_and_measure, "eight processes charge and draw, one warehouse", note)


def _raced(world: SmallWorld, work: Callable[..., dict[Key, int]], name: str, note: str) -> Trial:
    ended = forked.together(PROCESSES, work, world.root)
    lines = read_lines(world.ledger_file)
    records = Records.from_lines(lines)
    wanted = {(item.identity, str(period)): len(item.levels) for item, period in small_world.keys(ITEMS)}
    problems = [f"a process ended with {each.exit_code}" for each in ended if each.exit_code]
    told = Counter[Key]()
    for each in ended:
        told.update(each.answer or {})
    entered = Counter((m.item.identity, str(m.period)) for m in records.measurements)
    if told != wanted or entered != wanted:
        problems.append("not every level of every key was drawn and acknowledged once")
    if not records.chain_is_whole:
        problems.append("the chain is broken")
    run = Run(name, told.total(), (told - entered).total(), drawn_twice(lines), tuple(problems))
    return Trial.of(name, [run], note)


def _charge_everything(root: Path) -> None:
    with SmallWorld(root).warehouse() as warehouse:
        for item, period in small_world.keys(ITEMS):
            freeze(warehouse, item, period, small_world.TREE, 2, small_world.ROWS)


def _measure_everything(start: Barrier, root: Path) -> dict[Key, int]:
    """Returns how many levels this process was told it drew, by item and period."""
    world = SmallWorld(root)
    with world.charges() as warehouse, world.ledger() as ledger:
        start.wait()
        return {
            (item.identity, str(period)): _measure(warehouse, ledger, item, period)
            for item, period in small_world.keys(ITEMS)
        }


def _measure(warehouse: duckdb.DuckDBPyConnection, ledger: Ledger, item: PlanItem, period: Period) -> int:
    return measure(warehouse, ledger, DiscreteGaussian(), item, period, small_world.YEAR, small_world.ROWS)


def _charge_and_measure(start: Barrier, root: Path) -> dict[Key, int]:
    world, drawn = SmallWorld(root), {}
    start.wait()
    with world.ledger() as ledger:
        for item, period in small_world.keys(ITEMS):
            while (levels := _measured_alone(world, ledger, item, period)) is None:
                os.sched_yield()
            drawn[item.identity, str(period)] = levels
    return drawn


def _measured_alone(world: SmallWorld, ledger: Ledger, item: PlanItem, period: Period) -> int | None:
    """Charge and draw an item and period; None where another process has the warehouse."""
    try:
        with world.warehouse() as warehouse:
            return _measure(warehouse, ledger, item, period)
    except Refusal as refusal:
        if not str(refusal).startswith("Another command"):
            raise
        return None


def last_of_the_budget(scratch: Path) -> Trial:
    """Eight processes sign and draw items of their own until the budget refuses."""
    world = SmallWorld(scratch).begin([])
    ended = forked.together(PROCESSES, _spend, world.root)
    lines = read_lines(world.ledger_file)
    records = Records.from_lines(lines)
    allowed = total([small_world.item(0).rho] * AFFORDED)
    problems = [f"a process ended with {each.exit_code}" for each in ended if each.exit_code]
    acknowledged = sum(each.answer or 0 for each in ended)
    if YearBudget.of(records, small_world.YEAR).spent != allowed:
        problems.append("what is spent is not what was allowed")
    if len(records.measurements) != acknowledged * len(small_world.LEVELS):
        problems.append("other draws than were acknowledged")
    if not records.chain_is_whole:
        problems.append("the chain is broken")
    run = Run("the last of the budget", acknowledged, 0, drawn_twice(lines), tuple(problems))
    return Trial.of("eight processes sign up to the budget", [run], f"spent is allowed exactly: {allowed}")


def _spend(start: Barrier, root: Path) -> int:
    """Sign an item, which closes those of others that are not drawn yet, and draw it; returns how many."""
    allowed, spent = total([small_world.item(0).rho] * AFFORDED), 0
    first = start.wait() * AFFORDED * AFFORDED
    with SmallWorld(root).ledger() as ledger:
        for version in range(first, first + AFFORDED * AFFORDED):
            item = small_world.item(version)
            try:
                small_world.sign(ledger, [item], allowed)
            except BudgetRefused:
                return spent
            except LedgerRefused:
                continue  # another process amended the plan since it was proposed
            charge = Charge(f"{version:016x}", item, small_world.PERIODS[0], register=2)
            try:
                ledger.measure(charge, small_world.YEAR, lambda _level: {"ORG": 1})
            except BudgetRefused:
                continue  # another process closed it first
            spent += 1
    raise AssertionError("the budget never refused")


def schedulers(place: AgencyHome, scratch: Path, at_once: int, rounds: int) -> Trial:
    """Whole runs on one home at the same moment: one does the work, others do too or say why not."""
    expected = Undisturbed.of(place, scratch / "undisturbed")
    runs = [
        _scheduled(place.copy(scratch / f"round {number}"), at_once, expected, number)
        for number in range(rounds)
    ]
    return Trial.of(
        f"{at_once} whole runs at once on one home",
        runs,
        "one does the work, the others end with one sentence",
    )


def _scheduled(here: AgencyHome, at_once: int, expected: Undisturbed, number: int) -> Run:
    ended = forked.together(at_once, _release_at_once, here.root)
    lines = entered(here)
    problems = [f"a run ended with {each.exit_code}" for each in ended if each.exit_code]
    said = {each.answer for each in ended}
    problems += [f"a run said: {words}" for words in said if words and "try again" not in words]
    if "" not in said or shape(lines) != expected.shape or released(here) != expected.releases:
        problems.append("no run did the work")
    problems += [f"half visible: {name}" for name in half_visible(here)]
    return Run(f"round {number}", len(lines), 0, drawn_twice(lines), tuple(problems))


def _release_at_once(start: Barrier, root: Path) -> str:
    start.wait()
    return agency_home.release(root)


def signing_while_releasing(place: AgencyHome, scratch: Path, rounds: int) -> Trial:
    """The year after is signed again and again while a release runs: each ends well or with one sentence."""
    expected = Undisturbed.of(place, scratch / "undisturbed")
    runs = []
    for number in range(rounds):
        here = place.copy(scratch / f"round {number}")
        ended = forked.together(3, _release_or_settle, here.root)
        problems = [f"a run ended with {each.exit_code}" for each in ended if each.exit_code]
        said = {words for each in ended for words in each.answer or ()}
        problems += [f"a run said: {words}" for words in said if "try again" not in words]
        forked.run(agency_home.release, here.root)
        if shape(entered(here)) != expected.shape or released(here) != expected.releases:
            problems.append("the work was not done")
        problems += [f"half visible: {name}" for name in half_visible(here)]
        runs.append(
            Run(f"round {number}", len(entered(here)), 0, drawn_twice(entered(here)), tuple(problems))
        )
    return Trial.of("a release while others publish the ledger", runs, "three processes on one home")


def _release_or_settle(start: Barrier, root: Path) -> list[str]:
    if start.wait() == 0:
        return [words for words in [agency_home.release(root)] if words]
    return agency_home.settle_often(root)
