"""``leeward erase``: take out all rows of one person, whose id is read from standard input."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take out all rows of one person. The id is read from standard input, never from the command line, "
        "where other users could see it. Erase the person in the source files first, or they come back."
    )
    parser.set_defaults(call=run)


def run(_chosen: argparse.Namespace) -> int:
    import sys

    from pipelines.installation import check
    from pipelines.people import erase

    home = Home.from_environment()
    check(home)
    rows = erase(home, sys.stdin.readline())
    told = ", ".join(f"{count} of {export}" for export, count in rows.items() if count)
    print(f"Erased: {told or 'nobody of that id is here'}. What was published does not hold the person.")
    return 0
