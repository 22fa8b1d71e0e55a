"""``leeward study``: a one-off measurement from the reserve, such as after a critical incident."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pipelines.home import Home
from pipelines.verbs import signature
from privacy.errors import Refusal
from privacy.periods import Period

if TYPE_CHECKING:
    from metrics.studies import StudyProposal
    from pipelines.installation import Installation


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("indicator", help="as 'leeward plan' and the policy name it, such as exposure_hours")
    parser.add_argument("--level", required=True, help="how deep, such as programme")
    parser.add_argument("--margin", type=float, required=True, help="wanted, in the indicator's unit")
    parser.add_argument("--period", required=True, help="a month as 2026-03 or a quarter as 2026-Q1")
    parser.add_argument("--to", metavar="PERIOD", help="the last of several periods")
    parser.epilog = "Without --as it tells what the study would cost; with it, it is signed."
    signature.declare(parser)
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from metrics.studies import Question, design_study, year_of
    from pipelines.installation import opened
    from pipelines.verbs.study_table import study_lines

    if not chosen.margin > 0:
        raise Refusal("--margin must be above zero.")
    question = Question(chosen.indicator, chosen.level, _periods(chosen.period, chosen.to), chosen.margin)
    with opened(Home.from_environment()) as installation:
        year = year_of(question.periods, installation.policy.year_starts)
        records = installation.ledger.records
        tree = records.tree(question.periods[-1])
        proposal = design_study(question, installation.policy, tree, records, year)
        print("\n".join(study_lines(question, proposal, records)))
        if chosen.signer:
            print(_signed(installation, proposal, chosen))
    return 0


def _periods(first: str, last: str | None) -> tuple[Period, ...]:
    try:
        start, end = Period.parse(first), Period.parse(last or first)
    except ValueError as error:
        raise Refusal(f"{error}.") from None
    if start.cadence is not end.cadence or not 0 <= end.index - start.index < start.cadence.a_year:
        raise Refusal("--to must be a later period of the same kind, within a year.")
    return end.trailing(end.index - start.index + 1)


def _signed(installation: Installation, proposal: StudyProposal, chosen: argparse.Namespace) -> str:
    from pipelines.agreement import Agreement, sign_and_enter
    from privacy.agreements import study_body

    study = proposal.study
    agreement = Agreement(f"study-{study.year}-{study.number}", "study", study_body(study))
    outcome = sign_and_enter(installation, agreement, signature.given(chosen))
    return signature.told(f"Study {study.number}", outcome, "; the next run measures it")
