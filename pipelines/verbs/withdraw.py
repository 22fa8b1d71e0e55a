"""``leeward withdraw``: mark a release as wrong. It is kept, and nothing is drawn again."""

from __future__ import annotations

import argparse

from pipelines.home import Home
from pipelines.verbs import signature
from privacy.agreements import Reason


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", help="the name of its folder in releases/")
    parser.add_argument("--reason", required=True, choices=[reason.value for reason in Reason])
    signature.declare(parser)
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.agreement import Agreement, sign_and_enter
    from pipelines.installation import opened
    from pipelines.publishing import publish_pending
    from privacy.agreements import withdrawal_body

    given = signature.given(chosen)
    with opened(Home.from_environment()) as installation:
        body = withdrawal_body(installation.ledger.records, chosen.release, Reason(chosen.reason))
        outcome = sign_and_enter(
            installation, Agreement(f"withdrawal-{chosen.release}", "withdrawn", body), given
        )
        publish_pending(installation.home, installation.ledger, installation.witness)
    ending = "; what it was the first to publish is blank from the next release on"
    print(signature.told(f"Withdrawal of {chosen.release}", outcome, ending))
    return 0
