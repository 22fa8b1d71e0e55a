"""The dashboard loads nothing that can touch personal data, and views read files through the store alone."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from published_home import Shape, write_home

from dashboard.launch import APP

FORBIDDEN = ("pipelines", "duckdb", "opendp", "prefect", "great_expectations")

OPEN_THE_APP = f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(APP)!r}, default_timeout=30).run()
assert not app.exception
for page in ("units", "indicator", "ledger", "method"):
    app.switch_page("views/" + page + ".py").run()
    assert not app.exception
app.switch_page("views/ledger.py").run()
app.button(key="ledger-verify").click().run()
assert not app.exception
"""
REPORT = "\nimport sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"


@pytest.mark.parametrize("code", ["import dashboard.store, dashboard.charts", OPEN_THE_APP])
def test_opening_the_dashboard_loads_no_raw_data_code(code, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("LEEWARD_HOME", str(write_home(tmp_path / "home", Shape())))
    monkeypatch.setenv("LEEWARD_WITNESS", str(tmp_path / "no.heads"))
    run = subprocess.run([sys.executable, "-c", code + REPORT], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & set(FORBIDDEN)


def test_only_the_store_reads_the_published_zone() -> None:
    reading = re.compile(r"read_text|read_bytes|read_parquet|read_table|read_csv|\bopen\(")
    found = {
        path.name for path in APP.parent.rglob("*.py") if reading.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"store.py", "audit.py"}  # audit reads the witness, which lies outside the home


def test_charts_know_nothing_of_streamlit() -> None:
    code = "import dashboard.charts, sys; print('streamlit' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
