"""docs/accuracy.svg: the errors of all ways by level, an indicator a panel, of 2,000 staff."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd

from utility.figures import Kept
from utility.page import AIMED_AT

SHOWN = {"a": "plain Gaussian", "d": "Leeward's estimates", "e": "guessing", "f": "bound"}
COLOURS = {"a": "#b0532f", "d": "#0b6e69", "e": "#8a8a8a", "f": "#c9b458"}


def table(figures: Kept) -> pd.DataFrame:
    """One row an indicator, level and way."""
    return pd.DataFrame(
        [
            {"indicator": name, "level": level, "way": SHOWN[way], "error": cell["errors"][way]["median"]}
            for level, found in figures["sizes"][AIMED_AT].items()
            for name, cell in found["indicators"].items()
            for way in SHOWN
        ]
    ).query("error > 0")


def draw(figures: Kept, file: Path) -> None:
    """Errors on a scale of ratios; guessing the organisation by itself errs nowhere and is left out there."""
    found = table(figures)
    levels = list(figures["sizes"][AIMED_AT])
    line = (
        alt.Chart(found)
        .mark_line(point=True)
        .encode(
            x=alt.X("level:N", sort=levels, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("error:Q", scale=alt.Scale(type="log"), title="root-mean-square error"),
            color=alt.Color(
                "way:N",
                title=None,
                scale=alt.Scale(domain=list(SHOWN.values()), range=list(COLOURS.values())),
                legend=alt.Legend(orient="top"),
            ),
        )
        .properties(width=300, height=170)
    )
    panels = line.facet(alt.Facet("indicator:N", title=None), columns=2).resolve_scale(y="independent")
    panels.save(str(file))
