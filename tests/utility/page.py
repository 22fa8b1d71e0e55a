"""docs/accuracy.md, from the kept figures and ``accuracy.template.md`` alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from utility.figures import WAYS, Kept

DOCS = Path(__file__).parents[2] / "docs"
FIGURES = DOCS / "accuracy.json"
TEMPLATE = Path(__file__).with_name("accuracy.template.md")
AIMS = {"organisation": 4, "division": 8, "programme": 14, "team": 10}
AIMED_AT = "2000"
HEADINGS = ("level", "indicator", *(f"({way})" for way in WAYS), "margin", "covered", "bias by caps")


def kept() -> Kept:
    found: Kept = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found


def page(figures: Kept) -> str:
    """The whole page."""
    sizes = "\n\n".join(_size(staff, found) for staff, found in figures["sizes"].items())
    return TEMPLATE.read_text(encoding="utf-8").format(
        **figures["setting"], sizes=sizes, gains=_gains(figures)
    )


def _size(staff: str, found: Kept) -> str:
    lines = [HEADINGS, ("---", "---", *["---:"] * (len(HEADINGS) - 2)), *_rows(found)]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return f"### {int(staff):,} staff\n{table}"


def _rows(found: Kept) -> Iterator[tuple[str, ...]]:
    for level, each in found.items():
        for name, cell in each["indicators"].items():
            errors = cell["errors"]
            shown = [f"**{_n(errors[w]['median'])}**" if w == "d" else _n(errors[w]["median"]) for w in WAYS]
            spread = f" ({_n(errors['d']['least'])}–{_n(errors['d']['most'])})"
            shown[WAYS.index("d")] += spread
            beside = (f"± {_n(cell['margin'])}", f"{100 * cell['covered']:.0f} %", _n(cell["bias"]))
            yield (level, name, *shown, *beside)


def _gains(figures: Kept) -> str:
    """How many times smaller ours is than plain, by size; what was aimed at beside it."""
    lines = [("level", *(f"{int(staff):,}" for staff in figures["sizes"]), "aimed at with 2,000")]
    lines.append(("---", *["---:"] * (len(lines[0]) - 1)))
    for level, aim in AIMS.items():
        gains = (found[level]["plain_by_ours"] for found in figures["sizes"].values())
        lines.append((level, *(f"{gain:.1f}" for gain in gains), str(aim)))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _n(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
