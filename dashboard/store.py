"""The published zone, read: releases and the ledger of one home. Nothing else in the dashboard opens files.

A release folder never changes, so what is read from it is kept by its path.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard import wording
from dashboard.findings import Change, Unit
from dashboard.spans import MONTH, period_name, span_of
from privacy.accounting import Rho
from privacy.errors import Refusal
from privacy.periods import Period
from privacy.records import Records

KEPT = 4


class NothingToShow(Refusal):
    """There is no release, or it cannot be read: one sentence that says what to do."""


@dataclass(frozen=True)
class Definition:
    """One indicator as its release defines it. ``windows`` are in months."""

    id: str
    title: str
    words: str
    numerator: str
    denominator: str
    unit: str
    family: str
    direction: str
    source: str
    windows: tuple[int, ...]

    @property
    def higher_is_worse(self) -> bool:
        return self.direction == "higher is worse"

    @property
    def is_monthly(self) -> bool:
        """Whether months are told, and so compared."""
        return min(self.windows) == MONTH


@dataclass(frozen=True)
class Loss:
    """A privacy loss as published: exact rho, and the epsilon it converts to."""

    rho: Rho
    epsilon: float


@dataclass(frozen=True, eq=False)
class Release:
    """One release: what it is of, its definitions and what its certificate says was promised and lost.

    Equal only to itself: one folder is read once, and its tables are kept by the release.
    """

    id: str
    folder: Path
    organisation: str
    month: Period
    released: date
    minimum_group: int
    blanks: Mapping[str, str]
    indicators: Mapping[str, Definition]
    promised: Rho
    epsilon: str
    delta: str
    budget_year: str
    this_year: Loss
    in_total: Loss


@dataclass(frozen=True)
class Lineage:
    """Where one cell came from: the method in words and the numbers of its ledger entries."""

    method: str
    entries: tuple[int, ...]


def home() -> Path:
    """The installation to show: ``LEEWARD_HOME``, ``var`` under the current folder unless set."""
    return Path(os.environ.get("LEEWARD_HOME") or "var").resolve()


def current() -> Release:
    """The newest release of the home in use. Raises NothingToShow."""
    return newest(home())


def newest(root: Path) -> Release:
    """The newest release of a home.

    Raises:
        NothingToShow: there is none, or its folder is not whole.
    """
    return _read_release(_newest_folder(root / "releases"))


def _newest_folder(releases: Path) -> Path:
    latest = releases / "latest"
    try:
        if latest.is_dir():
            return latest.resolve()
        folders = [path for path in releases.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except FileNotFoundError:
        raise NothingToShow(wording.NO_HOME) from None
    except OSError:
        raise NothingToShow(wording.UNREADABLE_HOME) from None
    if not folders:
        raise NothingToShow(wording.NO_RELEASE)
    withdrawn = _withdrawn(releases.parent)
    if not (left := [folder for folder in folders if folder.name not in withdrawn]):
        raise NothingToShow(wording.ALL_WITHDRAWN)
    return max(left, key=lambda folder: folder.name)


def _withdrawn(root: Path) -> frozenset[str]:
    """The releases that the ledger beside them says are withdrawn; a copy may come without a ledger."""
    try:
        return frozenset(entry.body["release"] for entry in ledger(root).of("withdrawn"))
    except NothingToShow:
        return frozenset()


@lru_cache(maxsize=KEPT)
def _read_release(folder: Path) -> Release:
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        certificate = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
        return _release(folder, package, certificate)
    except (OSError, ValueError, KeyError, TypeError):
        raise NothingToShow(wording.broken_release(folder.name)) from None


def _release(folder: Path, package: Mapping[str, Any], certificate: Mapping[str, Any]) -> Release:
    return Release(
        id=certificate["release"],
        folder=folder,
        organisation=package["organisation"],
        month=Period.parse(package["period"]),
        released=date.fromisoformat(certificate["date"]),
        minimum_group=int(package["minimum_group"]),
        blanks=dict(package["blanks"]),
        indicators={body["id"]: _definition(body) for body in package["indicators"]},
        promised=Rho(certificate["promise"]["rho_pico"]),
        epsilon=certificate["promise"]["epsilon"],
        delta=certificate["promise"]["delta"],
        budget_year=certificate["budget_year"],
        this_year=_loss(certificate["loss_this_year"]),
        in_total=_loss(certificate["loss_in_total"]),
    )


def _definition(body: Mapping[str, Any]) -> Definition:
    named = {key: str(body[key]) for key in Definition.__dataclass_fields__ if key != "windows"}
    return Definition(**named, windows=tuple(int(window) for window in body["windows"]))


def _loss(body: Mapping[str, Any]) -> Loss:
    return Loss(Rho(body["rho_pico"]), float(body["epsilon"]))


CELL_COLUMNS = (
    "period",
    "unit_id",
    "unit_name",
    "indicator",
    "value",
    "low",
    "high",
    "unit",
    "status",
    "reason",
)


@lru_cache(maxsize=KEPT)
def cells(release: Release) -> pd.DataFrame:
    """Every published cell: one row an indicator, unit, month and window, with ``month`` and ``window``.

    ``window`` is the number of months that end with ``month``. Treat the frame as read-only.
    """
    return _with_span(_table(release, "indicators", CELL_COLUMNS))


def _with_span(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the last month and the window of each row's ``period``, and the period in words."""
    spans = {period: span_of(period) for period in frame["period"].unique()}
    ends = {period: last.first_day for period, (last, _) in spans.items()}
    windows = {period: window for period, (_, window) in spans.items()}
    frame["month"] = pd.to_datetime(frame["period"].map(ends))
    frame["window"] = frame["period"].map(windows).astype(int)
    frame["when"] = frame["period"].map({period: period_name(*span) for period, span in spans.items()})
    return frame


