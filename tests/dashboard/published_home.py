"""A tiny published zone written by hand: releases and ledger of an invented agency, no pipeline involved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from privacy.accounting import Rho, total
from privacy.entries import canonical
from privacy.periods import BudgetYear, Cadence, Period
from privacy.plan import PlanItem, Study, study_label

LAST = Period.parse("2026-06")
UNITS = (
    ("ORG", "Harbour Agency", "", "organisation", 400),
    ("D-A", "Crisis *Desk*", "ORG", "division", 320),
    ("D-B", "Family <b>Care</b>", "ORG", "division", 68),
    ("D-C", "Night <i>Team", "ORG", "division", 12),
)
BLANKS = {
    "below-minimum-group": "The measured number of people, less its margin, is below the minimum group size.",
    "sibling-blank": "Hidden so that the one blank unit beside it cannot be worked out.",
    "too-noisy": "The margin would be wider than the policy allows.",
    "not-planned": "The plan does not measure this here.",
    "no-data": "An export that this needs does not cover these months.",
}
INDICATORS = (
    ("head_count", "Head count", "employed", "", "people", "Workload-linked", (1,), 400.0, 12.0),
    (
        "exposure_hours", "Exposure hours a person", "exposure_hours", "employed", "hours a month",
        "Trauma-linked", (1, 12), 23.2, 1.3,
    ),
    ("turnover", "Turnover", "left", "employed", "%", "Workload-linked", (1, 12), 2.9, 0.7),
)  # fmt: skip
MEASURES = ("employed", "exposure_hours", "left")


@dataclass(frozen=True)
class Shape:
    """What kind of home to write: its months, whether every number is blank or told by the quarter alone."""

    months: int = 14
    is_blank: bool = False
    is_unusual: bool = True
    last: Period = LAST
    by_quarters: bool = False
    is_withdrawn: bool = False

    @property
    def cadence(self) -> Cadence:
        return Cadence.QUARTER if self.by_quarters else Cadence.MONTH

    @property
    def periods(self) -> tuple[Period, ...]:
        ends = (month.ending(self.cadence) for month in self.last.trailing(self.months))
        return tuple(period for period in ends if period is not None)

    def windows(self, windows: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(max(window, self.cadence.value) for window in windows)


def write_home(root: Path, shape: Shape) -> Path:
    """Write ledger and newest release, and the link to it unless it is withdrawn; returns the home."""
    folder = root / "releases" / f"{shape.last}-000009"
    folder.mkdir(parents=True)
    _tables(folder, shape)
    (folder / "datapackage.json").write_text(json.dumps(_package(shape)), encoding="utf-8")
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    lines = ledger_lines(shape, folder.name, files)
    (folder / "certificate.json").write_text(json.dumps(_certificate(shape, folder.name, files, lines)))
    (root / "ledger.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if not shape.is_withdrawn:
        (root / "releases" / "latest").symlink_to(folder.name)
    return root


def _tables(folder: Path, shape: Shape) -> None:
    tables = {
        "indicators": list(_indicator_rows(shape)),
        "measurements": list(_total_rows(shape, drawn=True)),
        "estimates": list(_total_rows(shape, drawn=False)),
        "signals": list(_signal_rows(shape)),
        "units": [
            dict(zip(("unit_id", "unit_name", "parent_id", "level", "authorised_posts"), unit, strict=True))
            for unit in UNITS
        ],
    }
    for name, rows in tables.items():
        columns = {key: [row[key] for row in rows] for key in rows[0]} if rows else {}
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")


def _indicator_rows(shape: Shape) -> Iterator[dict[str, Any]]:
    for step, period in enumerate(shape.periods):
        for name, *_, unit, _family, windows, value, margin in INDICATORS:
            for window in shape.windows(windows):
                if window > (step + 1) * shape.cadence.value:
                    continue
                own = window == shape.cadence.value
                for row, (unit_id, unit_name, *_rest) in enumerate(UNITS):
                    blank = shape.is_blank or unit_id == "D-C"
                    at = value * (1 + 0.3 * row)
                    yield {
                        "period": str(period) if own else f"{period.months[-1]}/P{window}M",
                        "level": UNITS[row][3], "unit_id": unit_id, "unit_name": unit_name, "indicator": name,
                        "value": None if blank else at, "low": None if blank else at - margin,
                        "high": None if blank else at + margin, "unit": unit,
                        "method": "" if blank else "least squares", "status": "blank" if blank else "shown",
                        "reason": "below-minimum-group" if blank else "",
                        "ledger_entries": "" if blank else "4 5",
                    }  # fmt: skip


def _total_rows(shape: Shape, *, drawn: bool) -> Iterator[dict[str, Any]]:
    for step, period in enumerate(shape.periods):
        for measure in MEASURES:
            for unit_id, *_ in UNITS:
                blank = shape.is_blank or unit_id == "D-C"
                row = {"period": str(period), "unit_id": unit_id, "measure": measure, "unit": "people"}
                if drawn:
                    yield row | {"noisy_total": None if blank else 400.0 + step, "ledger_entry": 4}
                else:
                    yield row | {"estimate": None if blank else 398.5, "deviation": None if blank else 6.0}


def _signal_rows(shape: Shape) -> Iterator[dict[str, Any]]:
    if shape.months < 9 or shape.by_quarters:
        return
    for unit_id, unit_name, *_ in UNITS[:2]:
        yield {
            "period": str(LAST), "unit_id": unit_id, "unit_name": unit_name, "indicator": "turnover",
            "before": 1.6, "now": 2.9, "change": 1.3, "low": 0.6, "high": 2.0, "unit": "%",
            "months_before": 12, "probability": 0.98 if shape.is_unusual else 0.1,
            "words": "very likely real" if shape.is_unusual else "could be chance",
        }  # fmt: skip


def _package(shape: Shape) -> dict[str, Any]:
    keys = ("id", "title", "numerator", "denominator", "unit", "family", "windows")
    rows = [dict(zip(keys, (*row[:6], shape.windows(row[6])), strict=True)) for row in INDICATORS]
    common = {"words": "Said in words.", "direction": "higher is worse", "source": "A public source"}
    return {
        "organisation": "Harbour Agency", "period": str(shape.last), "minimum_group": 10, "blanks": BLANKS,
        "indicators": [row | common for row in rows],
    }  # fmt: skip


def _certificate(shape: Shape, release: str, files: dict[str, str], lines: list[str]) -> dict[str, Any]:
    loss = {"rho_pico": 155_000_000_000, "epsilon": 2.71}
    head = f"{len(lines)}:{hashlib.sha256(lines[-1].encode()).hexdigest()}"
    return {
        "organisation": "Harbour Agency", "release": release, "period": str(shape.last), "date": "2026-08-05",
        "head": head, "files": files, "budget_year": "2025-07", "loss_this_year": loss, "loss_in_total": loss,
        "promise": {"epsilon": "4", "delta": "1e-06", "rho_pico": 311_064_954_243},
    }  # fmt: skip


def item(measure: str) -> PlanItem:
    levels = (("organisation", 24), ("division", 22))
    return PlanItem(measure, 1, "", 1, (("*", 0),), (), 1, 12, Cadence.MONTH, levels)


YEAR = BudgetYear.parse("2025-07", starts=7)
STUDY = Study(YEAR, 1, replace(item("left"), study=study_label(YEAR, 1)), (LAST,))


def ledger_lines(shape: Shape, release: str, files: dict[str, str]) -> list[str]:
    """Opening, register, plan (one item drawn, one still to be drawn), two draws, the release, its end."""
    items, drawn = (item("employed"), item("left")), item("employed")
    policy = {"rho_pico": 311_064_954_243, "epsilon": "4", "delta": "1e-06", "signing": {"release": 0}}
    groups = [[u[0], u[1], u[2] or None, u[3], u[4], "line"] for u in UNITS]
    plan = {
        "year": "2025-07", "items": [each.to_json() for each in items], "reserve_pico": 31_000_000_000,
        "rho_pico": total([*(each.rho for each in items), Rho(31_000_000_000)]).pico, "policy": policy,
        "revision": 1, "signatures": {"analyst": ""}, "register": "",
    }  # fmt: skip
    draw = {"item": drawn.identity, "period": str(shape.last), "charge": "c1", "register": 2}
    values = {"D-A": 251, "D-B": 7777, "D-C": 3}
    bodies = [
        ("opened", {"ledger": "abc", "organisation": "Harbour Agency", "schema_version": 1}),
        ("register", {"document": "Paper", "levels": ["organisation", "division"], "minimum_group": 10,
                      "trees": [{"from": "2024-07-01", "groups": groups}]}),
        ("plan", plan),
        ("measurement", draw | {"level": "organisation", "sigma": 24, "values": {"ORG": 401}}),
        ("measurement", draw | {"level": "division", "sigma": 22, "values": values}),
        ("release", {"release": release, "period": str(shape.last), "files": files}),
    ]  # fmt: skip
    if shape.is_withdrawn:
        bodies.append(("study", STUDY.to_json()))
        bodies.append(("withdrawn", {"release": release, "reason": "wrong-export", "signatures": {}}))
    return _chained(bodies)


def _chained(bodies: list[tuple[str, dict[str, Any]]]) -> list[str]:
    lines: list[str] = []
    previous = "0" * 64
    for seq, (kind, body) in enumerate(bodies, start=1):
        lines.append(canonical({"seq": seq, "kind": kind, "time": "2026-08-05T10:00Z", "code": "0.1.0",
                                "previous": previous, "body": body}))  # fmt: skip
        previous = hashlib.sha256(lines[-1].encode()).hexdigest()
    return lines
