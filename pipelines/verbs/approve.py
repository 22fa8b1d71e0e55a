"""``leeward approve``: let a release leave that the policy holds for approval."""

from __future__ import annotations

import argparse

from pipelines.home import Home
from pipelines.verbs import signature


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", help="as 'leeward audit budget' lists it")
    signature.declare(parser)
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.agreement import Agreement, sign_and_enter
    from pipelines.installation import opened
    from pipelines.publishing import publish_pending
    from privacy.agreements import approval_body

    given = signature.given(chosen)
    with opened(Home.from_environment()) as installation:
        body = approval_body(installation.ledger.records, chosen.release)
        outcome = sign_and_enter(
            installation, Agreement(f"approval-{chosen.release}", "approved", body), given
        )
        publish_pending(installation.home, installation.ledger, installation.witness)
    print(signature.told(f"Release {chosen.release}", outcome, "; it is published"))
    return 0
