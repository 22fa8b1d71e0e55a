"""Charts draw what they are given, describe their finding, and know nothing of Streamlit."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard import charts
from dashboard.findings import Change
from dashboard.theme import ACCENT, GREY, WARNING

SERIES = pd.DataFrame(
    {
        "month": pd.to_datetime(["2026-04-01", "2026-05-01", "2026-06-01"]),
        "when": ["April 2026", "May 2026", "June 2026"],
        "value": [1.0, 2.0, 3.0],
        "low": [0.5, 1.5, 2.5],
        "high": [1.5, 2.5, 3.5],
    }
)
ROWS = pd.DataFrame(
    {
        "unit_name": ["Low", "High", "Middle"],
        "value": [1.0, 9.0, 5.0],
        "low": [0.0, 8.0, 4.0],
        "high": [2.0, 10.0, 6.0],
    }
)
TOTALS = SERIES.rename(columns={"value": "estimate"}).assign(
    noisy_total=[2.0, 1.0, 4.0], ledger_entry=[1, 2, 3]
)


def marks(chart: dict[str, Any]) -> list[str]:
    return [layer["mark"]["type"] for layer in chart["layer"]]


def values(chart: dict[str, Any], layer: int) -> list[dict[str, Any]]:
    return chart["datasets"][chart["layer"][layer].get("data", chart.get("data"))["name"]]


def test_a_sparkline_is_a_band_a_line_and_the_last_value() -> None:
    chart = charts.sparkline(series=SERIES, description="It rose.").to_dict()
    assert marks(chart) == ["area", "line", "point"] and chart["description"] == "It rose."
    assert [row["value"] for row in values(chart, 2)] == [3.0]


def test_a_sparkline_has_no_axes() -> None:
    chart = charts.sparkline(series=SERIES, description="").to_dict()
    assert all(layer["encoding"][axis]["axis"] is None for layer in chart["layer"] for axis in "xy")


def test_a_series_shows_its_95_percent_band() -> None:
    chart = charts.series(series=SERIES, axis="%", description="It rose.").to_dict()
    band = chart["layer"][0]["encoding"]
    assert (band["y"]["field"], band["y2"]["field"]) == ("low", "high") and chart["description"] == "It rose."


def test_a_comparison_is_sorted_by_value_and_colours_what_lies_beyond_the_margins() -> None:
    chart = charts.comparison(
        rows=ROWS, level=5.0, parent="All 5", axis="%", description="High is highest.", chosen="Low"
    ).to_dict()
    assert chart["layer"][0]["encoding"]["y"]["sort"] == ["High", "Middle", "Low"]
    tones = {row["unit_name"]: row["tone"] for row in values(chart, 0)}
    assert tones == {"High": WARNING, "Middle": GREY, "Low": ACCENT}
    assert values(chart, 3)[0] == {"x": 5.0, "words": "All 5"}
    assert chart["description"] == "High is highest."


def test_without_a_level_nothing_is_compared_with_it() -> None:
    chart = charts.comparison(rows=ROWS, level=None, parent="", axis="people", description="").to_dict()
    assert {row["tone"] for row in values(chart, 0)} == {GREY}
    assert "text" not in marks(chart)


def test_every_unit_gets_a_row_of_its_own() -> None:
    few, many = (
        charts.comparison(rows=rows, level=5.0, parent="", axis="", description="").to_dict()
        for rows in (ROWS, pd.concat([ROWS] * 9))
    )
    assert many["height"] - few["height"] == charts.ROW_HEIGHT * len(ROWS) * 8


def test_noisy_totals_are_faint_dots_on_the_estimates() -> None:
    chart = charts.both_totals(totals=TOTALS, axis="people", description="Drawn.").to_dict()
    assert marks(chart) == ["area", "line", "point"]
    assert chart["layer"][2]["mark"]["opacity"] < 0.5
    assert chart["layer"][2]["encoding"]["y"]["field"] == "noisy_total"


def test_the_budget_bar_keeps_its_order() -> None:
    parts = [("Spent", 50.0), ("Planned", 20.0), ("Studies", 5.0), ("Reserve", 5.0), ("Remaining", 20.0)]
    chart = charts.budget_bar(parts=parts, description="Half is spent.").to_dict()
    colours = chart["encoding"]["color"]["scale"]
    assert colours["domain"] == [name for name, _ in parts] and len(set(colours["range"])) == len(parts)
    assert chart["encoding"]["order"]["field"] == "place" and chart["description"] == "Half is spent."


def test_colour_is_grey_unless_a_change_is_real() -> None:
    rose = Change("D", "Desk", "x", 1, 2, 1, 0.5, 1.5, "%", 12, 0.9, "likely real")
    chance = Change("D", "Desk", "x", 1, 2, 1, 0.5, 1.5, "%", 12, 0.1, "could be chance")
    assert charts.tone_of(None, higher_is_worse=True) == GREY
    assert charts.tone_of(chance, higher_is_worse=True) == GREY
    assert charts.tone_of(rose, higher_is_worse=True) == WARNING
    assert charts.tone_of(rose, higher_is_worse=False) == ACCENT
