"""Ledger entries in words. Noisy totals stay out: releases show them, blank where a unit is not shown."""

from __future__ import annotations

import pandas as pd

from dashboard import wording
from metrics.measures import MEASURES
from privacy.entries import Entry
from privacy.records import Records

FILTERS = ("Kind", "Measure", "Period")
SHOWN = ("period", "year", "level", "sigma", "charge", "register", "release", "item")
COLUMNS = ("Entry", "Time", "Kind", "Measure", "Period", "Level", "Noise scale", "Hash")


def described(records: Records) -> pd.DataFrame:
    """One row an entry, newest first."""
    rows = [_row(entry, records) for entry in reversed(records.entries)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(entry: Entry, records: Records) -> tuple[object, ...]:
    body = entry.body
    period = body.get("period", body.get("year", ""))
    sigma = str(body.get("sigma", ""))
    kind = wording.KINDS.get(entry.kind, entry.kind)
    return (
        entry.seq, entry.time, kind, _measure(entry, records), period, body.get("level", ""), sigma,
        entry.hash[:12],
    )  # fmt: skip


def _measure(entry: Entry, records: Records) -> str:
    item = records.items.get(str(entry.body.get("item", "")))
    if item is None:
        return ""
    return MEASURES[item.measure].words if item.measure in MEASURES else item.measure


def lines_of(entry: Entry, records: Records) -> list[tuple[str, str]]:
    """All that is worth saying of one entry, as names and words."""
    body = entry.body
    shown = {key: body[key] for key in SHOWN if key in body}
    groups = f"{len(body['values'])} units" if "values" in body else ""
    files = f"{len(body['files'])} files, each with its SHA-256" if "files" in body else ""
    return [
        ("Entry", f"{entry.seq}: {wording.KINDS.get(entry.kind, entry.kind)}"),
        ("Time", entry.time),
        ("Measure", _measure(entry, records)),
        *((key.capitalize(), str(value)) for key, value in shown.items()),
        ("Drawn for", groups),
        ("Holds", files),
        ("Hash", entry.hash),
        ("Hash of the entry before", entry.previous),
    ]
