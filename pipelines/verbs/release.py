"""``leeward release``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pipelines.home import Home

if TYPE_CHECKING:
    from pipelines.release import ReleaseReport


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("period", nargs="?", help="one month, as 2026-03 (default: all that are due)")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.orchestration import settle
    from privacy.errors import Refusal
    from privacy.periods import Period

    if chosen.period:
        try:
            Period.parse(chosen.period)
        except ValueError as error:
            raise Refusal(f"{error}.") from None
    home = Home.from_environment()
    check(home, needs_plan=True)
    settle(home)
    from pipelines.flows import release, start_server

    start_server()
    print_report(release(str(home.root), chosen.period))
    return 0


def print_report(report: ReleaseReport) -> None:
    """How much was drawn, published and held."""
    if not report.placed:
        print("Releases: nothing is due, nothing was drawn.")
        return
    print(f"Releases: {report.drawn} measurements drawn, {len(report.published)} releases published.")
    for release in report.held:
        print(f"  {release.id} waits for approval: leeward approve {release.id} --as NAME --key FILE")
