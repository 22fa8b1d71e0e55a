"""``leeward init``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER",
        help="copy policy.toml, register.csv and mapping.toml from here instead of writing templates",
    )  # fmt: skip
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.installation import begin, unfilled

    home = Home.from_environment()
    made = begin(home, chosen.source)
    print(f"{home.root}: " + (f"made {', '.join(made)}" if made else "nothing to make, all is there"))
    if not home.ledger.exists():
        print(f"Fill in config/ ({', '.join(unfilled(home))} still as it came), then 'leeward init' again.")
    return 0
