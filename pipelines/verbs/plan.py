"""``leeward plan``: what the budget buys; proposing, signing and closing a year's plan."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.home import Home
from pipelines.verbs import signature
from privacy.errors import Refusal
from privacy.periods import BudgetYear, Period

if TYPE_CHECKING:
    from pipelines.agreement import Agreement
    from pipelines.installation import Installation

ACTIONS = {
    "show": "the margins that the policy would buy (unless another is named)",
    "propose": "write the text that signers sign, for those who sign on another machine",
    "sign": "add a signature; enough of them enter the plan, or amend the one in force",
    "close": "end a year: nothing more is drawn of it, and what was not drawn costs nothing",
}


def declare(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(f"{name:<9}{words}" for name, words in ACTIONS.items())
    parser.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="show")
    parser.add_argument(
        "--year", metavar="YYYY-MM", help="the first month of the budget year (default: today's)"
    )
    parser.add_argument("--blanks", action="store_true", help="name every unit that would be left blank")
    signature.declare(parser)
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    home = Home.from_environment()
    if chosen.action == "show":
        return _show(home, chosen.year, with_blanks=chosen.blanks)
    from pipelines.installation import opened

    with opened(home) as installation:
        year = year_of(chosen.year, installation.policy.year_starts)
        _act(installation, year, chosen)
    return 0


def year_of(text: str | None, starts: int) -> BudgetYear:
    """The budget year named by its first month; today's unless named. Raises Refusal."""
    if text is None:
        return BudgetYear.of(Period.holding(datetime.now(UTC).date()), starts=starts)
    try:
        return BudgetYear.parse(text, starts=starts)
    except ValueError as error:
        raise Refusal(f"--year: {error}.") from None


def _show(home: Home, named: str | None, *, with_blanks: bool) -> int:
    from pipelines.planning import proposal_of, waiting_path
    from pipelines.verbs.plan_table import plan_lines
    from privacy.policy import read_policy

    policy = read_policy(home.policy)
    year = year_of(named, policy.year_starts)
    proposal = proposal_of(home, policy, year)
    if (waiting := waiting_path(home, year)) is not None:
        print(f"A plan of {year.title} waits for signatures: its text is {waiting}.")
        print("What follows is what policy and register would buy today.\n")
    print("\n".join(plan_lines(policy, proposal, with_blanks=with_blanks)))
    return 0


def _act(installation: Installation, year: BudgetYear, chosen: argparse.Namespace) -> None:
    from pipelines.agreement import propose, sign_and_enter
    from privacy.agreements import is_in_force

    agreement = _agreement(installation, year, chosen.action)
    if is_in_force(installation.ledger.records, agreement.body):
        installation.settle()  # a crash may have come between the entry and its publication
        print(f"Plan {year.title}: signed already and unchanged.")
    elif chosen.action == "propose":
        print(f"To sign elsewhere: ssh-keygen -Y sign -n leeward -f KEY {propose(installation, agreement)}")
    else:
        outcome = sign_and_enter(installation, agreement, signature.given(chosen))
        print(signature.told(f"Plan {year.title}", outcome, _what_it_holds(installation, agreement)))


def _agreement(installation: Installation, year: BudgetYear, action: str) -> Agreement:
    from pipelines.planning import agreement_on, closing, proposal_of, waiting_for

    if action == "close":
        return closing(installation, year)
    if (waiting := waiting_for(installation, year)) is not None:
        return waiting
    return agreement_on(installation, proposal_of(installation.home, installation.policy, year).plan)


def _what_it_holds(installation: Installation, agreement: Agreement) -> str:
    spent = agreement.body["rho_pico"] / 10**12
    return f": {len(agreement.body['items'])} items, ρ = {spent:.5f} of {installation.policy.rho}"
