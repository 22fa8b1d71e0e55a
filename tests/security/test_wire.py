"""What the dashboard sends and logs holds no canary, not even when a page fails on a spoilt release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from canary_agency import CanaryAgency, row_text
from search import found
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from wire import PAGES, PROBES, everything_said, pages_offered, shown

Spoil = Callable[[Path, CanaryAgency], object]


@pytest.fixture(scope="module")
def said(released: CanaryAgency) -> dict[str, bytes]:
    return everything_said(released.home.root, released.environment)


def test_every_page_shows_something(said: dict[str, bytes]) -> None:
    assert pages_offered(said) == set(PAGES)
    for page in PAGES:
        assert len(said[f"{page}?"]) > 5_000
    assert b"Tiny House" in said["overview?"] and b"lw-holds" in said["verify"]


def test_nothing_planted_goes_over_the_wire_or_into_the_servers_log(
    said: dict[str, bytes], released: CanaryAgency
) -> None:
    leaked = {asked: found(content, released.canaries) for asked, content in said.items()}
    assert not {asked: canaries for asked, canaries in leaked.items() if canaries}


def test_no_address_reaches_a_file_of_the_home(said: dict[str, bytes], released: CanaryAgency) -> None:
    for path in (released.home.pseudonym_key, released.home.warehouse, released.home.ledger_lines):
        assert not [probe for probe in PROBES if path.read_bytes() in said[probe]]


FAILS = "rows for periods"


def a_text_for_a_number(folder: Path, agency: CanaryAgency) -> None:
    """Every period and name of the indicators is a whole row of the exports."""
    table = pq.read_table(folder / "indicators.parquet")
    for name in ("period", "unit"):
        words = pa.array([row_text(agency)] * len(table))
        table = table.set_column(table.column_names.index(name), name, words)
    pq.write_table(table, folder / "indicators.parquet")


SPOILT: dict[str, Spoil] = {
    FAILS: a_text_for_a_number,
    "no table": lambda folder, agency: (folder / "indicators.parquet").write_bytes(row_text(agency).encode()),
    "no package": lambda folder, agency: (folder / "datapackage.json").write_text(row_text(agency)),
    "no certificate": lambda folder, agency: (folder / "certificate.json").write_text(row_text(agency)),
    "no ledger": lambda folder, agency: agency.home.ledger_lines.write_text(row_text(agency)),
}


@pytest.mark.parametrize(
    "how", [FAILS, *(pytest.param(how, marks=pytest.mark.slow) for how in SPOILT if how != FAILS)]
)
def test_a_page_that_fails_sends_nothing_of_what_it_failed_on(
    how: str, released: CanaryAgency, tmp_path: Path
) -> None:
    """As if rows had got into a release: no error quotes them to whoever looks. The server's own log may."""
    agency = released.copied_to(tmp_path / "spoilt")
    SPOILT[how]((agency.home.releases / "latest").resolve(), agency)
    with shown(agency.home.root, agency.environment) as dashboard:
        sent = [message for page in PAGES for message in dashboard.page(page)]
    assert not found(b"\n".join(sent), agency.canaries) and not any(b"Traceback" in each for each in sent)
    if how == FAILS:
        elements = [m.delta.new_element for m in map(ForwardMsg.FromString, sent)]
        assert [element for element in elements if element.HasField("exception")]
