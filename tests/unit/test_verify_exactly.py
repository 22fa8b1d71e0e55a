"""The verifier at its limits: what just holds, what just breaks, and the very sentences."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from signatories import enter_plan
from vectors.audited import (
    LEVELS,
    MONTHS,
    POLICY,
    RHO,
    YEARS,
    Audited,
    body,
    build,
    finding,
    item,
    refused,
    tree,
)

from privacy.accounting import Rho
from privacy.ledger import Ledger
from privacy.periods import Cadence, Period
from privacy.plan import Charge, Plan
from privacy.verify import FALSE_ALARM, Audit, Broken, Finding, last_month, parse

Entries = list[dict[str, Any]]
QUARTER = Period.parse("2026-Q1")


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def copied(audited: Audited, tmp_path: Path) -> Audited:
    return audited.copied_to(tmp_path)


def found(name: str, made: Audited, policy: dict[str, Any] | None = POLICY) -> Finding:
    audit = Audit(made.lines, made.releases, policy, made.heads)
    return next(each for each in audit.run() if each.name == name)


# loss


def test_without_a_policy_or_with_one_that_is_none_it_says_so(audited: Audited) -> None:
    assert found("loss", audited, None).sentence.endswith(
        "is in the budget; no policy was given to compare with."
    )
    assert found("loss", audited, {}).sentence == "The policy is missing, unreadable or none."


@pytest.mark.parametrize(
    ("rho", "has_meaning"), [(0, False), (1, True), (-1, False), ("1", False), (1.5, False)]
)
def test_a_budget_is_a_whole_number_above_nothing(audited: Audited, rho: Any, has_meaning: bool) -> None:
    lines = audited.rewritten(lambda entries: body(entries, "plan")["policy"].update(rho_pico=rho))
    told = finding("loss", lines, audited)
    assert not told.holds and (told.sentence == "The budget of 2024-07 has no meaning.") is not has_meaning


def test_a_plan_may_keep_nothing_in_reserve(audited: Audited) -> None:
    def keep_nothing(entries: Entries) -> None:
        plan = body(entries, "plan")
        plan.update(rho_pico=plan["rho_pico"] - plan["reserve_pico"], reserve_pico=0)

    assert finding("loss", audited.rewritten(keep_nothing), audited).holds


def test_closing_what_is_not_open_changes_nothing(audited: Audited) -> None:
    def close(entries: Entries) -> None:
        closed = {"year": str(YEARS[0]), "item": "0" * 32}
        entries.append({**entries[-1], "kind": "closed", "body": closed})

    lines = audited.rewritten(close)
    assert finding("loss", lines, audited).holds and finding("draws", lines, audited).holds


# quarters


def quarterly(root: Path, first_day: str = "2026-01-01") -> Audited:
    """One quarterly item and its draw; from a day on all groups have other names."""
    measured = replace(item("left", cap_squared=4), cadence=Cadence.QUARTER)
    renamed = json.loads(json.dumps(tree().to_json()).replace('"O"', '"P"'))
    trees = [{"from": "2024-07-01", **tree().to_json()}, {"from": first_day, **renamed}]
    register = {"document": "Budget", "levels": list(LEVELS), "minimum_group": 10, "trees": trees}
    policy = {"fingerprint": "0" * 64, "lag_days": 35, "epsilon": "4", "delta": "1e-06", "rho_pico": RHO.pico}
    clock = datetime(2026, 5, 1, tzinfo=UTC)
    (root / "releases").mkdir(parents=True)
    with Ledger.create(root / "ledger.sqlite", "Example", code="1", clock=lambda: clock) as ledger:
        enter_plan(ledger, Plan(YEARS[1], (measured,), Rho(0)), {**policy, "reading": {}}, register)
        charge = Charge("c", measured, QUARTER, 2)
        groups = ledger.records.tree(QUARTER)
        ledger.measure(charge, YEARS[1], lambda level: {g.id: 50 for g in groups.at(level)})
        return Audited(list(ledger.lines()), root / "releases")


@pytest.mark.parametrize(
    ("first_day", "root_id"),
    [("2025-12-01", "P"), ("2026-01-01", "P"), ("2026-01-02", "O"), ("2026-02-01", "O"), ("2026-04-01", "O")],
)
def test_a_quarter_is_drawn_for_the_groups_of_its_first_day(
    tmp_path: Path, first_day: str, root_id: str
) -> None:
    made = quarterly(tmp_path, first_day)
    assert set(body(made.entries(), "measurement")["values"]) == {root_id}
    assert found("draws", made).holds and found("loss", made).holds


def test_an_item_is_drawn_in_its_own_cadence(tmp_path: Path, audited: Audited) -> None:
    made = quarterly(tmp_path)

    def by_month(entries: Entries) -> None:
        for entry in entries:
            if entry["kind"] == "measurement":
                entry["body"]["period"] = "2026-01"

    refused(finding("draws", made.rewritten(by_month), made), "has another cadence than its item")
    lines = audited.rewritten(lambda entries: body(entries, "measurement").update(period="2024-Q4"))
    refused(finding("draws", lines, audited), "has another cadence than its item")


# noise


class Given(Audit):
    """An audit of draws whose one contrast each has a square that is given."""

    def __init__(self, squares: list[float]) -> None:
        super().__init__([], Path("none"), None, None)
        self.squares = squares

    def draws(self) -> Iterator[tuple[str, str, dict[Any, Any], dict[Any, Any], list[list[Any]]]]:
        groups = [["O", "All", None, "organisation"], ["A", "A", "O", "division"]]
        measured = {"measure": "left", "sigma": [["organisation", 1], ["division", 1]]}
        for number, square in enumerate(self.squares):
            for level, values in (("organisation", {"O": math.sqrt(2 * square)}), ("division", {"A": 0.0})):
                drawn = {"item": "left", "period": str(number), "level": level, "values": values}
                yield "", "", drawn, measured, groups


def ratio_with_tail(tail: float, count: int, *, quiet: bool) -> float:
    """The mean square of so many contrasts at which Chernoff's bound is exp(tail)."""
    low, high = (1e-9, 1.0) if quiet else (1.0, 1e3)
    for _ in range(200):
        middle = (low + high) / 2
        beyond = count / 2 * (1 - middle + math.log(middle)) < tail
        low, high = (middle, high) if beyond is quiet else (low, middle)
    return middle


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize(("away", "holds"), [(0.05, True), (-0.05, False)])
def test_the_false_alarm_rate_is_spent_on_two_sides_and_every_test(
    quiet: bool, away: float, holds: bool
) -> None:
    """Two tests, of all draws and of the one measure, so a quarter of the rate for each side of each."""
    ratio = ratio_with_tail(math.log(FALSE_ALARM / 2 / 2) + away, 40, quiet=quiet)
    told = next(each for each in Given([ratio] * 40).run() if each.name == "noise")
    assert told.holds is holds


