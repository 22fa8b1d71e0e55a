"""``leeward show``: what is held of one person, whose id is read from standard input, into a file."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write what is held of one person into a file that only its owner can read. The id is read from "
        "standard input, never from the command line, where other users could see it."
    )
    parser.set_defaults(call=run)


def run(_chosen: argparse.Namespace) -> int:
    import sys
    from datetime import UTC, datetime

    from pipelines.installation import check
    from pipelines.showing import show
    from privacy.policy import read_policy

    home = Home.from_environment()
    check(home)
    path = show(home, read_policy(home.policy), sys.stdin.readline(), datetime.now(UTC).date())
    print(path)
    print("Give it to the person alone and delete it; the next erase, retain or rotate-key does so, too.")
    return 0
