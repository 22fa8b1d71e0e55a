"""Where one number came from: definition, method, series, what was drawn, ledger entries."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import charts, headlines, layout, store, wording
from dashboard.figures import rounded
from dashboard.spans import MONTH, QUARTER, window_name
from dashboard.store import Definition, Release
from metrics.measures import MEASURES
from privacy.periods import Cadence

PAGE = "indicator"


def show() -> None:
    release = store.current()
    layout.heading(wording.INDICATOR_QUESTION)
    definition, unit_id, window = choose(release)
    left, right = st.columns([5, 8], gap="large")
    with left:
        show_number(release, definition, unit_id, window)
        show_origin(release, definition, unit_id, window)
    with right:
        show_series(release, definition, unit_id, window)
    show_totals(release, definition, unit_id, window)


def choose(release: Release) -> tuple[Definition, str, int]:
    """The number asked about: by the page's address, or by choice."""
    definitions, names = release.indicators, headlines.names(release)
    places = st.columns([5, 5, 3])
    with places[0]:
        titles = {each.id: each.title for each in definitions.values()}
        indicator = layout.chosen(PAGE, "indicator", "Indicator", list(titles), titles.__getitem__)
    with places[1]:
        units = headlines.units_with(release, indicator)
        unit = layout.chosen(PAGE, "unit", "Unit", units, names.__getitem__)
    with places[2]:
        known = headlines.windows_with(release, definitions[indicator], unit)
        windows = [str(window) for window in known]
        window = layout.chosen(PAGE, "window", "Window", windows, lambda each: window_name(int(each)))
    return definitions[indicator], unit, int(window)


def show_number(release: Release, definition: Definition, unit_id: str, window: int) -> None:
    newest = headlines.newest(release, definition.id, unit_id, window)
    layout.subheading(f"{definition.title}, {headlines.names(release)[unit_id]}")
    if newest.figure is None:
        layout.answer(f"{wording.NOT_SHOWN.capitalize()}. {release.blanks.get(newest.reason, '')}")
        return
    layout.number(newest.figure.text, wording.interval_words(newest.figure, newest.when))


def show_origin(release: Release, definition: Definition, unit_id: str, window: int) -> None:
    """The definition list, and the way on to the ledger."""
    period = headlines.newest(release, definition.id, unit_id, window).period
    lineage = store.lineage(release, definition.id, unit_id, period)
    layout.pairs([
        ("What it says", definition.words),
        ("Of a quarter", wording.QUARTER_NOTE if window == QUARTER else ""),
        ("Numerator", measure_words(definition.numerator)),
        ("Denominator", measure_words(definition.denominator)),
        ("Direction", wording.DIRECTIONS.get(definition.direction, definition.direction)),
        ("Method", lineage.method),
        ("Source", definition.source),
        ("Release", release.id),
        ("Ledger", wording.entries_sentence(lineage.entries)),
    ])  # fmt: skip
    if lineage.entries:
        st.page_link(
            layout.LEDGER_PAGE, label="Open these entries in the ledger", icon=":material/arrow_forward:",
            query_params={"entries": " ".join(str(number) for number in lineage.entries)},
        )  # fmt: skip


def measure_words(measure: str, cadence: Cadence = Cadence.MONTH) -> str:
    """A measure in words; its name where this installation does not know it."""
    return MEASURES[measure].said_of(cadence) if measure in MEASURES else measure


def show_series(release: Release, definition: Definition, unit_id: str, window: int) -> None:
    series = headlines.series(release, definition.id, unit_id, window)
    if series.empty:
        layout.note(wording.NO_SERIES)
        return
    newest = headlines.newest(release, definition.id, unit_id, window)
    change = headlines.change_of(release, definition.id, unit_id)
    is_monthly = MONTH in headlines.windows_with(release, definition, unit_id)
    said = wording.change_sentence(change, is_monthly=is_monthly)
    where = (definition.title, headlines.names(release)[unit_id], newest.when)
    description = wording.series_alt(*where, float(series["value"].iloc[0]), newest.figure, said)
    layout.subheading(said)
    st.altair_chart(charts.series(series=series, axis=definition.unit, description=description))
    layout.note(wording.INTERVAL_NOTE)
    with st.expander("Table and download"):
        layout.table(series.drop(columns=["month", "when"]), f"{definition.id}-{window}.csv", description)


def show_totals(release: Release, definition: Definition, unit_id: str, window: int) -> None:
    """The totals behind the number, as drawn and as estimated."""
    measures = [measure for measure in (definition.numerator, definition.denominator) if measure]
    unit = headlines.names(release)[unit_id]
    layout.subheading("What was drawn")
    layout.note(wording.DRAWN_NOTE)
    for place, measure in zip(st.columns(2, gap="large"), measures, strict=False):
        with place:
            show_total(headlines.totals(release, measure, unit_id, window), measure, unit)


def show_total(totals: pd.DataFrame, measure: str, unit: str) -> None:
    words = measure_words(measure, Cadence(int(totals["window"].max())) if len(totals) else Cadence.MONTH)
    known = totals.dropna(subset=["noisy_total", "estimate"])
    layout.caption(words)
    if known.empty:
        layout.note(wording.no_totals(words, unit))
        return
    last = known.iloc[-1]
    drawn, estimate = rounded(last["noisy_total"], 1.0), rounded(last["estimate"], 1.0)
    axis = str(last["unit"])
    description = wording.totals_alt(words, unit, drawn, estimate, axis)
    if not is_centred(measure):
        st.altair_chart(charts.both_totals(totals=totals, axis=axis, description=description))
        return
    st.altair_chart(charts.estimated_totals(totals=totals, axis=axis, description=description))
    layout.note(wording.CENTRED_NOTE)
    st.altair_chart(
        charts.drawn_totals(totals=totals, axis=f"{axis} beyond the centre", description=description)
    )


def is_centred(measure: str) -> bool:
    """Whether a measure is drawn as a difference from a public constant a person."""
    return measure in MEASURES and bool(MEASURES[measure].base)


show()
