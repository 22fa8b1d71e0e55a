"""What people agreed to cannot be forged: signatures, approvals, withdrawals, studies and restores.

Vectors are the work of a forger who chains the ledger anew but has nobody's private key.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from signatories import SECOND, TESTER, public_key
from vectors.agreed import POLICY, build_agreed, found
from vectors.audited import MONTHS, Audited, body, refused

from privacy.periods import Period
from privacy.verify_more import FurtherAudit

Entries = list[dict[str, Any]]
THIRD = "C Third"


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build_agreed(tmp_path_factory.mktemp("agreed"))


def test_what_was_agreed_to_holds(agreed: Audited) -> None:
    findings = {each.name: each for each in FurtherAudit(agreed.lines, agreed.releases, POLICY, None).run()}
    assert not [each.sentence for each in findings.values() if not each.holds and each.name != "noise"]
    assert findings["signatures"].sentence.startswith("7 signatures are over what was entered")
    assert findings["approvals"].sentence == "0 releases wait for approval, 1 are withdrawn."


def swap(entries: Entries) -> None:
    """Somebody's true signature over another text, put under this one."""
    study, plan = body(entries, "study"), body(entries, "plan")
    study["signatures"][TESTER] = plan["signatures"][TESTER]


def exchange(entries: Entries) -> None:
    """Two true signatures over the very text, under each other's names."""
    signatures = body(entries, "plan")["signatures"]
    signatures[TESTER], signatures[SECOND] = signatures[SECOND], signatures[TESTER]


def another_key(entries: Entries) -> None:
    """The forger's own key under the signer's name: no signature is over a plan that says so."""
    body(entries, "plan")["policy"]["signing"]["signers"][TESTER] = public_key(THIRD)


NOT_OVER_IT = "has a signature that is not over it, or not by its signer's key"
SIGNATURES: list[tuple[Callable[[Entries], object], str]] = [
    (swap, NOT_OVER_IT),
    (exchange, NOT_OVER_IT),
    (another_key, NOT_OVER_IT),
    (lambda entries: body(entries, "plan").update(reserve_pico=1), NOT_OVER_IT),
    (lambda entries: body(entries, "study").update(number=2), NOT_OVER_IT),
    (lambda entries: body(entries, "withdrawn").update(reason="wrong-mapping"), NOT_OVER_IT),
    (lambda entries: body(entries, "approved").update(release="2025-01-000001"), "who is no signer"),
    (lambda entries: body(entries, "approved").update(entry="1" * 64), NOT_OVER_IT),
    (lambda entries: body(entries, "plan")["signatures"].update({TESTER: "typed name"}), NOT_OVER_IT),
    (lambda entries: body(entries, "plan")["signatures"].pop(SECOND), "fewer signatures than it needs"),
    (lambda entries: body(entries, "study")["signatures"].pop(SECOND), "fewer signatures than it needs"),
    (lambda entries: body(entries, "approved")["signatures"].clear(), "fewer signatures than it needs"),
    (lambda entries: body(entries, "withdrawn")["signatures"].clear(), "fewer signatures than it needs"),
    (lambda entries: body(entries, "approved")["signatures"].update({THIRD: "x"}), "who is no signer"),
]


@pytest.mark.parametrize(("change", "words"), SIGNATURES, ids=range(len(SIGNATURES)))
def test_a_forged_agreement_is_refused(agreed: Audited, change: Any, words: str) -> None:
    refused(found("signatures", agreed.rewritten(change), agreed.releases), words)


def test_a_plan_signed_by_others_than_the_policy_names_is_refused(agreed: Audited) -> None:
    policy = {**POLICY, "signing": {**POLICY["signing"], "signers": {TESTER: public_key(TESTER)}}}
    sentence = "The newest plan was signed under other signers than the policy names."
    refused(found("signatures", agreed.lines, agreed.releases, policy), sentence)


def drop(kind: str) -> Callable[[Entries], object]:
    def change(entries: Entries) -> None:
        entries.remove(next(entry for entry in reversed(entries) if entry["kind"] == kind))

    return change


APPROVALS: list[tuple[Callable[[Entries], object], str]] = [
    (drop("approved"), "was published without the approval that it needs"),
    (drop("withdrawn"), "says otherwise than the ledger if it holds"),
    (
        lambda entries: body(entries, "approved").update(entry="0" * 64),
        "was approved by signatures over another",
    ),
    (
        lambda entries: body(entries, "withdrawn").update(entry="0" * 64),
        "was withdrawn by signatures over another",
    ),
    (lambda entries: body(entries, "release", -1)["files"].update(x="y"), "by signatures over another entry"),
]


@pytest.mark.parametrize(("change", "words"), APPROVALS, ids=range(len(APPROVALS)))
def test_a_release_out_without_what_it_needs_is_refused(agreed: Audited, change: Any, words: str) -> None:
    refused(found("approvals", agreed.rewritten(change), agreed.releases), words)


def keep_less(entries: Entries) -> None:
    """The plan as if it had kept less in reserve than the study took."""
    plan = body(entries, "plan")
    plan.update(rho_pico=plan["rho_pico"] - plan["reserve_pico"] + 1, reserve_pico=1)


