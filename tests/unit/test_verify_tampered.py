"""Each way to falsify a ledger is refused by the check meant for it, in its own words.

Most vectors are the work of a forger who knows the format and chains the ledger anew, so that only the
check in question stands between him and a ledger that holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vectors.audited import YEARS, Audited, body, build, finding, refused

from privacy.budget import YearBudget
from privacy.periods import BudgetYear
from privacy.records import Records

Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build(tmp_path_factory.mktemp("audited"))


def edit(kind: str, number: int = 0, **changes: Any) -> Callable[[Entries], None]:
    return lambda entries: body(entries, kind, number).update(changes)


# chain


def changed_noise(lines: list[str]) -> list[str]:
    index = next(i for i, line in enumerate(lines) if '"measurement"' in line)
    entry = json.loads(lines[index])
    entry["body"]["values"]["O"] += 1
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"))
    return [*lines[:index], text, *lines[index + 1 :]]


def forged_hash(lines: list[str]) -> list[str]:
    entry = {**json.loads(lines[9]), "previous": "f" * 64}
    return [*lines[:9], json.dumps(entry, sort_keys=True, separators=(",", ":")), *lines[10:]]


BY_HAND = [
    (changed_noise, "does not follow from the one before"),
    (forged_hash, "Entry 10 does not follow"),
    (lambda lines: [*lines[:9], *lines[10:]], "Line 10 is not entry 10"),
    (lambda lines: [*lines[:9], lines[9], *lines[9:]], "Line 11 is not entry 11"),
    (lambda lines: [*lines[:-1], lines[-1][:-20]], "cut off"),
    (lambda lines: [lines[0], lines[1].replace(":", ": ", 1), *lines[2:]], "Line 2 is no entry"),
    (lambda lines: [], "missing, unreadable or empty"),
]


@pytest.mark.parametrize(("spoil", "words"), BY_HAND, ids=range(len(BY_HAND)))
def test_a_ledger_changed_by_hand_breaks_the_chain(audited: Audited, spoil: Any, words: str) -> None:
    refused(finding("chain", spoil(audited.lines), audited), words)


CHAINED_ANEW = [
    (edit("measurement", comment="x"), "more or less than its kind"),
    (lambda entries: body(entries, "plan")["items"][0].update(note="x"), "more or less than its kind"),
    (lambda entries: body(entries, "plan")["policy"].update(note="x"), "more or less than its kind"),
    (lambda entries: body(entries, "register")["trees"][0].update(note="x"), "more or less than its kind"),
    (lambda entries: entries[9].update(rows=7), "more or less than its kind"),
    (lambda entries: entries[9].update(kind="remark"), "more or less than its kind"),
    (lambda entries: entries[9].update(kind="entry", body={}), "more or less than its kind"),
    (lambda entries: entries[9].update(time="2026-01-01T00:00:31Z"), "not timed in minutes"),
    (lambda entries: entries[9].update(time="2025-01-01T00:00Z"), "time ran backwards"),
    (lambda entries: entries.insert(5, dict(entries[0])), "opened once"),
    (lambda entries: body(entries, "register")["trees"][0]["groups"][1].__setitem__(2, None), "parents"),
    (edit("plan", 1, revision=2), "number out of order"),
    (edit("plan", register="0" * 64), "never entered"),
]


@pytest.mark.parametrize(("change", "words"), CHAINED_ANEW, ids=range(len(CHAINED_ANEW)))
def test_what_no_ledger_says_breaks_the_schema(audited: Audited, change: Any, words: str) -> None:
    refused(finding("schema", audited.rewritten(change), audited), words)


# heads


def test_a_cut_tail_is_told_by_the_witness(audited: Audited, tmp_path: Path) -> None:
    bare = Audited(audited.lines, tmp_path)
    assert finding("heads", audited.lines[:-1], bare).holds
    refused(finding("heads", audited.lines[:-1], bare, audited.heads), "The witness is ahead: it saw entry")


def test_a_forked_copy_is_told_by_the_witness(audited: Audited, tmp_path: Path) -> None:
    forked = audited.rewritten(lambda entries: body(entries, "measurement")["values"].update(O=1))
    assert finding("chain", forked, audited).holds
    told = finding("heads", forked, Audited([], tmp_path), audited.heads)
    refused(told, "The witness saw another entry")


def test_certificates_tell_of_a_cut_tail_and_of_a_fork_without_a_witness(audited: Audited) -> None:
    refused(finding("heads", audited.lines[:-1], audited), "The certificate of 2025-10")
    forked = audited.rewritten(lambda entries: entries[1].update(code="2"))
    refused(finding("heads", forked, audited), "The certificate of 2025-06")


HEADS = [([], "missing"), (["1:x"], "no head"), (["0:" + "a" * 64], "no head")]


@pytest.mark.parametrize(("heads", "words"), HEADS)
def test_an_unusable_witness_is_refused(audited: Audited, heads: list[str], words: str) -> None:
    refused(finding("heads", audited.lines, audited, heads), words)


# loss


def over_budget(entries: Entries) -> None:
    """Cheap to state, dear to draw: the reserve is counted in full, as the forger states it."""
    plan = body(entries, "plan")
    extra = 311064954243 - plan["rho_pico"] + 1
    plan.update(reserve_pico=plan["reserve_pico"] + extra, rho_pico=plan["rho_pico"] + extra)


LOSSES = [
    (over_budget, "cost more than is allowed"),
    (edit("plan", rho_pico=1), "states another loss"),
    (edit("plan", reserve_pico=-1), "has no meaning"),
    (lambda entries: body(entries, "plan")["policy"].update(rho_pico=311065954243), "not within its epsilon"),
    (lambda entries: body(entries, "plan", -1)["policy"].update(epsilon="5"), "another epsilon or delta"),
    (lambda entries: body(entries, "plan", -1)["policy"].update(delta="1e-5"), "another epsilon or delta"),
    (lambda entries: body(entries, "plan")["items"][0].update(cap_squared=24), "states another loss"),
    (lambda entries: body(entries, "plan")["items"][0]["sigma"][0].__setitem__(1, 0), "without meaning"),
    (edit("plan", 1, year="2025-01"), "Two budget years overlap"),
]


@pytest.mark.parametrize(("change", "words"), LOSSES, ids=range(len(LOSSES)))
def test_a_plan_that_costs_more_than_it_says_or_may_is_refused(
    audited: Audited, change: Any, words: str
) -> None:
    refused(finding("loss", audited.rewritten(change), audited), words)


@pytest.mark.parametrize("drawn", [True, False])
def test_a_closed_item_is_refunded_only_when_the_year_drew_nothing_with_it(
    audited: Audited, drawn: bool
) -> None:
    """To the last 1e-12: the product, which shares no code, says how large the reserve may be."""
    measured = body(audited.entries(), "measurement")["item"]

    def close(entries: Entries) -> None:
        kept = [e for e in entries if drawn or e["kind"] != "measurement"]
        closing = {**entries[-1], "kind": "closed", "body": {"year": str(YEARS[0]), "item": measured}}
        entries[:] = [*kept, closing]

    def with_reserve(entries: Entries, reserve: int) -> None:
        close(entries)
        plan = body(entries, "plan")
        plan.update(rho_pico=plan["rho_pico"] + reserve - plan["reserve_pico"], reserve_pico=reserve)

    told = Records.from_lines(audited.rewritten(close))
    budgets = [YearBudget.of(told, year) for year in YEARS]
    assert (budgets[0].committed == budgets[1].committed) is drawn
    room = budgets[0].promised.pico - budgets[0].committed.pico
    assert finding("loss", audited.rewritten(lambda e: with_reserve(e, room)), audited).holds
    over = audited.rewritten(lambda e: with_reserve(e, room + 1))
    refused(finding("loss", over, audited), "cost more than is allowed")


# draws


def close_before_the_draws(entries: Entries) -> None:
    name = body(entries, "measurement")["item"]
    entries.insert(4, {**entries[3], "kind": "closed", "body": {"year": str(YEARS[0]), "item": name}})


def twice(entries: Entries) -> None:
    entries.append({**next(e for e in entries if e["kind"] == "measurement")})


def one_charge_for_all(entries: Entries) -> None:
    for entry in entries:
        if entry["kind"] == "measurement":
            entry["body"]["charge"] = "one"


def of_an_unplanned_year(entries: Entries) -> None:
    body(entries, "measurement")["period"] = str(BudgetYear(YEARS[1].first.previous(-12)).first)


DRAWS = [
    (edit("measurement", sigma=23), "another noise scale"),
    (edit("measurement", sigma=24.0), "another noise scale"),
    (twice, "a second time"),
    (close_before_the_draws, "still open"),
    (of_an_unplanned_year, "no item signed for its period"),
    (edit("measurement", item="0" * 16), "no item signed"),
    (edit("measurement", level="team"), "another noise scale"),
    (edit("measurement", charge="other"), "another charge than other levels"),
    (
        lambda entries: [e["body"].update(charge="one") for e in entries if e["kind"] == "measurement"],
        "share one",
    ),
    (lambda entries: body(entries, "measurement")["values"].update(P=5), "other groups than its register"),
    (lambda entries: body(entries, "measurement", 1)["values"].pop("A"), "other groups than its register"),
    (lambda entries: body(entries, "measurement")["values"].update(O=300.5), "no whole number"),
    (lambda entries: entries.remove([e for e in entries if e["kind"] == "measurement"][2]), "lacks the draw"),
]


@pytest.mark.parametrize(("change", "words"), DRAWS, ids=range(len(DRAWS)))
def test_a_draw_that_the_plan_does_not_allow_is_refused(audited: Audited, change: Any, words: str) -> None:
    refused(finding("draws", audited.rewritten(change), audited), words)