def lineage(release: Release, indicator: str, unit_id: str, period: str) -> Lineage:
    """The method and the ledger entries of one cell; empty for one that is blank or absent."""
    where = [("indicator", "=", indicator), ("unit_id", "=", unit_id), ("period", "=", period)]
    rows = _table(release, "indicators", ("method", "ledger_entries"), where).to_dict("records")
    if not rows:
        return Lineage("", ())
    return Lineage(rows[0]["method"], tuple(int(number) for number in rows[0]["ledger_entries"].split()))


def totals(release: Release, measure: str, unit_id: str) -> pd.DataFrame:
    """One row a drawn month or quarter of a measure in a unit, in the measure's unit: as drawn, and as
    estimated with its 95 % band."""
    where = [("measure", "=", measure), ("unit_id", "=", unit_id)]
    drawn = _table(release, "measurements", ("period", "noisy_total", "unit", "ledger_entry"), where)
    estimated = _table(release, "estimates", ("period", "estimate", "deviation"), where)
    frame = _with_span(drawn.merge(estimated, on="period", how="outer")).sort_values("month")
    frame["low"] = frame["estimate"] - 1.96 * frame["deviation"]
    frame["high"] = frame["estimate"] + 1.96 * frame["deviation"]
    return frame


@lru_cache(maxsize=KEPT)
def changes(release: Release) -> tuple[Change, ...]:
    """The comparisons of a release; empty while too few months are known."""
    columns = tuple(Change.__dataclass_fields__)
    return tuple(Change(**row) for row in _table(release, "signals", columns).to_dict("records"))


@lru_cache(maxsize=KEPT)
def units(release: Release) -> tuple[Unit, ...]:
    """The public units of the newest month, parents before their children."""
    columns = ("unit_id", "unit_name", "parent_id", "level", "authorised_posts")
    rows = _table(release, "units", columns).itertuples(index=False)
    return tuple(Unit(row[0], row[1], row[2], row[3], int(row[4])) for row in rows)


def _table(
    release: Release, name: str, columns: tuple[str, ...], where: list[tuple[str, str, str]] | None = None
) -> pd.DataFrame:
    """The columns needed of one table, from its Parquet file. Raises NothingToShow where it is not whole."""
    try:
        path = release.folder / f"{name}.parquet"
        known = set(pq.read_schema(path).names)
        if not known >= set(columns):  # a table without rows has columns without types, or none
            return pd.DataFrame(columns=list(columns))
        return pq.read_table(path, columns=list(columns), filters=where).to_pandas()
    except (OSError, pa.ArrowException):
        raise NothingToShow(wording.broken_release(release.id)) from None


def ledger(root: Path) -> Records:
    """The published ledger. Raises NothingToShow where it is missing or is not one."""
    path = root / "ledger.jsonl"
    try:
        changed = path.stat()
        return _records(path, changed.st_mtime_ns, changed.st_size)
    except (OSError, ValueError, KeyError, TypeError):
        raise NothingToShow(wording.NO_LEDGER) from None


@lru_cache(maxsize=2)
def _records(path: Path, _changed: int, _size: int) -> Records:
    """Kept for as long as the file stays the same."""
    records = Records.from_file(path)
    draws = sum(1 for _ in records.of("measurement"))
    if not records.entries or len(records.measurements) != draws:  # parses them all: a stranger fails here
        raise ValueError("not a ledger that this version can read")
    return records


def ledger_lines(root: Path) -> list[str]:
    """The published ledger as it lies in the file, for whoever verifies it."""
    try:
        text = (root / "ledger.jsonl").read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise NothingToShow(wording.NO_LEDGER) from None
    return text.removesuffix("\n").split("\n")  # splitlines would cut inside some names
