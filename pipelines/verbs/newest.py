"""The newest release in a few lines: the organisation's figures and where the folder lies."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from metrics.indicators import INDICATORS
from pipelines.home import Home


def newest_lines(home: Home) -> Iterator[str]:
    """One line an indicator of the whole organisation: newest month or quarter, and twelve months."""
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
        cells = list(_cells({row["period"]: row for row in rows if row["indicator"] == indicator.id}, month))
        if cells:
            yield f"  {indicator.title:<40} " + "   ".join(cells)
    yield f"Release: {latest.resolve()}"


def _cells(rows: dict[str, dict[str, str]], month: str) -> Iterator[str]:
    """An indicator's newest cells from those of every period: of its newest quarter where it has no month."""
    if month in rows:
        yield _cell(rows[month])
    elif quarter := max((period for period in rows if "Q" in period), default=""):
        yield f"{quarter}: {_cell(rows[quarter])}"
    if year := max((period for period in rows if "/P12M" in period), default=""):
        end = year.partition("/")[0]
        yield f"12 months{'' if end == month else f' to {end}'}: {_cell(rows[year])}"


def _top(latest: Path) -> str:
    with open(latest / "units.csv", encoding="utf-8", newline="") as file:
        return str(next(csv.DictReader(file))["level"])


def _cell(row: dict[str, str]) -> str:
    if row["status"] != "shown":
        return f"blank ({row['reason']})"
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    digits = 0 if high - low >= 4 else 1 if high - low >= 0.4 else 2
    return f"{value:,.{digits}f} {row['unit']} ({low:,.{digits}f} to {high:,.{digits}f})"
