"""``leeward ingest``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home import Home
from privacy.errors import Refusal

if TYPE_CHECKING:
    from pipelines.ingest_report import IngestReport


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", help="the folder that holds the exports")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, write nothing")
    parser.add_argument(
        "--undo", type=int, metavar="LOAD", help="take out a load while no month that it covers is charged"
    )
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    home = Home.from_environment()
    if chosen.undo is not None:
        return _undo(home, chosen.undo)
    if chosen.folder is None:
        raise Refusal("Name the folder that holds the exports: leeward ingest FOLDER.")
    if chosen.dry_run:
        return _dry_run(home, chosen.folder)
    from pipelines.installation import check

    check(home)
    take_in(home, chosen.folder)
    return 0


def take_in(home: Home, folder: Path) -> None:
    """Run the flow ``ingest`` and print what became of each file."""
    from pipelines.orchestration import settle

    settle(home)
    from pipelines.flows import ingest, start_server

    start_server()
    print_report(ingest(str(home.root), str(folder.resolve())))


def _undo(home: Home, load_id: int) -> int:
    from pipelines.installation import check
    from pipelines.loads import undo
    from pipelines.stored import charged_months_of

    check(home)
    load = undo(home, load_id, charged_months_of(home))
    print(f"Load {load_id} ({load.export}, {load.rows_accepted} rows) is taken out.")
    return 0


def _dry_run(home: Home, folder: Path) -> int:
    from datetime import UTC, datetime

    from pipelines.ingest import ingest
    from pipelines.installation import read_register
    from privacy.policy import read_policy

    known = read_register(home, read_policy(home.policy).levels).unit_ids
    today = datetime.now(UTC).date()
    print_report(ingest(home, folder.resolve(), known_units=known, dry_run=True, today=today))
    return 0


def print_report(report: IngestReport) -> None:
    """What became of each file: counts and rules, never a value."""
    from pipelines.verbs.ingest_table import ingest_lines

    print("\n".join(ingest_lines(report)))
