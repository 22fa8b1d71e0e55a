"""``leeward join``: two ids are one person; both are read from standard input."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Let two ids be one person: the first line of standard input is the id to keep, the second another. "
        "What both have charged adds up; until it has passed, nothing more is charged to them."
    )
    parser.set_defaults(call=run)


def run(_chosen: argparse.Namespace) -> int:
    import sys

    from pipelines.installation import check
    from pipelines.people import join

    home = Home.from_environment()
    check(home)
    found = join(home, sys.stdin.readline(), sys.stdin.readline())
    to_come = "" if found else " One of them is in no file so far: see that it is right."
    print(f"Joined: both ids are one person from now on.{to_come}")
    return 0
