"""Parts that pages share: headings, cards, choosers, links and downloads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from html import escape

import pandas as pd
import streamlit as st

from dashboard import wording
from dashboard.cards import Card
from dashboard.findings import Finding
from dashboard.store import Definition
from dashboard.theme import STYLESHEET

INDICATOR_PAGE, LEDGER_PAGE = "views/indicator.py", "views/ledger.py"


def stylesheet() -> None:
    st.html(STYLESHEET)


def heading(question: str) -> None:
    """The one h1 of a page: the question it answers."""
    st.html(f"<h1 class='lw-question'>{escape(question)}</h1>")


def subheading(words: str) -> None:
    st.html(f"<h2 class='lw-group'>{escape(words)}</h2>")


def facts(parts: Sequence[str]) -> None:
    """A quiet line of facts."""
    st.html("<p class='lw-facts'>" + " <span>·</span> ".join(escape(part) for part in parts) + "</p>")


def answer(sentence: str) -> None:
    """The sentence that comes first."""
    st.html(f"<p class='lw-answer'>{escape(sentence)}</p>")


def note(sentence: str) -> None:
    st.html(f"<p class='lw-note'>{escape(sentence)}</p>")


def caption(words: str) -> None:
    st.html(f"<p class='lw-caption'>{escape(words)}</p>")


def points(sentences: Sequence[str]) -> None:
    st.html("<ul class='lw-points'>" + "".join(f"<li>{escape(each)}</li>" for each in sentences) + "</ul>")


def pairs(rows: Sequence[tuple[str, str]]) -> None:
    """Names and what they stand for, as a definition list."""
    body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in rows if words)
    st.html(f"<dl class='lw-pairs'>{body}</dl>")


def notice(sentence: str) -> None:
    """A page that has nothing to show says so, and what to do."""
    st.html(f"<div class='lw-notice' role='status'><p>{escape(sentence)}</p></div>")


def plain(text: str) -> str:
    """A name from the register, safe where Streamlit would read it as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!~|<>$:])", r"\\\1", text)


def where_from(label: str, *, indicator: str, unit: str, window: int) -> None:
    """A link that opens the page of one number."""
    asked = {"indicator": indicator, "unit": unit, "window": str(window)}
    st.page_link(INDICATOR_PAGE, label=plain(label), query_params=asked)


def finding_row(finding: Finding, definitions: dict[str, Definition]) -> None:
    """One thing that differs: an arrow with its sentence, its certainty in words, and where it came from."""
    lead = finding.lead
    definition = definitions.get(lead.indicator)
    is_worse = definition is not None and lead.rose and definition.higher_is_worse
    arrow, tone = ("▲" if lead.rose else "▼"), ("lw-worse" if is_worse else "lw-other")
    titles = {name: each.title for name, each in definitions.items()}
    sentence = escape(wording.finding_sentence(finding, titles))
    key = _key("finding", lead.unit_id, lead.indicator)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key=key):
        st.html(
            f"<p class='lw-finding {tone}'><span aria-hidden='true'>{arrow}</span> {sentence}"
            f" <em>{escape(finding.words)}</em></p>",
            width="content",
        )
        where_from("Look closer", indicator=lead.indicator, unit=lead.unit_id, window=1)


def card(shown: Card) -> None:
    """A headline: its title (a link to where it came from), value, interval, sparkline and change."""
    definition, figure = shown.definition, shown.figure
    with st.container(border=True, gap=None, key=_key("card", definition.id)):
        where_from(shown.title, indicator=definition.id, unit=shown.unit_id, window=shown.window)
        if figure is None:
            st.html(f"<p class='lw-value lw-blank'>{wording.NOT_SHOWN}</p>")
            st.html(f"<p class='lw-change'>{escape(shown.why_blank)}</p>")
            return
        left, right = st.columns([10, 11], gap="small", vertical_alignment="center", wrap=False)
        left.html(
            f"<p class='lw-value'>{escape(figure.text)}</p><p class='lw-range'>{escape(figure.range)}</p>"
        )
        if shown.spark:
            right.vega_lite_chart(deepcopy(shown.spark))  # Streamlit takes parts out of what it is given
        st.html(f"<p class='lw-change'>{escape(shown.change)}</p>")


def _key(*parts: str) -> str:
    return "-".join(["lw", *(re.sub(r"\W", "_", part) for part in parts)])


def chosen(
    page: str,
    name: str,
    label: str,
    options: Sequence[str],
    words: Callable[[str], str],
    *,
    default: str = "",
) -> str:
    """A choice that the address of the page remembers, so that it can be linked to."""
    key = f"{page}-{name}"
    _take_from_address(key, name, options, default)
    choice = st.selectbox(label, options, format_func=words, key=key)
    st.query_params[name] = choice
    return choice


def _take_from_address(key: str, name: str, options: Sequence[str], default: str) -> None:
    if st.session_state.get(key) not in options:
        asked = st.query_params.get(name, default)
        st.session_state[key] = asked if asked in options else (default if default in options else options[0])


def tree(page: str, label: str, options: Sequence[str], words: Callable[[str], str], *, default: str) -> str:
    """A choice of a unit from the tree, remembered by the address as ``unit``."""
    key = f"{page}-unit"
    _take_from_address(key, "unit", options, default)
    choice = st.radio(label, options, format_func=words, key=key)
    st.query_params["unit"] = choice
    return choice


def table(frame: pd.DataFrame, file_name: str, description: str) -> None:
    """A table for looking up, with its download."""
    st.dataframe(frame, hide_index=True, width="stretch", alt=description)
    download(frame, file_name)


def download(frame: pd.DataFrame, file_name: str) -> None:
    """A quiet button that hands over the numbers of what is shown."""
    data = frame.to_csv(index=False).encode("utf-8")
    st.download_button(
        wording.DOWNLOAD,
        data,
        file_name,
        "text/csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def number(value: str, interval: str) -> None:
    """One number, large, with its interval."""
    st.html(f"<p class='lw-value lw-large'>{escape(value)}</p><p class='lw-range'>{escape(interval)}</p>")


def checks(rows: Sequence[tuple[bool, str, str]]) -> None:
    """One line a check: whether it holds, in a word and never by colour alone."""
    lines = "".join(
        f"<li class='{'lw-holds' if holds else 'lw-broke'}'><strong>{'holds' if holds else 'broke'}</strong> "
        f"<span>{escape(name)}</span> {escape(sentence)}</li>"
        for holds, name, sentence in rows
    )
    st.html(f"<ul class='lw-checks'>{lines}</ul>")
