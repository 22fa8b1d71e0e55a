"""The ledger: append-only, chained, one transaction a measurement, and a budget that is never exceeded."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from signatories import TESTER, enter, signed, signing

from privacy.accounting import Rho
from privacy.agreements import plan_body
from privacy.budget import YearBudget
from privacy.entries import BODY_KEYS, Entry
from privacy.errors import BudgetRefused, LedgerRefused
from privacy.ledger import Ledger, export
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import Charge, Plan, PlanItem
from privacy.records import Records

Make = Callable[..., PlanItem]
Sign = Callable[..., Ledger]
JULY = Period.parse("2025-07")
POLICY = {"epsilon": "4", "delta": "0.000001", "rho_pico": 10**15, "signing": signing(TESTER)}


def ones(_: str) -> dict[str, int]:
    return {"ORG": 1}


def draw(ledger: Ledger, item: PlanItem, year: BudgetYear, period: Period = JULY) -> int:
    return ledger.measure(Charge(f"charge {period}", item, period, 2), year, ones)


@pytest.mark.parametrize("table", ["entry", "drawn"])
@pytest.mark.parametrize(
    "attack",
    [
        "update {table} set seq = seq + 100",
        "delete from {table}",
        "insert or replace into {table} select * from {table}",
        "replace into {table} select * from {table}",
    ],
)
def test_no_statement_changes_or_removes_what_was_entered(
    sign: Sign, make_item: Make, year: BudgetYear, table: str, attack: str
) -> None:
    """On any connection, this product's or another's."""
    ledger = sign(make_item())
    draw(ledger, make_item(), year)
    with closing(sqlite3.connect(ledger.path)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(attack.format(table=table))


def test_every_entry_hangs_on_the_one_before_it(sign: Sign, make_item: Make, year: BudgetYear) -> None:
    ledger = sign(make_item())
    draw(ledger, make_item(), year)
    lines = list(ledger.lines())
    assert len(lines) == 6 and Records.from_lines(lines).chain_is_whole
    for place in range(len(lines) - 1):
        changed = [line.replace(":00Z", ":01Z") if i == place else line for i, line in enumerate(lines)]
        assert not Records.from_lines(changed).chain_is_whole
        assert not Records.from_lines(lines[:place] + lines[place + 1 :]).chain_is_whole


def test_an_entry_holds_only_what_the_schema_lists(ledger: Ledger) -> None:
    """No row counts, durations, check results or free text can be put in by mistake."""
    for kind, keys in BODY_KEYS.items():
        for body in ({**dict.fromkeys(keys, "x"), "rows": 5}, dict.fromkeys(list(keys)[1:], "x")):
            with pytest.raises(LedgerRefused, match="schema"):
                ledger.append(kind, body)
    assert len(ledger.records.entries) == 1


def test_the_keys_of_the_schema_are_these() -> None:
    assert {kind: sorted(keys) for kind, keys in BODY_KEYS.items()} == {
        "opened": ["ledger", "organisation", "schema_version"],
        "register": ["document", "levels", "minimum_group", "trees"],
        "plan": [
            "items",
            "policy",
            "register",
            "reserve_pico",
            "revision",
            "rho_pico",
            "signatures",
            "year",
        ],
        "closed": ["item", "year"],
        "study": ["item", "number", "periods", "signatures", "year"],
        "measurement": ["charge", "item", "level", "period", "register", "sigma", "values"],
        "release": ["files", "period", "release"],
        "approved": ["entry", "release", "signatures"],
        "withdrawn": ["entry", "reason", "release", "signatures"],
        "restored": ["abandoned", "burnt_before"],
    }


def test_a_line_holds_nothing_beside_its_fields(sign: Sign, make_item: Make) -> None:
    for line in sign(make_item()).lines():
        assert set(json.loads(line)) == {"seq", "kind", "time", "code", "previous", "body"}


def test_times_are_whole_minutes_and_never_run_backwards(tmp_path: Path) -> None:
    times = [datetime(2026, 8, 1, 12, 0, 59, 999, UTC) - timedelta(days=days) for days in (0, 300, -1)]
    ticking = iter(times)
    with Ledger.create(tmp_path / "l.sqlite", "Testers", code="0", clock=lambda: next(ticking)) as ledger:
        for _ in times[1:]:
            ledger.append("closed", {"year": "2025-07", "item": "x"})
        written = [entry.time for entry in ledger.records.entries]
    assert written == ["2026-08-01T12:00Z", "2026-08-01T12:00Z", "2026-08-02T12:00Z"]


def test_a_measurement_is_drawn_once_for_ever(sign: Sign, make_item: Make, year: BudgetYear) -> None:
    ledger, item = sign(make_item()), make_item()
    assert draw(ledger, item, year) == 3
    before = list(ledger.lines())
    with Ledger(ledger.path, code="1") as second:
        assert draw(second, item, year) == 0
    assert draw(ledger, item, year) == 0 and list(ledger.lines()) == before


def test_a_second_draw_of_a_key_cannot_be_stored(sign: Sign, make_item: Make, year: BudgetYear) -> None:
    ledger = sign(make_item())
    draw(ledger, make_item(), year)
    with closing(sqlite3.connect(ledger.path)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute("insert into drawn select item, period, level, 1 from drawn limit 1")


def test_a_crash_between_two_levels_leaves_nothing_behind(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    ledger, seen = sign(make_item()), []

    def crashing(level: str) -> dict[str, int]:
        seen.append(level)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return {"ORG": 5}

    before = list(ledger.lines())
    with pytest.raises(KeyboardInterrupt):
        ledger.measure(Charge("c", make_item(), JULY, 2), year, crashing)
    assert list(ledger.lines()) == before and not ledger.records.measurements
    assert draw(ledger, make_item(), year) == 3


class FailingCommit:
    """A connection whose disk is full at COMMIT."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT":
            raise sqlite3.OperationalError("database or disk is full")
        return self.connection.execute(sql, *values)


