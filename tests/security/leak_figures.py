"""Forces every way to fail, looks at every page of the dashboard, and writes ``docs/figures/leaks.json``."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from canary_agency import CanaryAgency
from forced_paths import CTRL_C, IN_ONE_PROCESS, KILLED, REFUSED, RESUMED
from forced_session import Outcome, Session, alone, press_ctrl_c_at
from publishing_quietly import published
from search import found
from sweep import Sweep
from wire import everything_said

FIGURES = Path(__file__).parents[2] / "docs" / "figures" / "leaks.json"
COMMAND = "make figures-leaks"
KINDS = {
    "well": "nothing wrong: run, dry run, run again, open and closed umask",
    "exports": "spoilt exports",
    "machine": "memory, disks and a held warehouse",
    "stores": "constraints, damaged or lost warehouse, ledger, witness and key",
    "stops": "retries, misread columns, stops inside a step",
    "step": "an error with a whole row in its text, in each step",
    "killed": "a refusal, Ctrl-C, kills and resuming, each in a process of its own",
}
Row = dict[str, str | int]


def rows(folder: Path) -> Iterator[Row]:
    session = Session.at(folder)
    session.force(IN_ONE_PROCESS)
    yield planted_in(session.begun)
    outcomes = [session.outcome(path) for path in IN_ONE_PROCESS.values()]
    outcomes = [outcome for outcome in outcomes if not outcome.exit_code.startswith("not forced")]
    for kind in KINDS:
        if chosen := [outcome for outcome in outcomes if outcome.path.kind == kind]:
            yield figures(KINDS[kind], chosen)
    yield figures(KINDS["killed"], stopped_and_resumed(CanaryAgency.at(folder / "killed", "2026-01")))
    yield sent_by_the_dashboard(published(CanaryAgency.at(folder / "shown")))


def planted_in(agency: CanaryAgency) -> Row:
    columns = sum(len(each.export.columns) for each in agency.planted)
    return {"what": "planted", "columns": columns, "canaries": len(agency.canaries)}


def stopped_and_resumed(agency: CanaryAgency) -> Iterator[Outcome]:
    yield alone(REFUSED, agency)
    yield alone(CTRL_C, agency, press_ctrl_c_at(agency.root / "waiting"))
    yield from (alone(path, agency) for path in (*KILLED, RESUMED))


def figures(what: str, outcomes: Iterable[Outcome]) -> Row:
    """Sums over paths; each is looked at before the next is forced."""
    swept, paths, ended, modes = Sweep(), 0, 0, 0
    for outcome in outcomes:
        swept.add(outcome.swept())
        paths += 1
        ended += outcome.exit_code == str(outcome.path.code) and bool(
            re.search(outcome.path.says, outcome.stderr)
        )
        modes += len(outcome.wrong_modes())
    return {
        "what": what, "paths": paths, "ended_as_declared": ended, "places": swept.places, "bytes": swept.size,
        "hits": len(swept.hits), "wrong_modes": modes,
    }  # fmt: skip


def sent_by_the_dashboard(agency: CanaryAgency) -> Row:
    said = everything_said(agency.home.root, agency.environment).values()
    hits = sum(len(found(content, agency.canaries)) for content in said)
    what = "the dashboard: every page over its websocket, its downloads, probes, its log"
    return {"what": what, "places": len(said), "bytes": sum(map(len, said)), "hits": hits}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        document = {"command": COMMAND, "rows": list(rows(Path(folder)))}
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for row in document["rows"]:
        print(*(f"{key} {value}" for key, value in row.items()), sep=", ")  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
