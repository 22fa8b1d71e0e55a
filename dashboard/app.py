"""The dashboard's entry: ``streamlit run dashboard/app.py``, or better ``leeward dashboard``."""

from __future__ import annotations

import os
import sys

import streamlit as st

from dashboard import layout, wording
from dashboard.launch import home_named_in
from privacy.errors import Refusal

PAGES = (
    ("views/overview.py", wording.OVERVIEW, "overview"),
    ("views/units.py", wording.UNITS, "units"),
    ("views/indicator.py", wording.INDICATOR, "indicator"),
    ("views/ledger.py", wording.LEDGER, "ledger"),
    ("views/method.py", wording.METHOD, "method"),
)


def main() -> None:
    """Show the page asked for; a refusal becomes its sentence, never a traceback."""
    if named := home_named_in(sys.argv):
        os.environ["LEEWARD_HOME"] = named
    st.set_page_config(page_title="Leeward", layout="wide", initial_sidebar_state="collapsed")
    layout.stylesheet()
    pages = [
        st.Page(path, title=title, url_path=url, default=path == PAGES[0][0]) for path, title, url in PAGES
    ]
    page = st.navigation(pages, position="top")
    try:
        page.run()
    except Refusal as why:
        layout.notice(str(why))


main()