@pytest.mark.parametrize(("count", "told"), [(11, "There are too few draws to tell"), (12, "(12 contrasts)")])
def test_twelve_contrasts_are_enough_to_judge(count: int, told: str) -> None:
    assert told in next(each for each in Given([1.0] * count).run() if each.name == "noise").sentence


# files


def test_every_release_that_is_missing_or_strange_is_named(copied: Audited) -> None:
    first, second = sorted(copied.releases.iterdir())
    for folder in (first, second):
        shutil.copytree(folder, folder.with_name(f"x~\x07{folder.name}"))
    assert found("files", copied).sentence == (
        f"Folder x~?{first.name} x~?{second.name} lies among the releases without a ledger entry."
    )
    for folder in copied.releases.iterdir():
        shutil.rmtree(folder)
    assert found("files", copied).sentence == (
        f"Release {first.name} {second.name} was entered but is missing: withheld or removed."
    )


def test_a_certificate_says_at_least_what_was_entered(copied: Audited) -> None:
    for folder, entry in zip(sorted(copied.releases.iterdir()), releases(copied), strict=True):
        (folder / "certificate.json").write_text(json.dumps(entry))
    assert found("files", copied).holds


def releases(made: Audited) -> list[dict[str, Any]]:
    bodies = [entry["body"] for entry in made.entries() if entry["kind"] == "release"]
    return sorted(bodies, key=lambda entered: str(entered["release"]))


