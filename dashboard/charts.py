"""Charts: pure builders from frames to Altair, each with a description that states its finding."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.findings import Change
from dashboard.theme import ACCENT, GREY, WARNING

BAND, FAINT = 0.22, 0.45
SPARK_HEIGHT, SERIES_HEIGHT, TOTAL_HEIGHT = 74, 320, 220
ROW_HEIGHT, AXES_HEIGHT = 34, 100
BUDGET_HEIGHT = 165
BUDGET_TONES = (ACCENT, "#8fbbe6", "#0e3f6e", GREY, "#e3e5e8")
INTERVAL_TIPS = (("low:Q", "95 % from"), ("high:Q", "to"))


def sparkline(*, series: pd.DataFrame, description: str, color: str = GREY) -> alt.LayerChart:
    """A line of estimates with one 95 % band and the last value as a dot; nothing else.

    ``series`` has one row a period: month (its last), value, low, high.
    """
    low, high = float(series["low"].min()), float(series["high"].max())
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    x = alt.X("month:T", axis=None)
    base = alt.Chart(series).encode(x=x)
    band = base.mark_area(color=color, opacity=BAND).encode(
        y=alt.Y("low:Q", axis=None, scale=scale), y2="high:Q"
    )
    y = alt.Y("value:Q", axis=None, scale=scale)
    line = base.mark_line(color=color, strokeWidth=1.8).encode(y=y)
    last = alt.Chart(series.tail(1)).mark_point(color=color, filled=True, size=38, opacity=1).encode(x=x, y=y)
    chart = alt.layer(band, line, last)
    return chart.properties(height=SPARK_HEIGHT, description=description).configure_view(strokeWidth=0)


def series(*, series: pd.DataFrame, axis: str, description: str, color: str = ACCENT) -> alt.LayerChart:
    """Estimates over time with their 95 % band. One row a period: month (its last), when, value, low,
    high."""
    layers = _banded(series, "value", axis, color)
    dots = (
        alt.Chart(series)
        .mark_point(color=color, filled=True, size=32, opacity=1)
        .encode(x=_months(), y=_free("value:Q", axis), tooltip=[_when_tip(), *_tips(axis)])
    )
    return alt.layer(*layers, dots).properties(height=SERIES_HEIGHT, description=description)


def estimated_totals(*, totals: pd.DataFrame, axis: str, description: str) -> alt.LayerChart:
    """Totals as estimated, with their 95 % band. One row a period: month (its last), estimate, low, high."""
    chart = alt.layer(*_banded(totals, "estimate", axis, GREY))
    return chart.properties(height=TOTAL_HEIGHT, description=description)


def drawn_totals(*, totals: pd.DataFrame, axis: str, description: str) -> alt.Chart:
    """Totals as drawn, noise and all, as faint dots. One row a period: month (its last), when, noisy_total,
    ledger_entry."""
    tips = [
        _when_tip(),
        alt.Tooltip("noisy_total:Q", title="As drawn", format=",.0f"),
        alt.Tooltip("ledger_entry:Q", title="Ledger entry", format="d"),
    ]
    chart = alt.Chart(totals).mark_point(color=ACCENT, filled=True, size=42, opacity=FAINT)
    chart = chart.encode(x=_months(), y=_free("noisy_total:Q", axis), tooltip=tips)
    return chart.properties(height=TOTAL_HEIGHT, description=description)


def both_totals(*, totals: pd.DataFrame, axis: str, description: str) -> alt.LayerChart:
    """Totals as estimated (line and band) and as drawn (faint dots), on one axis."""
    layers = _banded(totals, "estimate", axis, GREY)
    drawn = drawn_totals(totals=totals, axis=axis, description=description)
    return alt.layer(*layers, drawn).properties(height=TOTAL_HEIGHT, description=description)


def _banded(frame: pd.DataFrame, column: str, axis: str, color: str) -> tuple[alt.Chart, alt.Chart]:
    """The band and the line of a column over the months."""
    base = alt.Chart(frame).encode(x=_months())
    band = base.mark_area(color=color, opacity=BAND).encode(y=_free("low:Q", axis), y2="high:Q")
    line = base.mark_line(color=color, strokeWidth=1.8).encode(y=_free(f"{column}:Q", axis))
    return band, line


def _months() -> alt.X:
    axis = alt.Axis(format="%b %Y", labelAngle=0, labelOverlap=True, grid=False)
    return alt.X("month:T", title=None, axis=axis)


def _free(field: str, title: str) -> alt.Y:
    """A vertical axis that need not begin at zero: small changes of large totals are to be seen."""
    return alt.Y(field, title=title, scale=alt.Scale(zero=False))


def _when_tip() -> alt.Tooltip:
    return alt.Tooltip("when:N", title="Period")


def _tips(axis: str) -> list[alt.Tooltip]:
    fields = (("value:Q", axis), *INTERVAL_TIPS)
    return [alt.Tooltip(field, title=title, format=",.4~r") for field, title in fields]


def comparison(
    *, rows: pd.DataFrame, level: float | None, parent: str, axis: str, description: str, chosen: str = ""
) -> alt.LayerChart:
    """A dot and a 95 % interval a unit, sorted by value, with the level of the unit above as a line.

    ``rows`` has one row a unit: unit_name, value, low, high. A unit whose interval lies wholly above the
    level has the warning colour, one wholly below it the accent. ``parent`` is written at the line; without
    a level there is none. The chosen unit has a ring.
    """
    rows = rows.assign(tone=[_tone(row.low, row.high, level) for row in rows.itertuples()])
    order = list(rows.sort_values("value", ascending=False)["unit_name"])
    names = alt.Axis(labelLimit=190, labelOverlap=False, domain=False, ticks=False, grid=False)
    y = alt.Y("unit_name:N", sort=order, title=None, axis=names)
    base = alt.Chart(rows).encode(y=y, color=alt.Color("tone:N", scale=None, legend=None))
    x = alt.X("low:Q", title=axis, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True, tickCount=6))
    interval = base.mark_rule(strokeWidth=5, opacity=0.35, strokeCap="round").encode(x=x, x2="high:Q")
    at = alt.X("value:Q", title=axis)
    tips = [alt.Tooltip("unit_name:N", title="Unit"), *_tips(axis)]
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(x=at, tooltip=tips)
    ring = base.mark_point(filled=False, size=260, strokeWidth=2).encode(x=at)
    layers = [interval, dots, ring.transform_filter(alt.datum.unit_name == chosen)]
    lines = [] if level is None else _level_line(level, parent, axis)
    chart = alt.layer(*layers, *lines)
    return chart.properties(height=ROW_HEIGHT * len(rows) + AXES_HEIGHT, description=description)


def _level_line(level: float, words: str, axis: str) -> tuple[alt.Chart, alt.Chart]:
    line = alt.Chart(pd.DataFrame({"x": [level], "words": [words]})).encode(x=alt.X("x:Q", title=axis))
    rule = line.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5)
    label = line.mark_text(color=GREY, align="center", dy=-8, baseline="bottom")
    return rule, label.encode(y=alt.value(0), text="words:N")


def tone_of(change: Change | None, *, higher_is_worse: bool) -> str:
    """Grey, unless a change is real: the warning for the worse, the accent for any other."""
    if change is None or not change.is_real:
        return GREY
    return WARNING if higher_is_worse and change.rose else ACCENT


def _tone(low: float, high: float, level: float | None) -> str:
    if level is None or low <= level <= high:
        return GREY
    return WARNING if low > level else ACCENT


def budget_bar(*, parts: Sequence[tuple[str, float]], description: str) -> alt.Chart:
    """One bar of a year's promise: name and share in percent, in the order spent, planned, studies,
    reserve, free."""
    frame = pd.DataFrame(parts, columns=["part", "share"])
    frame["place"] = range(len(frame))
    tones = dict(zip(frame["part"], BUDGET_TONES, strict=True))
    scale = alt.Scale(domain=list(tones), range=list(tones.values()))
    x = alt.X("share:Q", stack="zero", title="% of what is promised for the year", axis=alt.Axis(tickCount=5))
    tips = [alt.Tooltip("part:N", title="Part"), alt.Tooltip("share:Q", title="%", format=".1f")]
    chart = alt.Chart(frame).mark_bar(height=24, stroke=GREY, strokeWidth=0.5)
    chart = chart.encode(
        x=x.scale(domain=[0, 100]),
        color=alt.Color(
            "part:N", scale=scale, legend=alt.Legend(orient="top", title=None, symbolStrokeWidth=0, columns=3)
        ),
        order="place:Q",
        tooltip=tips,
    )
    return chart.properties(height=BUDGET_HEIGHT, description=description)
