"""``leeward audit``: what was promised and spent, and whether everything published holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    budget = actions.add_parser("budget", help="spent, planned and remaining, by year and in total")
    budget.set_defaults(call=_budget)
    verify = actions.add_parser("verify", help="check ledger, releases, policy and witness")
    verify.set_defaults(call=_verify)
    export = actions.add_parser("export", help="one folder for an auditor or a data protection officer")
    export.add_argument("folder", type=Path, help="to be made; it must not exist")
    export.set_defaults(call=_export)
    witness = actions.add_parser("witness", help="begin a new witness after comparing a certificate's head")
    witness.add_argument("--head", required=True, help="NUMBER:HASH, from the newest certificate")
    witness.set_defaults(call=_witness)


def _budget(_chosen: argparse.Namespace) -> int:
    from pipelines.verbs.budget_table import budget_lines
    from privacy.errors import Refusal
    from privacy.records import Records

    home = Home.from_environment()
    if not home.ledger_lines.exists():
        raise Refusal("There is no published ledger yet; run 'leeward init' first.")
    print("\n".join(budget_lines(Records.from_file(home.ledger_lines))))
    return 0


def _verify(_chosen: argparse.Namespace) -> int:
    import tomllib

    from pipelines.installation import read_ledger, witness_lines
    from privacy.verify import tell
    from privacy.verify_more import FurtherAudit

    home = Home.from_environment()
    ledger = read_ledger(home)
    policy = tomllib.loads(home.policy.read_text(encoding="utf-8"))
    return tell(FurtherAudit(ledger, home.releases, policy, witness_lines(ledger)).run())


def _export(chosen: argparse.Namespace) -> int:
    from pipelines.audit_folder import export_audit

    print(f"The audit folder lies at {export_audit(Home.from_environment(), chosen.folder.resolve())}.")
    return 0


def _witness(chosen: argparse.Namespace) -> int:
    from pipelines.installation import begin_witness

    path = begin_witness(Home.from_environment(), chosen.head)
    print(f"A new witness is kept at {path}.")
    return 0
