"""What people sign, and what must hold before it is entered: plans, studies, approvals, withdrawals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from privacy.accounting import Rho, total
from privacy.budget import YearBudget
from privacy.entries import canonical, digest
from privacy.errors import BudgetRefused, LedgerRefused
from privacy.periods import BudgetYear, Period
from privacy.plan import Plan, PlanItem, Study
from privacy.records import Records
from privacy.releases import Stage, stage_of, stages
from privacy.signing import Signers

PROMISE = ("epsilon", "delta", "rho_pico")
Body = dict[str, Any]


class Reason(Enum):
    """Why a release is withdrawn: a code, so that no free text stands in the ledger."""

    WRONG_EXPORT = "wrong-export"
    WRONG_MAPPING = "wrong-mapping"
    WRONG_REGISTER = "wrong-register"
    WRONG_DEFINITION = "wrong-definition"

    @property
    def words(self) -> str:
        return self.value.replace("-", " ")


def plan_body(records: Records, plan: Plan, policy: Mapping[str, Any], register: Mapping[str, Any]) -> Body:
    """A plan with the policy and the register that it stands on, as its signers read it.

    Amending a year's plan is the same with the next revision: the items that it lacks are closed.
    """
    return {
        "year": str(plan.year),
        "revision": len(records.plans(plan.year)) + 1,
        "items": [item.to_json() for item in plan.items],
        "reserve_pico": plan.reserve.pico,
        "rho_pico": plan.rho.pico,
        "policy": dict(policy),
        "register": digest(register),
    }


def is_in_force(records: Records, body: Mapping[str, Any]) -> bool:
    """Whether the newest plan of the year says the same already."""
    plans = records.plans(BudgetYear(Period.parse(body["year"])))
    return bool(plans) and all(plans[-1].body[key] == body[key] for key in body if key != "revision")


def study_body(study: Study) -> Body:
    return study.to_json()


def approval_body(records: Records, release: str) -> Body:
    """Agreement that a release leaves as it was entered."""
    return {"release": release, "entry": stage_of(records, release).entry.hash}


def withdrawal_body(records: Records, release: str, reason: Reason) -> Body:
    """Agreement that what a release was the first to publish was wrong."""
    return {"release": release, "entry": stage_of(records, release).entry.hash, "reason": reason.value}


def signers_of(records: Records, kind: str, body: Mapping[str, Any]) -> Signers:
    """Whose signatures count: a plan brings its signers, all else is signed under the plan in force.

    Raises:
        BudgetRefused: no plan has been signed.
    """
    if kind == "plan":
        return Signers.from_json(body["policy"]["signing"])
    if kind == "study":
        year = BudgetYear(Period.parse(body["year"]))
    else:
        year = stage_of(records, body["release"]).year
    return Signers.from_json(records.plan_in_force(year).body["policy"]["signing"])


def missing_from_before(records: Records, kind: str, names: Iterable[str], signers: Signers) -> int:
    """How many signatures a plan still lacks of those whom the plan before it named, by the same keys.

    Else whoever proposes a plan would name whom they like, and sign it themselves.
    """
    newest = records.newest_plan if kind == "plan" else None
    if newest is None:
        return 0
    before = Signers.from_json(newest.body["policy"]["signing"])
    keys, known = dict(signers.keys), dict(before.keys)
    count = sum(name in known and known[name] == keys[name] for name in names)
    return max(0, before.needed("plan") - count)


def check_handover(records: Records, kind: str, names: Iterable[str], signers: Signers) -> None:
    """Signers hand over to the next. Raises BudgetRefused where too few of those before have signed."""
    if missing := missing_from_before(records, kind, names, signers):
        raise BudgetRefused(
            f"A plan is signed by signers of the plan before it; {missing} of those still must: keep them in "
            "the policy beside the new ones until they have signed, then take them out."
        )


def check(records: Records, kind: str, body: Mapping[str, Any]) -> None:
    """What must hold of an agreement, its signatures apart.

    Raises:
        BudgetRefused: it would cost more than is allowed, or breaks what was promised.
        LedgerRefused: the ledger has moved on since it was proposed.
    """
    _CHECKS[kind](records, body)


def _check_plan(records: Records, body: Mapping[str, Any]) -> None:
    year = BudgetYear(Period.parse(body["year"]))
    if body["revision"] != len(records.plans(year)) + 1:
        raise LedgerRefused(
            f"The plan of {year.title} was amended since this one was proposed; propose and sign it again."
        )
    _check_years(records, year)
    _check_promise(records, year, body["policy"])
    items = tuple(PlanItem.from_json(item) for item in body["items"])
    plan, allowed = Plan(year, items, Rho(body["reserve_pico"])), Rho(body["policy"]["rho_pico"])
    _check_text(body, {"items": [item.to_json() for item in items], "rho_pico": plan.rho.pico})
    plan.check(allowed)
    studied = total(study.item.rho for study in records.studies(year))
    if studied > plan.reserve:
        raise BudgetRefused(
            f"Studies have taken ρ = {studied} of {year.title} already, the plan keeps a reserve of "
            f"{plan.reserve}; keep at least as much."
        )
    kept = {item.identity: item for item in (*records.drawn_items(year), *items)}
    spent = Plan(year, tuple(kept.values()), plan.reserve).rho
    if spent > allowed:
        raise BudgetRefused(
            f"With what {year.title} has drawn already the plan costs ρ = {spent}, the policy allows "
            f"{allowed}; keep the drawn items or measure less."
        )


def _check_text(body: Mapping[str, Any], meant: Mapping[str, Any]) -> None:
    """What people sign may say nothing but what is carried out, since an entry stays for ever."""
    if any(canonical(body[key]) != canonical(value) for key, value in meant.items()):
        raise BudgetRefused(
            "The text that waits for signatures says something else than what would be measured; it was "
            "edited: remove it from pending/, and propose and sign it again."
        )


def _check_years(records: Records, year: BudgetYear) -> None:
    """Budget years tile the calendar: a month in two of them would be paid for by neither."""
    for signed in records.years:
        if (signed.first.index - year.first.index) % 12:
            raise BudgetRefused(
                f"The budget year {year.title} overlaps {signed.title}, which is signed; "
                f"keep year_starts = {signed.first.first_day.month} in the policy."
            )


def _check_promise(records: Records, year: BudgetYear, policy: Mapping[str, Any]) -> None:
    """What was promised for a year stands for that year, whatever the policy says later."""
    for entry in records.plans(year):
        signed = entry.body["policy"]
        if any(signed.get(key) != policy.get(key) for key in PROMISE):
            raise BudgetRefused(
                f"For {year.title} ε = {signed.get('epsilon')} at δ = {signed.get('delta')} was promised and "
                "signed; a promise is not changed within its year. Put the policy back; next year may differ."
            )


def _check_study(records: Records, body: Mapping[str, Any]) -> None:
    study = Study.from_json(body)
    _check_text({"study": body}, {"study": study.to_json()})
    if study.number != len(records.studies(study.year)) + 1:
        raise LedgerRefused(
            "Another study was signed since this one was proposed; propose and sign it again."
        )
    if study.item.rho > (left := YearBudget.of(records, study.year).reserve_left):
        raise BudgetRefused(
            f"The study costs ρ = {study.item.rho}, the reserve of {study.year.title} has {left} left; "
            "accept a wider margin or fewer levels."
        )


def _check_approval(records: Records, body: Mapping[str, Any]) -> None:
    _check_stage(records, body, Stage.HELD, "is not held for approval")


def _check_withdrawal(records: Records, body: Mapping[str, Any]) -> None:
    Reason(body["reason"])
    if stages(records)[body["release"]].stage is Stage.WITHDRAWN:
        raise LedgerRefused(f"Release {body['release']} is withdrawn already.")
    _check_stage(records, body, None, "")


def _check_stage(records: Records, body: Mapping[str, Any], wanted: Stage | None, why_not: str) -> None:
    state = stage_of(records, body["release"])
    if wanted is not None and state.stage is not wanted:
        raise LedgerRefused(f"Release {body['release']} {why_not}; see 'leeward audit budget'.")
    if state.entry.hash != body["entry"]:
        raise LedgerRefused(f"Release {body['release']} is another than was signed for; sign again.")


_CHECKS: Mapping[str, Callable[[Records, Mapping[str, Any]], None]] = {
    "plan": _check_plan,
    "study": _check_study,
    "approved": _check_approval,
    "withdrawn": _check_withdrawal,
}
