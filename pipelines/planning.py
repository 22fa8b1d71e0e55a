"""Plans on their way into the ledger: proposed from policy and register, waiting for signatures, closing."""

from __future__ import annotations

import json
from pathlib import Path

from metrics.planner import Proposal, propose
from metrics.rules import ReadingRules
from pipelines.agreement import Agreement, waiting_text
from pipelines.home import Home
from pipelines.installation import Installation, read_register
from privacy.agreements import plan_body
from privacy.budget import YearBudget
from privacy.entries import digest
from privacy.periods import BudgetYear
from privacy.plan import Plan
from privacy.policy import Policy
from privacy.records import Records


def proposal_of(home: Home, policy: Policy, year: BudgetYear) -> Proposal:
    """The plan that the policy's budget buys, from what is public alone: policy, register, ledger.

    Raises:
        Refusal: the policy or the register cannot be read.
    """
    published = Records.from_file(home.ledger_lines) if home.ledger_lines.exists() else Records(())
    return propose(policy, read_register(home, policy.levels), year, published.items_before(year))


def agreement_on(installation: Installation, plan: Plan) -> Agreement:
    """A plan as its signers agree to it."""
    policy = ReadingRules.of(installation.policy).signed(installation.policy)
    register = installation.register_body
    body = plan_body(installation.ledger.records, plan, policy, register)
    return Agreement(_name(plan.year), "plan", body, register)


def waiting_for(installation: Installation, year: BudgetYear) -> Agreement | None:
    """The plan that waits for signatures, if it still stands on the policy, register and ledger of today."""
    text = waiting_text(installation, _name(year))
    if text is None:
        return None
    body = json.loads(text)["body"]
    plan = Plan(year, (), installation.policy.reserve)
    asked = agreement_on(installation, plan).body
    same = all(body.get(key) == asked[key] for key in ("year", "revision", "policy"))
    register = installation.register_body
    if not same or body.get("register") != digest(register):
        return None
    return Agreement(_name(year), "plan", body, register)


def waiting_path(home: Home, year: BudgetYear) -> Path | None:
    """Where the text of a year's plan lies that waits for signatures, if one does."""
    path = home.pending / f"{_name(year)}.json"
    return path if path.exists() else None


def closing(installation: Installation, year: BudgetYear) -> Agreement:
    """The end of a year: no item stays open, the reserve is what studies have taken."""
    budget = YearBudget.of(installation.ledger.records, year)
    return agreement_on(installation, Plan(year, (), budget.studied))


def _name(year: BudgetYear) -> str:
    return f"plan-{year}"
