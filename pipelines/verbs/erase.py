"""``leeward erase``: take out all rows of one person, or let them in again; the id is on standard input."""

from __future__ import annotations

import argparse

from pipelines.home import Home


def declare(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Take out all rows of one person. The id is read from standard input, never from the command line, "
        "where other users could see it. The rows stay out, whichever file brings them."
    )
    parser.add_argument(
        "--readmit", action="store_true", help="the person has come back: let their rows in again"
    )
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    import sys

    from pipelines.installation import check
    from pipelines.people import erase, readmit

    home = Home.from_environment()
    check(home)
    if chosen.readmit:
        readmit(home, sys.stdin.readline())
        print("The person's rows count again from the next ingest on; the caps are as they were.")
        return 0
    rows = erase(home, sys.stdin.readline())
    told = ", ".join(f"{count} of {export}" for export, count in rows.items() if count)
    print(f"Erased: {told or 'no row counted under that id'}. What was published does not hold the person.")
    return 0
