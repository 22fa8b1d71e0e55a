"""The promise in plain words: what is protected, what is not, what a blank means."""

from __future__ import annotations

import streamlit as st

from dashboard import layout, promise, store, wording
from privacy.accounting import Delta, Rho, epsilon_of


def show() -> None:
    release = store.current()
    layout.heading(wording.METHOD_QUESTION)
    layout.answer(promise.short(release.promised))
    left, right = st.columns(2, gap="large")
    fourfold = Rho(4 * release.promised.pico)
    colleague = epsilon_of(fourfold, Delta.parse(release.delta))
    with left:
        layout.subheading("What is promised")
        layout.points(promise.promised(release.organisation, release.epsilon, release.delta))
        layout.subheading("How far it reaches")
        layout.points(promise.limits(release.epsilon, colleague, promise.best_guess(fourfold)))
    with right:
        layout.subheading("What is not promised")
        layout.points(promise.NOT_PROMISED)
        layout.note(promise.PUBLIC)
        layout.subheading("Why some numbers are blank")
        layout.note(promise.blank_intro(release.minimum_group))
        layout.pairs([(code, sentence) for code, sentence in release.blanks.items()])


show()
