"""docs/assurance.md, from the kept figures and ``assurance.template.md`` alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attacks.page import TITLES

Figures = Mapping[str, Any]
Row = Sequence[object]
DOCS = Path(__file__).parents[2] / "docs"
TEMPLATE = Path(__file__).with_name("assurance.template.md")
KEPT = ("accounting", "attacks", "detection", "distinguishing", "faults", "leaks", "mutants")


def kept_figures() -> dict[str, Figures]:
    """Every figures file by name."""
    folder = DOCS / "figures"
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in KEPT}


def page(figures: Mapping[str, Figures]) -> str:
    """The whole page."""
    detection, distinguishing = figures["detection"], figures["distinguishing"]
    planted = figures["leaks"]["rows"][0]
    words = {
        **{f"{name}_command": figures[name]["command"] for name in KEPT},
        "faults": _faults(figures["faults"]),
        "detection": _detection(detection),
        "publications": detection["publications_a_run"],
        "false_alarm": f"{detection['false_alarm_of_an_audit_and_run']:g}",
        "distinguishing": _distinguishing(distinguishing),
        "distinguishing_alarm": f"{distinguishing['false_alarm_of_an_audit']:g}",
        "accounting": _accounting(figures["accounting"]),
        "plans": len(figures["accounting"]["rows"]),
        "delta": figures["accounting"]["delta"],
        "attacks": _attacks(figures["attacks"]),
        "leaks": _leaks(figures["leaks"]),
        "canaries": planted["canaries"],
        "columns": planted["columns"],
        "mutants": _mutants(figures["mutants"]),
        "mutants_commit": figures["mutants"]["commit"],
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**words)


def _table(headings: Row, rows: Iterable[Row]) -> str:
    lines = (headings, ["---", *["---:"] * (len(headings) - 1)], *rows)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _faults(figures: Figures) -> str:
    keys = ("trial", "runs", "acknowledged", "lost", "drawn_twice", "not_healed")
    headings = ("trial", "runs", "entries acknowledged", "lost", "drawn twice", "not healed")
    return _table(headings, ([row[key] for key in keys] for row in figures["rows"]))


def _detection(figures: Figures) -> str:
    rows = (
        (r["defect"], r["audit"], f"{r['detected']} of {r['runs']}", f"{r['false_alarms']} of {r['runs']}")
        for r in figures["rows"]
    )
    return _table(("defect", "strongest audit", "detected", "true product rejected"), rows)


def _distinguishing(figures: Figures) -> str:
    rows = (
        (
            row["defect"], row["publications_of_each"], ", ".join(row["found_by"]) or "none",
            f"{row['events_beyond_signed']:.2f}",
        )
        for row in figures["rows"]
    )  # fmt: skip
    headings = (
        "defect",
        "releases of each",
        "audits that reject",
        "events beyond what was signed, in deviations",
    )
    return _table(headings, rows)


def _accounting(figures: Figures) -> str:
    """The largest differences over all plans, each way of accounting in a row."""
    rows = figures["rows"]
    renyi = max(abs(row["rdp_relative_difference"]) for row in rows)
    discrete = [row for row in rows if row["discrete_pld_epsilon"] is not None]
    tighter = [row["pld_tighter_by_percent"] for row in rows]
    below = max(row["discrete_pld_epsilon"] / row["epsilon"] for row in discrete)
    return _table(
        ("way of accounting", "plans", "its ε beside ours"),
        (
            ("Rényi divergences", len(rows), f"the same within {renyi:.1e} of it"),
            ("privacy loss distributions", len(rows), f"smaller by {min(tighter):g} to {max(tighter):g} %"),
            ("of the discrete Gaussian itself", len(discrete), f"at most {100 * below:.1f} % of it"),
        ),
    )


def _attacks(figures: Figures) -> str:
    rows = (
        (
            TITLES[name][0],
            *(f"{value:.2f}" for value in (attack["guessing"], attack["exact"]["advantage"])),
            f"**{attack['leeward']['advantage']:.2f}**",
            f"{attack['at_most']:.2f}",
            f"{min(1.0, attack['guessing'] + figures['bound_by_epsilon']):.2f}",
        )
        for name, attack in figures["attacks"].items()
    )
    return _table(("attack", "guessing", "exact tables", "Leeward", "bound by ρ", "bound by ε, δ"), rows)


def _leaks(figures: Figures) -> str:
    rows = (
        (row["what"], row.get("paths", ""), row["places"], f"{row['bytes'] / 1e6:.1f}", row["hits"])
        for row in figures["rows"][1:]
    )
    return _table(("what was forced", "ways", "places searched", "MB", "hits"), rows)


def _mutants(figures: Figures) -> str:
    rows = (
        (
            *(row[key] for key in ("module", "mutants", "killed", "equivalent", "survived")),
            f"{100 * row['killed'] / (row['mutants'] - row['equivalent']):.1f} %",
        )
        for row in figures["rows"]
    )
    return _table(("module", "mutants", "killed", "equivalent", "survived", "killed of the rest"), rows)
