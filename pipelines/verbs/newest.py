"""The newest release in a few lines: the organisation's figures and where the folder lies."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from metrics.indicators import INDICATORS
from pipelines.home import Home


def newest_lines(home: Home) -> Iterator[str]:
    """One line an indicator of the whole organisation, newest month and twelve months to it."""
    latest = home.releases / "latest"
    if not latest.exists():
        yield "No release yet."
        return
    package = json.loads((latest / "datapackage.json").read_text(encoding="utf-8"))
    month = package["period"]
    yield f"{package['organisation']}, {month} (95 % intervals)"
    with open(latest / "indicators.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == _top(latest)]
    for indicator in INDICATORS.values():
        cells = [
            f"{prefix}{_cell(row)}"
            for prefix, period in (("", month), ("12 months: ", f"{month}/P12M"))
            for row in rows
            if row["indicator"] == indicator.id and row["period"] == period
        ]
        if cells:
            yield f"  {indicator.title:<40} " + "   ".join(cells)
    yield f"Release: {latest.resolve()}"


def _top(latest: Path) -> str:
    with open(latest / "units.csv", encoding="utf-8", newline="") as file:
        return str(next(csv.DictReader(file))["level"])


def _cell(row: dict[str, str]) -> str:
    if row["status"] != "shown":
        return f"blank ({row['reason']})"
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    digits = 0 if high - low >= 4 else 1 if high - low >= 0.4 else 2
    return f"{value:,.{digits}f} {row['unit']} ({low:,.{digits}f} to {high:,.{digits}f})"
