"""The command ``leeward``. Verbs import what they need only when they run, so that help is instant."""

from __future__ import annotations

import argparse
import os
import select
import sys
from importlib import import_module

from privacy.errors import Refusal, kind_of

OUTPUT = 1
VERBS = {
    "init": "make a home: folders, commented configuration, ledger and witness",
    "signer": "name in the policy who may sign",
    "plan": "show what the policy's budget buys; propose, sign or close a year's plan",
    "study": "a one-off measurement paid for from the reserve",
    "map": "propose how a file's columns become canonical ones",
    "ingest": "take in HR exports",
    "set-aside": "give out the rows set aside to be mended, and load them again",
    "release": "measure what is due and publish it",
    "run": "ingest what is new, release what is due",
    "schedule": "run every month by itself",
    "approve": "let a release leave that the policy holds for approval",
    "withdraw": "mark a release as wrong; it is kept and nothing is drawn again",
    "audit": "check the budget and everything published",
    "show": "write what is held of one person into a file",
    "erase": "take out all rows of one person",
    "retain": "take out what is past its time",
    "join": "let two ids be one person",
    "rotate-key": "give everybody a new pseudonym",
    "backup": "copy a whole home into a folder",
    "restore": "put a backup back; lose nothing published, draw nothing twice",
    "dashboard": "show what was released",
}


def parser() -> argparse.ArgumentParser:
    """Every verb with its arguments."""
    whole = argparse.ArgumentParser(
        prog="leeward",
        description="Workforce wellness metrics with nobody exposed.",
        epilog="LEEWARD_HOME names the home (default: var). 'leeward VERB --help' says more.",
    )
    whole.add_argument("--version", action="store_true", help="print the version and stop")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB")
    for name, words in VERBS.items():
        verb = verbs.add_parser(name, help=words, description=words[:1].upper() + words[1:] + ".")
        import_module(f"pipelines.verbs.{name.replace('-', '_')}").declare(verb)
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Returns 0, or the exit code of the refusal it met."""
    known = parser()
    chosen = known.parse_args(sys.argv[1:] if arguments is None else arguments)
    if chosen.version:
        from importlib.metadata import version

        print(version("leeward"))
        return 0
    if chosen.verb is None:
        known.print_help()
        return 0
    return _run(chosen)


def _run(chosen: argparse.Namespace) -> int:
    try:
        return int(chosen.call(chosen) or 0)
    except Refusal as refusal:
        print(f"leeward: {refusal}", file=sys.stderr)
        return refusal.exit_code
    except KeyboardInterrupt:
        print("leeward: stopped; what was stored is whole, run the same command again.", file=sys.stderr)
        return 130
    except OSError as error:
        if isinstance(error, BrokenPipeError) and _has_been_read_enough():
            return 0
        print(
            f"leeward: a file or folder could not be used ({kind_of(error)}); what was stored is whole, "
            "put that right and run the same command again.",
            file=sys.stderr,
        )
        return 8
    except Exception as error:
        print(
            f"leeward: an unexpected fault ({type(error).__name__}); what was stored is whole, "
            "please report it.",
            file=sys.stderr,
        )
        return 1


def _has_been_read_enough() -> bool:
    """Whether it is the output that nobody reads any more, not some other connection that broke."""
    poll = select.poll()
    poll.register(OUTPUT, 0)  # a pipe without a reader tells its error unasked
    if not poll.poll(0):
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), OUTPUT)  # or Python complains as it ends
    return True


if __name__ == "__main__":
    sys.exit(main())
