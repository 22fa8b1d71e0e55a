"""Ledger and releases say what privacy.md, section 5, lists and nothing else: keys, shapes, times, hashes."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from canary_agency import CanaryAgency
from published_list import Published, Schema, flat
from publishing_quietly import published as published_of
from signatories import TESTER
from sweep import sweep, wrong_modes
from tiny_agency import AS_TESTER

from metrics.blanks import Blank
from metrics.indicators import INDICATORS
from metrics.measures import MEASURES
from pipelines import audit_folder
from pipelines.documents import NAMES
from privacy.entries import BODY_KEYS, digest

FINER_THAN_A_MINUTE = re.compile(r"[0-2][0-9]:[0-5][0-9]:[0-9]|[0-9]T[0-9]{2}:[0-9]{2}[.+]")
OF_TIME_AND_COUNT = re.compile(
    r"second|duration|elapsed|took|started|finished|rows|count|hash", re.IGNORECASE
)


@pytest.fixture(scope="module")
def published(released: CanaryAgency) -> Published:
    return Published(released.home.root)


@pytest.fixture(scope="module")
def schema(published: Published) -> Schema:
    """What the capitals stand for is taken from the register and the product, never from what it checks."""
    register = next(entry["body"] for entry in published.entries if entry["kind"] == "register")
    groups = [group for tree in register["trees"] for group in tree["groups"]]
    tables = ("measurements", "estimates", "indicators", "signals", "units")
    files = {f"{table}.{end}" for table in tables for end in ("csv", "parquet")} | {"datapackage.json"}
    return Schema({
        "GROUP": frozenset(group[0] for group in groups),
        "LINE": frozenset({group[5] for group in groups} | {"*"}),
        "LEVEL": frozenset(register["levels"]),
        "SIGNER": frozenset({TESTER}),
        "INDICATOR": frozenset(INDICATORS),
        "MEASURE": frozenset(MEASURES),
        "BLANK": frozenset(blank.code for blank in Blank),
        "FILE": frozenset(files),
    })  # fmt: skip


def test_every_key_and_column_is_listed_and_every_value_has_its_shape(
    published: Published, schema: Schema
) -> None:
    wrong, places = held_against(published, schema)
    assert not wrong
    listed = {f"{room}.{name}" for room in ("documents", "tables") for name in schema.rules[room]}
    kinds = ("every", "opened", "register", "plan", "measurement", "release")
    assert places == listed - {"documents.withdrawn.json"} | {f"ledger.{kind}" for kind in kinds}


def held_against(published: Published, schema: Schema) -> tuple[set[str], set[str]]:
    """What is not as listed, and every place that was looked at."""
    wrong, places = set(), set()
    for place, values in published.places():
        places.add(place)
        wrong |= {why for path, value in values if (why := schema.wrong(place, path, value))}
    return wrong, places


def test_a_withdrawal_adds_a_code_and_a_signature_alone(
    published: Published, schema: Schema, released: CanaryAgency, tmp_path: Path
) -> None:
    agency = released.copied_to(tmp_path / "withdrawn")
    newest = published.releases[-1].name
    done = agency.tiny.leeward("withdraw", newest, "--reason", "wrong-export", *AS_TESTER)
    assert done.returncode == 0, done.stderr
    wrong, places = held_against(Published(agency.home.root), schema)
    assert not wrong and {"ledger.withdrawn", "documents.withdrawn.json"} <= places
    assert not wrong_modes(agency.home.root, agency.witness)


def test_a_release_that_waits_for_approval_lies_behind_a_closed_folder(tmp_path: Path) -> None:
    agency = published_of(CanaryAgency.at(tmp_path / "held", "2026-01", is_held=True))
    assert [path.name for path in agency.home.held.iterdir()] and not [*agency.home.releases.iterdir()]
    assert not wrong_modes(agency.home.root, agency.witness)
    assert not sweep(agency.root, agency.canaries).hits


def test_the_audit_folder_holds_nothing_planted(
    released: CanaryAgency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = released.copied_to(tmp_path / "audited")
    (tmp_path / "documents" / "figures").mkdir(parents=True)
    for name in NAMES:
        (tmp_path / "documents" / name).write_text("A document of the product.")
    monkeypatch.setattr(audit_folder, "documents", lambda: tmp_path / "documents")
    monkeypatch.setenv("LEEWARD_WITNESS", str(agency.witness))
    folder = audit_folder.export_audit(agency.home, agency.root / "audit")
    assert len([*folder.rglob("*")]) > 30
    assert not sweep(agency.root, agency.canaries).hits


def test_the_list_is_the_ledgers_own(schema: Schema) -> None:
    listed = {
        kind: {re.split(r"[.\[]", path)[0] for path in schema.rules["ledger"][kind]} for kind in BODY_KEYS
    }
    assert listed == {kind: set(keys) for kind, keys in BODY_KEYS.items()}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("ledger.release", {"rows_read": 812}),
        ("ledger.measurement", {"seconds": 0.7}),
        ("ledger.measurement", {"values": {"NORTH": 12.5}}),
        ("ledger.measurement", {"values": {"P001": 1}}),
        ("ledger.every", {"time": "2026-08-01T12:00:59Z"}),
        ("ledger.opened", {"ledger": "staff.xlsx"}),
        ("ledger.plan", {"note": "as agreed with the head of North"}),
        ("documents.certificate.json", {"date": "2026-08-01T12:00Z"}),
        ("documents.certificate.json", {"files": {"staff.xlsx": "0" * 64}}),
        ("documents.datapackage.json", {"indicators": [{"exact": 5}]}),
        ("tables.estimates", {"exact_total": "5"}),
        ("tables.measurements", {"noisy_total": "Kx0123456789abcdef"}),
    ],
)
def test_what_is_not_listed_is_told(place: str, value: dict[str, object], schema: Schema) -> None:
    assert all(schema.wrong(place, path, each) for path, each in flat(value))


def test_the_columns_of_a_table_without_rows_are_listed_too(published: Published, schema: Schema) -> None:
    for path in published.releases[-1].glob("*.csv"):
        columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        assert columns == list(schema.rules["tables"][path.stem])


def test_every_hash_is_of_something_that_is_published_itself(
    published: Published, released: CanaryAgency
) -> None:
    """None is of an export, of its rows or of a mapping, by which a guess at them could be checked."""
    home = released.home
    files = [path for path in home.root.rglob("*") if path.is_file() and home.protected not in path.parents]
    lines = home.ledger_lines.read_bytes().splitlines()
    known = {sha256(content).hexdigest() for content in (*lines, *(path.read_bytes() for path in files))}
    known |= {digest(entry["body"]) for entry in published.entries if entry["kind"] == "register"}
    text = home.ledger_lines.read_text() + "".join(
        path.read_text() for path in files if path.suffix == ".json"
    )
    used = set(re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text)) - {"0" * 64}
    assert used and used <= known
    items = {
        sha256(json.dumps(item, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]
        for entry in published.entries
        if entry["kind"] == "plan"
        for item in entry["body"]["items"]
    }
    assert {entry["body"]["item"] for entry in published.entries if "item" in entry["body"]} == items


def test_no_time_is_finer_than_a_minute_and_nothing_is_timed_or_counted(
    published: Published, schema: Schema
) -> None:
    """Releases carry days, the ledger minutes.

    The files' own times of change are left as they fall: whoever may list the folder can also watch it, so
    the hour of a release shows in any case, and a copy has other times. What a draw took shows in neither,
    since all draws of a month lie between two of them.
    """
    for path in [
        released / name
        for released in published.releases
        for name in ("certificate.json", "datapackage.json")
    ]:
        assert not FINER_THAN_A_MINUTE.search(path.read_text(encoding="utf-8"))
    assert not FINER_THAN_A_MINUTE.search((published.home / "ledger.jsonl").read_text(encoding="utf-8"))
    keys = [
        path
        for room in ("ledger", "documents", "tables")
        for each in schema.rules[room].values()
        for path in each
    ]
    assert [key for key in keys if OF_TIME_AND_COUNT.search(key)] == []


def test_parquet_carries_no_metadata_of_its_own(published: Published) -> None:
    for path in (path for release in published.releases for path in release.glob("*.parquet")):
        assert set(pq.read_metadata(path).metadata or {}) <= {b"ARROW:schema"}
        assert not pq.read_schema(path).metadata


def test_the_folder_of_releases_holds_files_of_the_list_alone(published: Published, schema: Schema) -> None:
    for release in published.releases:
        assert {path.name for path in release.iterdir()} == set(schema.names["FILE"]) | {"certificate.json"}