def test_a_failed_commit_enters_nothing_and_says_so(
    sign: Sign, make_item: Make, year: BudgetYear, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = sign(make_item())
    before = list(ledger.lines())
    with monkeypatch.context() as broken, pytest.raises(LedgerRefused, match="nothing was entered"):
        broken.setattr(ledger, "_connection", FailingCommit(ledger._connection))
        draw(ledger, make_item(), year)
    assert list(ledger.lines()) == before and not ledger.records.measurements
    assert draw(ledger, make_item(), year) == 3


def test_only_open_items_of_the_years_plan_are_drawn(sign: Sign, make_item: Make, year: BudgetYear) -> None:
    ledger = sign(make_item())
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(ledger, make_item(version=2), year)
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(ledger, make_item(), year, Period.parse("2026-07"))
    with pytest.raises(BudgetRefused, match="no open item"):
        draw(ledger, make_item(), BudgetYear.parse("2026-07", starts=7), Period.parse("2026-07"))


def test_an_item_is_drawn_in_periods_of_its_own_cadence_alone(
    sign: Sign, make_item: Make, year: BudgetYear
) -> None:
    """A quarterly item drawn each month would cost three times its price."""
    item = make_item(cadence=Cadence.QUARTER)
    ledger = sign(item)
    with pytest.raises(BudgetRefused):
        draw(ledger, item, year, JULY)
    assert draw(ledger, item, year, Period.parse("2025-Q3")) == 3


def test_a_ledger_is_never_begun_anew(ledger: Ledger) -> None:
    with pytest.raises(LedgerRefused, match="never begun anew"):
        Ledger.create(ledger.path, "Testers", code="0")
    with pytest.raises(LedgerRefused, match="no ledger"):
        Ledger(ledger.path.with_name("other.sqlite"), code="0")


def test_a_ledger_begins_with_its_name_the_version_that_wrote_it_and_its_owners_mode(tmp_path: Path) -> None:
    with Ledger.create(tmp_path / "ledger.sqlite", "Testers", code="1.2.3") as ledger:
        ledger.append("restored", {"abandoned": [], "burnt_before": ""})
        opened, after = map(json.loads, ledger.lines())
        assert opened["code"] == after["code"] == "1.2.3"
        assert re.fullmatch("[0-9a-f]{16}", opened["body"]["ledger"])
        assert opened["body"]["organisation"] == "Testers"
        assert ledger.path.stat().st_mode & 0o777 == 0o600


def test_times_are_universal_whatever_the_clock_and_the_machine_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        clock = datetime(2026, 8, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
        with Ledger.create(tmp_path / "ledger.sqlite", "Testers", code="0", clock=lambda: clock) as ledger:
            assert ledger.records.entries[0].time == "2026-07-31T23:30Z"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_writer_waits_half_a_minute_for_another_and_begins_transactions_itself(ledger: Ledger) -> None:
    connection = ledger._connection
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
    assert connection.isolation_level is None


@pytest.mark.parametrize("place", [0, 5000])
def test_a_damaged_file_is_called_that_and_is_not_written_to(ledger: Ledger, place: int) -> None:
    ledger.close()
    with open(ledger.path, "r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 3000)
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerRefused) as refused, Ledger(ledger.path, code="0") as again:
        _ = again.records
    kind = "SQLITE_NOTADB" if place == 0 else "SQLITE_CORRUPT"
    assert str(refused.value) == (
        f"The ledger ledger.sqlite is damaged ({kind}): put its newest copy back, nothing may be drawn from "
        "this one."
    )
    assert ledger.path.read_bytes() == before


def test_a_plan_stands_on_the_register_that_its_signers_agreed_to(
    ledger: Ledger, make_item: Make, register: dict[str, Any], year: BudgetYear
) -> None:
    body = plan_body(ledger.records, Plan(year, (make_item(),), Rho(0)), POLICY, register)
    with pytest.raises(LedgerRefused) as refused:
        enter(ledger, "plan", body, register={**register, "document": "another paper"})
    sentence = "The plan stands on another register than the one given; propose it again."
    assert str(refused.value) == sentence
    assert [entry.kind for entry in ledger.records.entries] == ["opened"]
    enter(ledger, "plan", body, register=register)
    assert [entry.kind for entry in ledger.records.entries] == ["opened", "register", "plan"]


def test_a_plan_is_signed_by_signers_of_the_plan_before_it_too(
    sign: Sign, make_item: Make, register: dict[str, Any], year: BudgetYear
) -> None:
    """Else whoever proposes a plan would name whom they like. First beside the old ones, then instead."""
    ledger = sign(make_item())

    def amended(*names: str, sigma: int) -> dict[str, Any]:
        plan = Plan(year, (make_item(sigmas=(("organisation", sigma),)),), Rho(0))
        newest = ledger.records.newest_plan
        assert newest is not None
        return plan_body(
            ledger.records, plan, {**newest.body["policy"], "signing": signing(*names)}, register
        )

    with pytest.raises(BudgetRefused, match="1 of those still must"):
        enter(ledger, "plan", amended("Mallory", sigma=20), "Mallory", register=register)
    with pytest.raises(BudgetRefused, match="1 of those still must"):
        enter(ledger, "plan", amended("Mallory", TESTER, sigma=20), "Mallory", register=register)
    enter(ledger, "plan", amended("Successor", TESTER, sigma=20), TESTER, register=register)
    enter(ledger, "plan", amended("Successor", sigma=21), "Successor", register=register)
    assert len(ledger.records.plans(year)) == 3


def test_one_key_under_two_names_is_one_signer(
    ledger: Ledger, make_item: Make, register: dict[str, Any], year: BudgetYear
) -> None:
    key = signing(TESTER)["signers"][TESTER]
    rules = {"plan": 2, "release": 0, "signers": {TESTER: key, "Another name": key}}
    body = plan_body(
        ledger.records, Plan(year, (make_item(),), Rho(0)), {**POLICY, "signing": rules}, register
    )
    (signature,) = signed(ledger, "plan", body, TESTER).values()
    with pytest.raises(BudgetRefused, match="needs the signatures of 2 signers and has 1"):
        ledger.agree("plan", body, dict.fromkeys(rules["signers"], signature), register)


@pytest.mark.parametrize(("before", "burnt"), [("2025-07-01", False), ("2026-07-01", True)])
def test_a_year_whose_draws_were_given_up_costs_all_that_was_promised(
    sign: Sign, make_item: Make, year: BudgetYear, before: str, burnt: bool
) -> None:
    ledger = sign(make_item())
    planned = YearBudget.of(ledger.records, year).committed
    ledger.append("restored", {"abandoned": ["9:" + "0" * 64], "burnt_before": before})
    budget = YearBudget.of(ledger.records, year)
    assert budget.committed == (budget.promised if burnt else planned) and planned < budget.promised


def test_the_published_lines_are_the_ledger(sign: Sign, make_item: Make, tmp_path: Path) -> None:
    ledger = sign(make_item())
    export(ledger, tmp_path / "ledger.jsonl")
    assert Records.from_file(tmp_path / "ledger.jsonl").head == ledger.records.head
    assert [Entry.from_line(line) for line in ledger.lines()] == list(ledger.records.entries)
