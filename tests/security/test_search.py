"""The search finds a planted leak in every place and every writing, and nothing where nothing was planted."""

from __future__ import annotations

import base64
import gzip
import html
import io
import json
import pickle
import quopri
import sqlite3
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from canaries import Canary, Refuge, Salt
from planting import planted
from search import found
from sweep import sweep, wrong_modes

SALT = Salt("a test of the search")
WORD, DAY = SALT.word("a word"), SALT.day("a day", 3)
NUMBER, LONG_NUMBER = SALT.number("a number", "8"), SALT.number("a longer number", "297")
COUNT = Canary("a count", "000000487")
ALL = (WORD, DAY, NUMBER, LONG_NUMBER, COUNT)
TEXT = "before " + " ".join(canary.text for canary in ALL) + " after"


def escaped(form: str) -> Callable[[str], bytes]:
    return lambda text: "".join(form.format(ord(sign)) for sign in text).encode()


def zipped(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part.xml", text)
    return content.getvalue()


WRITINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-32": lambda text: text.encode("utf-32"),
    "repr": lambda text: repr(f"é'{text}\n").encode(),
    "json": lambda text: json.dumps({f'"é{text}': text}).encode(),
    "json escapes": escaped("\\u{:04x}"),
    "hex escapes": escaped("\\x{:02x}"),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX after a digit": lambda text: b"0" + text.encode().hex().upper().encode(),
    "colours of a terminal": lambda text: "-".join(
        f"\x1b[1;36m{part}\x1b[0m" for part in text.split("-")
    ).encode(),
    "url": lambda text: urllib.parse.quote(text).encode(),
    "percent": escaped("%{:02X}"),
    "html": lambda text: html.escape(text).encode(),
    "html escapes": escaped("&#x{:02x};"),
    "quoted-printable": lambda text: quopri.encodestring(text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64 in lines": lambda text: base64.encodebytes(text.encode() * 9),
    "base64 in lines in JSON": lambda text: json.dumps(
        base64.encodebytes(text.encode() * 9).decode()
    ).encode(),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(b"\xff\xfe" + text.encode()),
    "base64 behind a letter": lambda text: b"x" + base64.b64encode(text.encode()),
    "zlib": lambda text: b"\1\2" + zlib.compress(text.encode()),
    "zlib cut off": lambda text: zlib.compress(text.encode() * 99)[:-5],
    "gzip": lambda text: gzip.compress(text.encode()),
    "zip": zipped,
    "pickle": lambda text: pickle.dumps({"row": [text]}),
    "old pickle": lambda text: pickle.dumps([text], protocol=0),
    "base64 of zlib of base64 of a pickle": lambda text: base64.b64encode(
        zlib.compress(base64.b64encode(pickle.dumps(text)))
    ),
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_every_writing_is_read(writing: str) -> None:
    assert found(
        b"\0\xff header " + WRITINGS[writing](TEXT) if writing != "zip" else zipped(TEXT), ALL
    ) == set(ALL)


@pytest.mark.parametrize("writing", WRITINGS)
def test_nothing_is_found_where_nothing_was_planted(writing: str) -> None:
    assert not found(WRITINGS[writing](TEXT), (SALT.word("another"), SALT.day("another", 5)))


TYPED = {
    "frame": lambda: pickle.dumps(pd.DataFrame({"n": [float(NUMBER.typed)], "d": [pd.Timestamp(DAY.typed)]})),  # type: ignore[arg-type]
    "values": lambda: pickle.dumps((float(NUMBER.text), DAY.typed)),
    "repr": lambda: repr((Decimal("297.1"), DAY.typed, LONG_NUMBER.typed)).encode(),
    "comma": lambda: str(LONG_NUMBER.typed).replace(".", ",").encode(),
}


@pytest.mark.parametrize("form", TYPED)
def test_days_and_numbers_are_found_as_the_product_holds_them(form: str) -> None:
    assert found(TYPED[form](), ALL)


def test_a_number_that_stands_inside_a_hash_is_none() -> None:
    assert not found(b"9f0a1b2c3d000000487f03ab", ALL) and found(b"'000000487'", ALL) == {COUNT}


def a_database(path: Path) -> None:
    """A row only in the write-ahead log, a blob over many pages, and a row that was deleted."""
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode=wal")
    connection.execute("create table log (message text, data blob)")
    connection.execute("insert into log values ('', ?)", [b"\1" * 4090 + WORD.text.encode() * 3000])
    connection.commit()
    connection.execute("insert into log values (?, null)", [json.dumps({"error": base64.b64encode(
        zlib.compress(DAY.text.encode())).decode()})])  # fmt: skip
    connection.commit()
    for end in ("", "-wal"):
        path.with_name("copied" + end).write_bytes(path.with_name(path.name + end).read_bytes())
    connection.close()
    for end in ("", "-wal"):
        path.with_name("copied" + end).replace(path.with_name(path.name + end))


def a_table(path: Path) -> None:
    pq.write_table(pa.table({"unit_name": [WORD.text] * 5, "value": [float(NUMBER.text)] * 5}), path)


def a_warehouse(path: Path) -> None:
    with duckdb.connect(str(path)) as made:
        made.execute("create table staff as select ? as role from range(9999)", [WORD.text])


PLACES: dict[str, Callable[[Path], object]] = {
    "home/ledger.jsonl": lambda path: path.write_text(json.dumps({"body": WORD.text})),
    "home/ledger.sqlite": a_database,
    "home/config/mapping.toml": lambda path: path.write_text(WORD.text),
    "home/releases/2026-01-000017/estimates.csv": lambda path: path.write_text(f"a,{LONG_NUMBER.typed}"),
    "home/releases/2026-01-000017/estimates.parquet": a_table,
    "home/releases/.2026-01-000017.draft/certificate.json": lambda path: path.write_text(DAY.text),
    "home/releases/latest": lambda path: path.symlink_to(WORD.text),
    "home/protected/prefect/prefect.db": a_database,
    "home/protected/prefect/storage/x": lambda path: path.write_bytes(pickle.dumps([WORD.text])),
    "home/protected/tmp/gx/uncommitted/validations/a.json": lambda path: path.write_text(f'["{WORD.text}"]'),
    "home/protected/tmp/gx/uncommitted/data_docs/index.html": lambda path: path.write_text(WORD.text),
    "home/protected/set_aside/000001-staff.csv": lambda path: path.write_text(WORD.text),
    "home/protected/pseudonym.key": lambda path: path.write_text(WORD.text),
    "user/.cache/trace": lambda path: path.write_text(WORD.text),
    "tmp/tmpabc/row": lambda path: path.write_text(WORD.text),
    "witness": lambda path: path.write_text(WORD.text),
    "stdout": lambda path: path.write_text(WORD.text),
    "stderr": lambda path: path.write_text(f"Traceback\n  {DAY.typed!r}"),
    f"home/{WORD.text}": lambda path: path.write_text("its name alone"),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_searched(place: str, tmp_path: Path) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    PLACES[place](path)
    assert sweep(tmp_path, ALL).hits
    assert not sweep(tmp_path, ALL, spoilt=place).hits or "sqlite" in place or "prefect.db" in place


def test_cells_of_databases_are_read_where_pages_part_them(tmp_path: Path) -> None:
    """And a row that lies in the write-ahead log alone."""
    for name in ("home/protected/prefect/prefect.db", "home/ledger.sqlite"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        a_database(tmp_path / name)
    hits = {(hit.place.partition(" ")[2], hit.canary) for hit in sweep(tmp_path, ALL).hits}
    assert {("(table log)", WORD), ("(table log)", DAY)} <= hits


def test_the_warehouse_may_hold_what_was_accepted_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "home/protected/warehouse.duckdb"
    path.parent.mkdir(parents=True)
    a_warehouse(path)
    accepted = Canary("accepted", WORD.text, Refuge.WAREHOUSE)
    assert sweep(tmp_path, [WORD]).hits and not sweep(tmp_path, [accepted]).hits


def test_file_names_may_be_told_to_the_analyst_alone(tmp_path: Path) -> None:
    name = Canary("file name", WORD.text, Refuge.FILE_NAMES)
    for place, is_leak in (
        ("stdout", False),
        ("home/protected/set_aside/a.csv", False),
        ("home/ledger.jsonl", True),
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(name.text)
        assert bool(sweep(tmp_path, [name]).hits) == is_leak
        (tmp_path / place).unlink()


def test_the_exports_themselves_are_the_only_place_that_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "staff.csv").write_text(WORD.text)
    assert not sweep(tmp_path, ALL).hits and not sweep(tmp_path, ALL).size


MODES = {
    "protected/a": (0o644, 0o600), "protected/prefect/a": (0o660, 0o600),
    "protected/pseudonym.key": (0o440, 0o400),
    "held/2026-01-000017/a.csv": (0o644, 0o640),
    "ledger.sqlite": (0o644, 0o640), "ledger.sqlite-wal": (0o600, 0o640), "ledger.jsonl": (0o666, 0o640),
    "config/policy.toml": (0o600, 0o640), "releases/2026-01-000017/a.csv": (0o600, 0o640),
    "releases/.2026-01-000017.draft/a.csv": (0o644, 0o600), ".ledger.jsonl.draft": (0o664, 0o640),
}  # fmt: skip


@pytest.mark.parametrize("name", MODES)
def test_a_wrong_mode_is_found(name: str, tmp_path: Path) -> None:
    home, witness = tmp_path / "home", tmp_path / "witness"
    wrong, right = MODES[name]
    (home / name).parent.mkdir(parents=True, exist_ok=True)
    for path in (home, *home.rglob("*")):
        path.chmod(0o700 if {"protected", "held"} & set(path.parts) else 0o750)
    for path in (home / name, witness):
        path.write_text("")
        path.chmod(0o600)
    (home / name).chmod(wrong)
    assert wrong_modes(home, witness) == [f"{name} {wrong:o}"]
    (home / name).chmod(right)
    assert not wrong_modes(home, witness)


@pytest.mark.parametrize("link", ["/etc", "../outside", "2026-01-000017"])
def test_only_a_release_may_be_linked_to(link: str, tmp_path: Path) -> None:
    home, witness = tmp_path / "home", tmp_path / "witness"
    for folder in (home, home / "releases", home / "releases" / "2026-01-000017"):
        folder.mkdir()
        folder.chmod(0o750)
    witness.write_text("")
    witness.chmod(0o600)
    (home / "releases" / "latest").symlink_to(link)
    assert bool(wrong_modes(home, witness)) == (link != "2026-01-000017")
    (home / "link").symlink_to("releases")
    assert "link links to releases" in wrong_modes(home, witness)


def test_the_canaries_of_an_agency_are_searched_in_every_writing_too() -> None:
    every = [canary for each in planted(SALT) for canary in each.canaries]
    text = " ".join(canary.text for canary in every)
    for write in WRITINGS.values():
        assert found(write(text), every) == set(every)
