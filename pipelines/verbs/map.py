"""``leeward map``."""

from __future__ import annotations

import argparse
from pathlib import Path

from privacy.errors import Refusal


def declare(parser: argparse.ArgumentParser) -> None:
    from pipelines.exports import EXPORTS

    parser.add_argument("file", type=Path, nargs="?", help="an export as it comes from the HR system")
    parser.add_argument("--export", choices=sorted(EXPORTS), help="what it is, where that is not told right")
    parser.add_argument("--preset", metavar="NAME", help="print the mapping of a product instead")
    parser.add_argument("--presets", action="store_true", help="list the products that there are presets for")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it to a new file, do not print it")
    parser.set_defaults(call=run)


def run(chosen: argparse.Namespace) -> int:
    from pipelines import presets

    if chosen.presets:
        print("\n".join(presets.names()))
        return 0
    if chosen.preset is not None:
        return _put(presets.text(chosen.preset), chosen.out)
    if chosen.file is None:
        raise Refusal("Name the file to look at: leeward map FILE; or --presets.")
    return _propose(chosen)


def _propose(chosen: argparse.Namespace) -> int:
    from pipelines.proposing.beginning import beginning_of
    from pipelines.proposing.calendars import calendar_in
    from pipelines.proposing.columns import guesses
    from pipelines.proposing.proposal import propose, summary
    from pipelines.proposing.sample import look_at

    beginning = beginning_of(chosen.file)
    if chosen.export in (None, "absences") and (calendar := calendar_in(chosen.file.name, beginning)):
        return _put(calendar.text, chosen.out)
    sample = look_at(chosen.file, beginning)
    proposal = propose(sample, chosen.export)
    text = proposal.text
    if sample.presets:
        text = f"# A preset fits: leeward map --preset {sample.presets[0]}\n{text}"
    _put(text, chosen.out)
    if chosen.out:
        print(summary(proposal, guesses(sample.header)))
    return 0


def _put(text: str, path: Path | None) -> int:
    if path is None:
        print(text)
        return 0
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refusal(f"{path} exists already; name a file that does not.") from None
    return 0
