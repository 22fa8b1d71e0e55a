"""``leeward rotate-key``: everybody gets a new pseudonym; caps run on."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(call=run)


def run(_chosen: argparse.Namespace) -> int:
    from pipelines.installation import check
    from pipelines.people import rotate_key

    home = Home.from_environment()
    check(home)
    print(f"Rotated: {rotate_key(home):,} people have new pseudonyms. Back up the key with the warehouse.")
    return 0
