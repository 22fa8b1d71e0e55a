"""``leeward run``: the flow ``monthly``, then the newest figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the folder that holds the exports")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.orchestration import settle
    from pipelines.verbs.ingest import print_report as print_ingest
    from pipelines.verbs.release import print_report as print_release

    home = Home.from_environment()
    check(home, needs_plan=True)
    settle(home)
    from pipelines.flows import monthly, start_server

    start_server()
    loaded, released = monthly(str(home.root), str(chosen.folder.resolve()))
    print_ingest(loaded)
    print_release(released)
    from pipelines.verbs.newest import newest_lines

    print("\n".join(newest_lines(home)))
    return 0
