"""``leeward plan`` and ``leeward plan sign``: from policy and register alone."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.home import Home
from privacy.errors import Refusal
from privacy.periods import BudgetYear, Period

if TYPE_CHECKING:
    from metrics.planner import Proposal
    from privacy.policy import Policy


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("show", "sign"), default="show")
    parser.add_argument(
        "--year", metavar="YYYY-MM", help="the first month of the budget year (default: today's)"
    )
    parser.add_argument("--by", metavar="NAME", help="who signs: entered in the ledger as typed")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from metrics.planner import propose
    from pipelines.installation import read_register
    from privacy.policy import read_policy

    home = Home.from_environment()
    policy = read_policy(home.policy)
    register = read_register(home, policy.levels)
    year = _year(chosen.year, policy.year_starts)
    proposal = propose(policy, register, year)
    if chosen.action == "show":
        from pipelines.verbs.plan_table import plan_lines

        print("\n".join(plan_lines(policy, proposal)))
        return 0
    if not (chosen.by or "").strip():
        raise Refusal("Say who signs: leeward plan sign --by NAME.")
    return _sign(home, policy, proposal, chosen.by.strip())


def _year(text: str | None, starts: int) -> BudgetYear:
    if text is None:
        return BudgetYear.of(Period.holding(datetime.now(UTC).date()), starts=starts)
    try:
        return BudgetYear.parse(text, starts=starts)
    except ValueError as error:
        raise Refusal(f"--year: {error}.") from None


def _sign(home: Home, policy: Policy, proposal: Proposal, signer: str) -> int:
    from metrics.rules import ReadingRules
    from pipelines.installation import opened

    with opened(home) as installation:
        installation.sign_register()
        entry = installation.ledger.sign_plan(
            proposal.plan,
            allowed=policy.rho,
            policy=ReadingRules.of(policy).signed(policy),
            signed_by=signer,
        )
        installation.settle()
    title = proposal.plan.year.title
    if entry is None:
        print(f"Plan {title}: signed already and unchanged.")
    else:
        print(f"Plan {title}: signed as ledger entry {entry.seq}, {len(proposal.plan.items)} items, ρ = "
              f"{proposal.plan.rho} of {policy.rho}.")  # fmt: skip
    return 0