def test_a_study_that_costs_more_than_the_reserve_is_refused(agreed: Audited) -> None:
    told = found("loss", agreed.rewritten(keep_less), agreed.releases)
    refused(told, "The studies of 2025-07 cost more than its reserve.")


def test_a_draw_of_a_period_that_the_study_does_not_name_is_refused(agreed: Audited) -> None:
    def rename(entries: Entries) -> None:
        body(entries, "study")["periods"] = [str(MONTHS[-2])]

    refused(found("draws", agreed.rewritten(rename), agreed.releases), "no item signed for its period")


def burn(entries: Entries, place: int, before: str) -> None:
    given_up = {"abandoned": ["9:" + "0" * 64], "burnt_before": before}
    time = entries[place - 1]["time"]
    entries.insert(place, {**entries[0], "time": time, "kind": "restored", "body": given_up})


def first_draw(entries: Entries) -> int:
    return next(n for n, entry in enumerate(entries) if entry["kind"] == "measurement")


@pytest.mark.parametrize("burnt_first", [True, False])
def test_nothing_is_drawn_of_a_year_that_a_restore_burnt(agreed: Audited, burnt_first: bool) -> None:
    """What was drawn before the restore stands."""
    lines = agreed.rewritten(
        lambda entries: burn(entries, first_draw(entries) if burnt_first else len(entries), "2026-07-01")
    )
    told = found("draws", lines, agreed.releases)
    assert told.holds is not burnt_first
    if burnt_first:
        refused(told, "is of a period that a restore has burnt")


@pytest.mark.parametrize(("day", "holds"), [("31", True), ("32", False)])
def test_of_a_month_that_ends_before_a_restores_day_nothing_is_drawn(
    agreed: Audited, day: str, holds: bool
) -> None:
    """Days are texts here, compared as such: the 32nd is the first after any month."""

    def burn_before_the_last(entries: Entries) -> None:
        place = max(n for n, entry in enumerate(entries) if entry["kind"] == "measurement")
        burn(entries, place, f"{Period.parse(entries[place]['body']['period']).months[-1]}-{day}")

    assert found("draws", agreed.rewritten(burn_before_the_last), agreed.releases).holds is holds


def test_a_year_may_spend_all_that_is_promised_with_a_study_out_of_its_reserve(agreed: Audited) -> None:
    def promise_no_more(entries: Entries) -> None:
        plan = body(entries, "plan")
        plan["policy"]["rho_pico"] = plan["rho_pico"]

    assert found("loss", agreed.rewritten(promise_no_more), agreed.releases).holds


@pytest.mark.parametrize("before", ["2026-03-01", "2026-06-30"])
def test_a_restore_burns_the_whole_year_in_which_it_was_made(agreed: Audited, before: str) -> None:
    """Else everything after the day after it could be drawn a second time."""
    lines = agreed.rewritten(lambda entries: burn(entries, len(entries), before))
    refused(found("schema", lines, agreed.releases), "burns less than the year in which it was made")


def test_what_a_restore_gave_up_is_told_and_no_other_head_is_excused(agreed: Audited) -> None:
    lines = agreed.rewritten(lambda entries: burn(entries, len(entries), "2026-07-01"))
    seen = FurtherAudit(lines, agreed.releases.parent / "none", POLICY, ["9:" + "0" * 64])
    told = next(each for each in seen.run() if each.name == "heads")
    assert told.holds and "a restore openly gave up 1" in told.sentence
    other = FurtherAudit(lines, agreed.releases.parent / "none", POLICY, ["9:" + "1" * 64])
    refused(next(each for each in other.run() if each.name == "heads"), "forked or rewritten")


# what a signed plan fixes


def test_a_plan_that_appoints_its_own_signers_is_refused(agreed: Audited) -> None:
    """By the product, and by the verifier also where the next plan names the old ones again."""

    def appoint(entries: Entries) -> None:
        plan = json.loads(json.dumps(body(entries, "plan")))
        plan["policy"]["signing"] = {"plan": 1, "release": 0, "signers": {THIRD: public_key(THIRD)}}
        plan.update(revision=2, signatures={THIRD: ""})
        entries.append({**entries[-1], "kind": "plan", "body": plan})

    refused(
        found("signatures", agreed.rewritten(appoint), agreed.releases), "is not signed by the signers before"
    )


def test_a_promise_that_changes_within_its_year_is_refused(agreed: Audited) -> None:
    def promise_less(entries: Entries) -> None:
        plan = json.loads(json.dumps(body(entries, "plan")))
        plan["policy"].update(epsilon="40")
        entries.append({**entries[-1], "kind": "plan", "body": {**plan, "revision": 2}})

    refused(found("schema", agreed.rewritten(promise_less), agreed.releases), "was changed within its year")


def test_a_register_that_no_plan_stands_on_is_refused(agreed: Audited) -> None:
    def slip_in(entries: Entries) -> None:
        register = {**body(entries, "register"), "minimum_group": 1}
        entries.append({**entries[-1], "kind": "register", "body": register})

    refused(found("schema", agreed.rewritten(slip_in), agreed.releases), "that no plan stands on")
