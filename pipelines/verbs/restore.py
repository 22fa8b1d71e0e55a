"""``leeward restore``: put a backup back, lose nothing that was published, draw nothing twice."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from pipelines.home import Home
from privacy.errors import Refusal


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", type=Path, nargs="?", help="the folder that 'leeward backup' made")
    parser.add_argument(
        "--published", type=Path, metavar="FOLDER",
        help="a newer copy of the published zone (ledger.jsonl, releases/), to enter again what came after",
    )  # fmt: skip
    parser.add_argument(
        "--give-up", action="store_true",
        help="let go what the witness saw and no copy holds: nothing more is drawn of the years begun",
    )  # fmt: skip
    parser.add_argument(
        "--charges-lost", action="store_true",
        help="no backup: the ledger is whole, the warehouse lost charges; everybody counts at the bound",
    )  # fmt: skip
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    home = Home.from_environment()
    if chosen.charges_lost:
        return _stand_in(home)
    if chosen.backup is None:
        raise Refusal("Name the folder of the backup: leeward restore FOLDER.")
    from pipelines.backup import restore

    today = datetime.now(UTC).date()
    done = restore(home, chosen.backup, chosen.published, give_up=chosen.give_up, today=today)
    print(f"Restored {done.entries} entries and {done.taken_over} from the published copy.")
    if done.given_up:
        print(f"{done.given_up} heads of the witness were given up; the ledger says so, and what it costs.")
    if done.charges_lost:
        print(f"{done.charges_lost} charges were lost: everybody counts at the bound for them.")
    return 0


def _stand_in(home: Home) -> int:
    from pipelines.backup import stand_in_for_lost_charges
    from pipelines.installation import opened

    with opened(home) as installation:
        lost = stand_in_for_lost_charges(home, installation.ledger)
    print(
        f"{lost} charges were lost: everybody counts at the bound for them, until their windows have passed."
    )
    return 0
