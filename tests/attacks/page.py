"""docs/attacks.md, from the kept figures and ``attacks.template.md`` alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Figures = Mapping[str, Any]
WIDTH = 110
TEMPLATE = Path(__file__).with_name("attacks.template.md")

TITLES = {
    "membership-typical": ("Membership, everybody in turn", "in the year's exports, or not"),
    "membership-most-exposed": ("Membership, who shows most", "in the year's exports, or not"),
    "membership-worst-case": ("Membership, invented worst case", "in the year's exports, or not"),
    "differencing-over-time": ("Differencing over time", "left of their own will this month, or stayed"),
    "averaging": ("Averaging over re-runs", "left of their own will this month, or stayed"),
    "parent-minus-children": ("Parent minus children", "long absence this month, or none"),
    "complementary-disclosure": ("Complementary disclosure", "any absence this month, or none"),
    "reconstruction": ("Reconstruction", "holds cases, or not"),
}
HEADINGS = (
    *("Attack", "What is decided", "Guessing", "Exact", "Small groups out"),
    *("**Leeward**", "At most, by ρ", "At most, by ε and δ"),
)


def page(figures: Figures) -> str:
    """The whole page."""
    attacks = figures["attacks"]
    reconstructed = attacks["reconstruction"]["details"]
    words = {
        **figures,
        **figures["promise"],
        **attacks["complementary-disclosure"]["details"],
        **reconstructed,
        **_membership(attacks),
        **_leaving(attacks),
        "right_by_team": round(100 * reconstructed["right_by_team"]),
        "right_by_guess": round(100 * reconstructed["right_by_guess"]),
        "confidence": f"{100 * figures['confidence']:g}",
        "beyond_absence": _beyond(attacks["parent-minus-children"]),
        "anew": _anew(attacks["averaging"]["details"]),
        "table": _table(figures),
    }
    text = TEMPLATE.read_text(encoding="utf-8").format(**words)
    return "\n\n".join(map(_filled, text.rstrip().split("\n\n"))) + "\n"


def _filled(block: str) -> str:
    """A paragraph broken anew into lines, since numbers have changed their lengths; else as it is."""
    is_paragraph = block[0] not in "#|-"
    return textwrap.fill(block, WIDTH, break_on_hyphens=False) if is_paragraph else block


def _table(figures: Figures) -> str:
    rows = (_cells(TITLES[name], attack, figures) for name, attack in figures["attacks"].items())
    lines = (HEADINGS, ("---",) * len(HEADINGS), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(title: tuple[str, str], attack: Figures, figures: Figures) -> tuple[str, ...]:
    ours = attack["leeward"]
    return (
        *title,
        f"{attack['guessing']:.2f}",
        f"{attack['exact']['advantage']:.2f}",
        f"{attack['suppressed']['advantage']:.2f}",
        f"**{_signed(ours['advantage'])}** ({_signed(ours['low'])} to {_signed(ours['high'])})",
        f"{attack['at_most']:.2f}",
        f"{min(1.0, attack['guessing'] + figures['bound_by_epsilon']):.2f}",
    )


def _membership(attacks: Figures) -> dict[str, Any]:
    names = {"typical": "typical", "exposed": "most-exposed", "worst": "worst-case"}
    shares = {word: _of_100(attacks[f"membership-{name}"]["leeward"]) for word, name in names.items()}
    return {**shares, "people": attacks["membership-typical"]["details"]["people"]}


def _leaving(attacks: Figures) -> dict[str, Any]:
    attack = attacks["differencing-over-time"]
    tried = attack["leeward"]
    return {
        "leavers": tried["accused_rightly"][1],
        "stayers": tried["accused_wrongly"][1],
        "beyond_leaving": _beyond(attack),
    }


def _of_100(found: Figures) -> dict[str, int]:
    shares = {"right": found["accused_rightly"], "wrong": found["accused_wrongly"]}
    return {name: round(100 * hits / trials) for name, (hits, trials) in shares.items()}


def _beyond(attack: Figures) -> float:
    """What the figures add to a guess; a loss counts as nothing."""
    return max(0.0, attack["leeward"]["advantage"] - attack["guessing"])


def _anew(details: Figures) -> str:
    """The advantages by the number of runs, in words."""
    found = sorted((int(name.removeprefix("drawn_anew_")), value) for name, value in details.items())
    *first, last = (f"{value:.2f} after {runs:,} run{'s' if runs > 1 else ''}" for runs, value in found)
    return f"{', '.join(first)} and {last}"


def _signed(value: float) -> str:
    """Two decimals with a true minus, and no minus before nothing."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
