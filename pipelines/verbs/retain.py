"""``leeward retain``: take out what is past the time for which the policy keeps it."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take out rows that ended longer ago than [retention] of the policy keeps their export, what was set "
        "aside of files of that time, and contributions that no later one can need. What was published stays."
    )
    parser.add_argument("--dry-run", action="store_true", help="tell what would go, write nothing")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from pipelines.installation import check
    from pipelines.retention import retain
    from privacy.policy import read_policy

    home = Home.from_environment()
    check(home)
    told = retain(home, read_policy(home.policy), datetime.now(UTC).date(), dry_run=chosen.dry_run)
    for export, first in told.first.items():
        print(f"  {export:<12} kept from {first} on; rows past that: {told.rows[export]:,}")
    print(f"  contributions that no later one can need: {told.charges:,}")
    print(
        "Dry run: nothing was written."
        if chosen.dry_run
        else "These are taken out; no byte of them stays here."
    )
    return 0