def test_what_cannot_be_read_is_named_by_the_kind_of_fault(copied: Audited) -> None:
    first = sorted(copied.releases.iterdir())[0]
    (first / "certificate.json").write_text("{")
    assert found("files", copied).sentence == "What this reads is missing or malformed (JSONDecodeError)."


def needs_approval(entries: Entries, *, approved: int) -> None:
    """The plans as if each release needed one approval, of which some were given."""
    for entry in entries:
        if entry["kind"] == "plan":
            entry["body"]["policy"]["signing"]["release"] = 1
    for entered in [entry for entry in entries if entry["kind"] == "release"][:approved]:
        given = {"release": entered["body"]["release"], "entry": "", "signatures": {}}
        entries.append({**entries[-1], "kind": "approved", "body": given})


@pytest.mark.parametrize(
    ("approved", "out", "holds"), [(0, 0, True), (1, 1, True), (2, 1, False), (1, 2, True)]
)
def test_a_release_that_waits_for_approval_is_not_missed(
    copied: Audited, approved: int, out: int, holds: bool
) -> None:
    """That nothing lies there without its approval is another check's."""
    change: Callable[[Entries], None] = lambda entries: needs_approval(entries, approved=approved)  # noqa: E731
    for folder in sorted(copied.releases.iterdir())[out:]:
        shutil.rmtree(folder)
    made = Audited(copied.rewritten(change), copied.releases, None)
    assert found("files", made).holds is holds


def test_the_newest_month_is_the_vectors(audited: Audited) -> None:
    """So that nothing above is true of an empty ledger."""
    assert len(releases(audited)) == 2 and releases(audited)[-1]["period"] == str(MONTHS[-1])


# years, entries and periods


def test_an_earlier_year_that_was_signed_for_more_is_named(audited: Audited) -> None:
    """A cheap plan of a later year hides no loud one in force."""

    def add_years(entries: list[dict[str, Any]]) -> None:
        plan = json.loads(json.dumps(body(entries, "plan")))
        plan["policy"].update(epsilon="0.5", rho_pico=1000)
        plan.update(year="2027-07", items=[], rho_pico=1000, reserve_pico=1000)
        entries.append({**entries[-1], "kind": "plan", "body": plan})

    cheap = {"budget": {"epsilon": "0.5", "delta": POLICY["budget"]["delta"]}}
    told = next(
        each for each in Audit(audited.rewritten(add_years), audited.releases, cheap, None).run()
        if each.name == "loss"
    )  # fmt: skip
    assert told.holds
    years = [f"; {year} has epsilon 4, delta 1e-06" for year in map(str, YEARS)]
    assert len(years) > 1 and told.sentence.endswith(f"is in the budget{''.join(years)}.")


@pytest.mark.parametrize(
    "line",
    [
        '{"body":{"b":1,"a":2}}',
        '{"body":{"a":"\\u00e9"}}',
        '{"body":{"a":NaN}}',
        '{"body":{"a":Infinity}}',
        '{"body": {}}',
        '{"body":{"a":1,"a":1}}',
    ],
)
def test_what_is_written_otherwise_than_in_canonical_json_is_no_entry(line: str) -> None:
    """So an entry has one form, and a hash of one."""
    assert parse('{"body":{"a":2,"b":1,"c":"\u00e9"}}')
    assert parse(line) == {}


def test_what_is_no_period_is_said_to_be_none() -> None:
    with pytest.raises(Broken) as broken:
        last_month("2026-13")
    assert str(broken.value) == "A period is neither a month nor a quarter."
