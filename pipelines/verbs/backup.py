"""``leeward backup``: a whole home into one folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="to be made; it holds personal data, as the home does")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines.backup import backup

    head = backup(Home.from_environment(), chosen.folder.resolve())
    print(f"Backed up with the ledger at {head}. The witness lies elsewhere: keep it on another disk.")
    return 0
