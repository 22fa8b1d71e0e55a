"""``leeward ingest``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
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
    from pipelines.orchestration import settle

    check(home)
    settle(home)
    from pipelines.flows import ingest, start_server

    start_server()
    print_report(ingest(str(home.root), str(chosen.folder.resolve())))
    return 0


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
    if report.is_unchanged:
        print("Exports: unchanged, nothing loaded.")
        return
    for file in report.files:
        aside = _counts(file.by_rule)
        print(
            f"  {file.export:<12} {file.file_name}: {file.status}, {file.rows_accepted:,} of "
            f"{file.rows_read:,} rows accepted" + (f"; set aside: {aside}" if aside else "")
        )
        if file.doubted:
            print(f"    counted all the same, as the mapping chose: {_counts(file.doubted)}")
        if file.charged_months:
            print(f"    {len(file.charged_months)} covered months were charged before; their figures stay.")
        if file.is_lost:
            print(
                "    WARNING: none of its rows was accepted, so its months would be measured as if nothing "
                "happened, for good. Correct the mapping or the file and ingest again before you measure."
            )
    for warning in report.warnings:
        print(f"  warning: {warning.sentence}")
    print("Dry run: nothing was written." if report.dry_run else "Rows set aside: protected/set_aside/")


def _counts(by_rule: Mapping[str, int]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in by_rule.items())
