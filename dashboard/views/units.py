"""Units: one indicator compared between units, with what is blank and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import charts, headlines, layout, store, wording
from dashboard.figures import Figure
from dashboard.findings import Unit
from dashboard.spans import period_name, window_name
from dashboard.store import Definition, Release

PAGE = "units"
INDENT = "\u2003"


def show() -> None:
    release = store.current()
    layout.heading(wording.UNITS_QUESTION)
    definition, window = choose(release)
    rows = headlines.newest_cells(release, definition.id, window)
    if rows.empty:
        layout.notice(wording.nothing_for(definition.title, window))
        return
    units = measured_units(release, rows)
    with st.container(key="units-panes"):
        left, right = st.columns([3, 8], gap="large")
    with left:
        selected = choose_unit(release, units, rows)
    with right:
        show_comparison(release, definition, window, inside_or_around(selected, units), rows)
        layout.where_from(
            wording.where_from_of(selected.name), indicator=definition.id, unit=selected.id, window=window
        )
        with st.expander("Table and download"):
            layout.table(as_table(rows, release), f"{definition.id}.csv", f"{definition.title} by unit")


def measured_units(release: Release, rows: pd.DataFrame) -> list[Unit]:
    """The units with a cell, parents first; blank ones without any authorised post are left out."""
    status = dict(zip(rows["unit_id"], rows["status"], strict=True))
    return [u for u in store.units(release) if status.get(u.id) == "shown" or (u.id in status and u.posts)]


def choose(release: Release) -> tuple[Definition, int]:
    """The indicator and the window to look at."""
    shown = [d.id for d in release.indicators.values() if d.family in headlines.FAMILIES]
    places = st.columns([5, 3, 6])
    with places[0]:
        titles = release.indicators
        name = layout.chosen(PAGE, "indicator", "Indicator", shown, lambda each: titles[each].title,
                             default="exposure_hours")  # fmt: skip
    with places[1]:
        windows = [str(window) for window in release.indicators[name].windows]
        window = layout.chosen(PAGE, "window", "Window", windows, lambda each: window_name(int(each)))
    return release.indicators[name], int(window)


def choose_unit(release: Release, units: list[Unit], rows: pd.DataFrame) -> Unit:
    """The tree, each unit with its value."""
    depth = headlines.depths(release, [unit.id for unit in units])
    figures = {row["unit_id"]: headlines.figure(row) for row in rows.to_dict("records")}
    names = {unit.id: unit.name for unit in units}

    def words(unit_id: str) -> str:
        found = figures[unit_id]
        value = found.text if found else wording.NOT_SHOWN
        return f"{INDENT * depth[unit_id]}{layout.plain(names[unit_id])}  :gray[{layout.plain(value)}]"

    selected = layout.tree(PAGE, "Look inside", list(names), words, default=units[0].id)
    return next(unit for unit in units if unit.id == selected)


@dataclass(frozen=True)
class Family:
    """A unit and the units directly inside it; ``chosen`` is the name of one of them to point out."""

    parent: Unit
    inside: tuple[str, ...]
    chosen: str


def inside_or_around(selected: Unit, units: list[Unit]) -> Family:
    """The units inside the selected one, or beside it where it has none inside."""
    inside = tuple(unit.id for unit in units if unit.parent == selected.id)
    if inside or not selected.parent:
        return Family(selected, inside, "")
    parent = next(unit for unit in units if unit.id == selected.parent)
    beside = tuple(unit.id for unit in units if unit.parent == parent.id)
    return Family(parent, beside, selected.name)


def show_comparison(
    release: Release, definition: Definition, window: int, family: Family, rows: pd.DataFrame
) -> None:
    inside = headlines.alike(rows[rows["unit_id"].isin(family.inside)])
    when = period_name(release.month, window) if inside.empty else inside["when"].iloc[0]
    layout.subheading(wording.comparison_title(definition.title, family.parent.name, when))
    shown = inside[inside["status"] == "shown"].sort_values("value", ascending=False)
    level = headlines.figure_of(release, definition.id, family.parent.id, window, when)
    if shown.empty or level is None:
        layout.note(wording.nothing_inside(family.parent.name))
    else:
        draw(definition, shown, family, level)
    show_blanks(release, inside, family.parent.name)


def draw(definition: Definition, shown: pd.DataFrame, family: Family, level: Figure) -> None:
    """The plot under its finding. Counts of people have no level to compare with: a parent is larger."""
    parent, names = family.parent.name, list(shown["unit_name"])
    is_ratio = bool(definition.denominator)
    if is_ratio:
        above = list(shown[shown["low"] > level.value]["unit_name"])
        below = list(shown[shown["high"] < level.value]["unit_name"])
        layout.answer(wording.apart(above, below, parent))
    chart = charts.comparison(
        rows=shown[["unit_name", "value", "low", "high"]],
        level=level.value if is_ratio else None,
        parent=f"{parent} {level.text}",
        axis=definition.unit,
        description=wording.comparison_finding(definition.title, parent, names, level.text),
        chosen=family.chosen,
    )
    st.altair_chart(chart)
    layout.note(wording.COMPARISON_NOTE if is_ratio else wording.COUNTS_NOTE)


def show_blanks(release: Release, inside: pd.DataFrame, parent: str) -> None:
    """Why units are blank, one sentence a reason."""
    blank = inside[inside["status"] != "shown"]
    for reason, rows in blank.groupby("reason", sort=False):
        why = release.blanks.get(str(reason), "")
        layout.note(wording.blank_sentence(list(rows["unit_name"]), why, parent))


def as_table(rows: pd.DataFrame, release: Release) -> pd.DataFrame:
    """What the download holds: values as published, and the reason in words where there is none."""
    frame = rows[["unit_name", "value", "low", "high", "unit", "status", "reason"]].copy()
    frame["reason"] = [release.blanks.get(reason, "") for reason in frame["reason"]]
    return frame.rename(columns={"unit_name": "unit of the organisation", "unit": "measured in"})


show()
