"""Overview: what differs from usual, and the headlines of the organisation."""

from __future__ import annotations

import streamlit as st

from dashboard import headlines, layout, store, wording
from dashboard.cards import Card, cards
from dashboard.findings import differing
from dashboard.store import Release

# How many columns of cards each family takes; together they fill the width.
COLUMNS = {"Trauma-linked": 1, "Workload-linked": 2}

FINDINGS_SHOWN = 4


def show() -> None:
    release = store.current()
    root = headlines.root_id(release)
    layout.heading(wording.overview_question(release.month))
    counted = release.indicators[headlines.HEAD_COUNT]
    staff = headlines.newest(release, counted.id, root, headlines.first_window(release, counted, root))
    used = 100 * release.this_year.rho.pico / release.promised.pico
    when = "" if counted.is_monthly else staff.when
    layout.facts(wording.header(release.organisation, release.released, staff.figure, when, used))
    show_findings(release, root)
    show_headlines(release)
    layout.download(headlines.headline_table(release, root), f"headlines-{release.month}.csv")


def show_headlines(release: Release) -> None:
    groups = st.columns(list(COLUMNS.values()), gap="medium")
    for (family, width), group in zip(COLUMNS.items(), groups, strict=True):
        with group:
            layout.subheading(family)
            show_cards(cards(release, family), width)


def show_findings(release: Release, root: str) -> None:
    findings = differing(store.changes(release), store.units(release))
    figures = [
        headlines.newest(release, definition.id, root, min(definition.windows)).figure
        for definition in release.indicators.values()
    ]
    sentence = wording.summary(findings, known=bool(store.changes(release)), blank=not any(figures))
    layout.answer(sentence)
    for finding in findings[:FINDINGS_SHOWN]:
        layout.finding_row(finding, dict(release.indicators))
    if len(findings) > FINDINGS_SHOWN:
        with st.expander(wording.more_findings(len(findings) - FINDINGS_SHOWN)):
            for finding in findings[FINDINGS_SHOWN:]:
                layout.finding_row(finding, dict(release.indicators))


def show_cards(shown: tuple[Card, ...], width: int) -> None:
    for start in range(0, len(shown), width):
        for place, card in zip(st.columns(width), shown[start : start + width], strict=False):
            with place:
                layout.card(card)


show()
