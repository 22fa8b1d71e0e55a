"""A tiny agency with two months to release: made once, copied for each trial, released as always."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from signatories import TESTER, key_of
from surroundings import kept_surroundings
from tiny_agency import TinyAgency

from privacy.entries import Entry
from privacy.errors import Refusal
from privacy.records import Records
from privacy.verify import Audit
from privacy.witness import whole_heads

TODAY = date(2026, 11, 22)
FIRST_MONTH_DUE = date(2026, 3, 20)
KEY = "key"
POLICY = "home/config/policy.toml"


@dataclass(frozen=True)
class AgencyHome:
    """One copy: a home and its witness in a folder."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def warehouse(self) -> Path:
        return self.home / "protected" / "warehouse.duckdb"

    @property
    def witness(self) -> Path:
        return self.root / "witness"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def lines(self) -> list[str]:
        """What readers see of the ledger."""
        return (self.home / "ledger.jsonl").read_text(encoding="utf-8").splitlines()

    def copy(self, root: Path) -> AgencyHome:
        """The same home elsewhere; of what lay there nothing stays."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root, root, symlinks=True)
        return AgencyHome(root)

    def remove(self) -> None:
        shutil.rmtree(self.root)

    def clear(self, name: str) -> None:
        """Remove a file or a folder of the copy."""
        path = self.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def make(root: Path) -> AgencyHome:
    """A home with a signed plan and two months of exports taken in; nothing is released yet."""
    from pipelines.home import Home
    from pipelines.ingest import ingest
    from pipelines.installation import opened

    agency = _small_agency(root).begin()
    for key in (key_of(TESTER), key_of(TESTER).with_suffix(".pub")):
        shutil.copy(key, root / key.name.replace(key_of(TESTER).name, KEY))
    with kept_surroundings():
        os.environ["LEEWARD_WITNESS"] = str(root / "witness")
        home = Home(agency.home)
        with opened(home) as installation:
            known = installation.register.unit_ids
        ingest(home, agency.exports, known_units=known, charged_periods=frozenset(), today=TODAY)
    return AgencyHome(root)


def _small_agency(root: Path) -> TinyAgency:
    """Two months, and of the measures those of turnover alone: every step is there, few of them twice."""
    agency = TinyAgency.at(root)
    mapping, policy = agency.files["config/mapping.toml"], agency.files["config/policy.toml"]
    agency.files["config/mapping.toml"] = mapping.replace('"2026-03"]', '"2026-02"]')
    for first, end in (
        ("[measures.scheduled_hours]", "[indicators.head_count]"),
        ("[indicators.absence_rate]", None),
    ):
        start, stop = policy.index(first), policy.index(end) if end else len(policy)
        policy = policy[:start] + policy[stop:]
    agency.files["config/policy.toml"] = policy
    return agency


def release(root: Path, today: date = TODAY, clock: datetime | None = None) -> str:
    """Measure and publish what is due, as the flow does.

    Returns the sentence of a refusal, the kind of any other error (which the flow tells in a sentence of its
    own), or nothing.
    """
    from pipelines.home import Home
    from pipelines.installation import opened
    from pipelines.release import release_due
    from privacy.ledger import now
    from privacy.mechanism import DiscreteGaussian

    os.environ["LEEWARD_WITNESS"] = str(root / "witness")
    try:
        with opened(Home(root / "home"), (lambda: clock) if clock else now) as here:
            mechanism = DiscreteGaussian()
            release_due(here.home, here.ledger, here.witness, mechanism, here.policy, today=today)
    except Refusal as refusal:
        return str(refusal)
    except Exception as error:
        return type(error).__name__
    return ""


def settle_often(root: Path, times: int = 20) -> list[str]:
    """Open the home and publish its ledger again and again, as verbs that sign do; returns the refusals."""
    from pipelines.home import Home
    from pipelines.installation import opened

    os.environ["LEEWARD_WITNESS"] = str(root / "witness")
    said = []
    for _ in range(times):
        try:
            with opened(Home(root / "home")) as here:
                here.settle()
        except Refusal as refusal:
            said.append(str(refusal))
    return said


def entered(place: AgencyHome) -> list[str]:
    """The ledger's entries, read as another program would. Raises sqlite3.Error where there is no ledger."""
    return read_lines(place.ledger)


def read_lines(ledger: Path) -> list[str]:
    """The lines of a ledger's file. Raises sqlite3.Error where it is none."""
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as database:
        return [line for (line,) in database.execute("SELECT line FROM entry ORDER BY seq")]


Shape = tuple[tuple[object, ...], ...]


def shape(lines: list[str]) -> Shape:
    """What the ledger says but for the noise: its entries in order, each by its key."""
    return tuple(_key(Entry.from_line(line)) for line in lines)


def _key(entry: Entry) -> tuple[object, ...]:
    named = ("year", "item", "period", "level", "release")
    return (entry.seq, entry.kind, *(str(entry.body[name]) for name in named if name in entry.body))


def drawn_twice(lines: list[str]) -> int:
    """Draws beyond one an item, period and level."""
    drawn = [(m.item.identity, m.period, m.level) for m in Records.from_lines(lines).measurements]
    return len(drawn) - len(set(drawn))


def heads_of(place: AgencyHome) -> list[str]:
    """What the witness remembers."""
    return whole_heads(place.witness.read_bytes()).decode().splitlines()


def half_visible(place: AgencyHome) -> list[str]:
    """What a reader could stumble over: releases that are not whole, or that the witness did not see."""
    from pipelines.release_files import hash_of

    heads, found = heads_of(place), []
    for folder in sorted(place.releases.glob("[0-9]*")):
        try:
            certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
            files = {path.name: hash_of(path) for path in folder.iterdir() if path.name != "certificate.json"}
        except (OSError, ValueError):
            found.append(folder.name)
            continue
        if files != certificate["files"] or not _was_seen(certificate["head"], heads):
            found.append(folder.name)
    latest = place.releases / "latest"
    if latest.is_symlink() and not latest.exists():
        found.append("latest")
    if not _is_readable(place):
        found.append("ledger.jsonl")
    return found


def _was_seen(head: str, heads: list[str]) -> bool:
    """Whether the witness saw this head or a later one, which hangs on it."""
    return bool(heads) and int(head.split(":")[0]) <= int(heads[-1].split(":")[0])


def _is_readable(place: AgencyHome) -> bool:
    try:
        return Records.from_lines(place.lines).chain_is_whole
    except (OSError, ValueError):
        return False


def verdict(place: AgencyHome) -> str:
    """What the auditor's verifier finds broken, in its words; nothing when everything holds."""
    policy = tomllib.loads((place.root / POLICY).read_text(encoding="utf-8"))
    findings = Audit(place.lines, place.releases, policy, heads_of(place)).run()
    return " ".join(found.sentence for found in findings if not found.holds)
