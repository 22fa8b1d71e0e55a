"""Backup and restore: nothing published is lost, nothing is drawn twice, what is lost is given up openly."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from house import House, with_plan

from pipelines.backup import restore
from pipelines.people import erase
from privacy.entries import canonical
from privacy.records import Records


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    return with_plan(House.begun(tmp_path, monkeypatch, capsys, "plan = 2"))


def measured(house: House, *months: str) -> None:
    """Let the exports cover some months and measure what is due."""
    mapping = house.home.mapping
    text = house.agency.files["config/mapping.toml"]
    mapping.write_text(
        text.replace('covers = ["2026-01", "2026-03"]', f'covers = ["2026-01", "{months[-1]}"]')
    )
    house.measures()


def values(records: Records) -> dict[tuple[str, str, str], dict[str, int]]:
    return {(m.item.identity, str(m.period), m.level): dict(m.values) for m in records.measurements}


def gone(house: House) -> None:
    shutil.rmtree(house.home.root)


def published_copy(house: House, target: Path) -> Path:
    """What a reader's machine would hold of the published zone."""
    shutil.copytree(house.home.releases, target / "releases", symlinks=True)
    shutil.copyfile(house.home.ledger_lines, target / "ledger.jsonl")
    return target


def test_a_backup_put_back_goes_on_as_if_nothing_had_happened(house: House, tmp_path: Path) -> None:
    measured(house, "2026-01", "2026-02")
    before = house.home.ledger_lines.read_bytes()
    house.does("backup", str(tmp_path / "backup"))
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700
    gone(house)
    assert "Restored" in house.does("restore", str(tmp_path / "backup"))
    assert house.home.ledger_lines.read_bytes() == before
    house.does("audit", "verify")
    measured(house, "2026-03")
    assert {str(m.period) for m in house.records.measurements} == {"2026-01", "2026-02", "2026-03"}
    house.does("audit", "verify")


def test_modes_survive_a_backup(house: House, tmp_path: Path) -> None:
    measured(house, "2026-01")
    modes = {p.relative_to(house.home.root): p.stat().st_mode & 0o777 for p in files(house.home.root)}
    house.does("backup", str(tmp_path / "backup"))
    gone(house)
    house.does("restore", str(tmp_path / "backup"))
    after = {p.relative_to(house.home.root): p.stat().st_mode & 0o777 for p in files(house.home.root)}
    assert {name: mode for name, mode in after.items() if name in modes} == {
        n: modes[n] for n in after if n in modes
    }
    assert house.home.protected.stat().st_mode & 0o777 == 0o700


def files(root: Path) -> list[Path]:
    return [
        p for p in sorted(root.rglob("*")) if p.is_file() and "prefect" not in p.parts and "-" not in p.suffix
    ]


def test_an_older_backup_alone_is_refused_and_leaves_no_ledger_to_draw_from(
    house: House, tmp_path: Path
) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    measured(house, "2026-02")
    gone(house)
    assert "--published" in house.refuses("restore", str(tmp_path / "backup"))
    assert not house.home.ledger.exists()


def test_what_came_after_a_backup_is_entered_again_from_the_published_zone_and_never_redrawn(
    house: House, tmp_path: Path
) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    measured(house, "2026-02")
    lines, drawn = house.home.ledger_lines.read_bytes(), values(house.records)
    copy = published_copy(house, tmp_path / "copy")
    gone(house)
    told = house.does("restore", str(tmp_path / "backup"), "--published", str(copy))
    assert "charges were lost: everybody counts at the bound" in told
    assert house.home.ledger_lines.read_bytes() == lines
    measured(house, "2026-03")
    after = values(house.records)
    assert {key: after[key] for key in drawn} == drawn
    assert {period for _, period, _ in after} == {"2026-01", "2026-02", "2026-03"}
    house.does("audit", "verify")


def test_a_published_copy_of_another_ledger_is_refused(house: House, tmp_path: Path) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    copy = published_copy(house, tmp_path / "copy")
    text = (copy / "ledger.jsonl").read_text()
    (copy / "ledger.jsonl").write_text(text.replace("Tiny House", "Other House"))
    gone(house)
    assert "not of this ledger" in house.refuses(
        "restore", str(tmp_path / "backup"), "--published", str(copy)
    )


def chained(copy: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change a reader's copy as somebody would who knows the format: chained anew."""
    path = copy / "ledger.jsonl"
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    change(entries)
    lines, previous = [], "0" * 64
    for seq, entry in enumerate(entries, 1):
        lines.append(canonical({**entry, "seq": seq, "previous": previous}))
        previous = hashlib.sha256(lines[-1].encode()).hexdigest()
    path.write_text("\n".join([*lines, ""]))


def add_a_plan(entries: list[dict[str, Any]]) -> None:
    """With next to no noise, signed by nobody."""
    plan = json.loads(json.dumps(next(entry for entry in entries if entry["kind"] == "plan")["body"]))
    for item in plan["items"]:
        item["sigma"] = [[level, 1] for level, _ in item["sigma"]]
    entries.append({**entries[-1], "kind": "plan", "body": {**plan, "revision": 2, "signatures": {}}})


@pytest.mark.parametrize("spoil", ["a plan was added", "it is cut off", "a release is a link"])
def test_a_published_copy_that_was_tampered_with_is_refused_and_leaves_no_ledger(
    house: House, tmp_path: Path, spoil: str
) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    measured(house, "2026-02")
    copy = published_copy(house, tmp_path / "copy")
    if spoil == "a plan was added":
        chained(copy, add_a_plan)
    elif spoil == "it is cut off":
        (copy / "ledger.jsonl").write_text((copy / "ledger.jsonl").read_text()[:-100])
    else:
        release = sorted((copy / "releases").glob("2026-02*"))[0]
        (release / "indicators.csv").unlink()
        (release / "indicators.csv").symlink_to(house.home.warehouse)
    gone(house)
    told = house.refuses("restore", str(tmp_path / "backup"), "--published", str(copy))
    assert "holds a link" in told or "that the witness never saw, or is cut off" in told
    assert not house.home.ledger.exists()


def test_a_clock_that_is_behind_burns_the_year_of_the_ledgers_last_entry(
    house: House, tmp_path: Path
) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    measured(house, "2026-02")
    last = house.records.entries[-1].time[:4]
    gone(house)
    restore(house.home, tmp_path / "backup", None, give_up=True, today=date(2025, 12, 31))
    (entry,) = house.records.of("restored")
    assert entry.body["burnt_before"] == f"{int(last) + 1}-01-01"
    before = values(house.records)
    measured(house, "2026-02")
    assert values(house.records) == before


def test_what_is_lost_for_good_is_given_up_openly_and_its_year_draws_nothing_more(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    measured(house, "2026-02")
    gone(house)
    told = house.does("restore", str(tmp_path / "backup"), "--give-up")
    assert "were given up" in told
    before = values(house.records)
    (entry,) = house.records.of("restored")
    assert entry.body["burnt_before"] == f"{date.today().year + 1}-01-01" and entry.body["abandoned"]
    measured(house, "2026-02")
    assert values(house.records) == before
    assert "openly gave up" in house.does("audit", "verify")


def test_a_damaged_backup_and_a_home_that_is_there_are_refused(house: House, tmp_path: Path) -> None:
    measured(house, "2026-01")
    house.does("backup", str(tmp_path / "backup"))
    assert "exists already" in house.refuses("backup", str(tmp_path / "backup"))
    assert "move that home aside" in house.refuses("restore", str(tmp_path / "backup"))
    gone(house)
    assert "no backup" in house.refuses("restore", str(tmp_path / "nothing"))
    (tmp_path / "backup" / "protected" / "pseudonym.key").unlink()
    assert "not as it was written" in house.refuses("restore", str(tmp_path / "backup"))


def test_a_warehouse_that_lost_charges_is_named_with_its_remedy(house: House) -> None:
    measured(house, "2026-01")
    house.home.warehouse.unlink()
    with pytest.raises(Exception, match="--charges-lost"):
        measured(house, "2026-02")
    assert "4 charges were lost" in house.does("restore", "--charges-lost")
    measured(house, "2026-02")
    assert {str(m.period) for m in house.records.measurements} == {"2026-01", "2026-02"}


def test_an_erased_person_is_erased_from_the_next_backup_too(house: House, tmp_path: Path) -> None:
    measured(house, "2026-01")
    assert erase(house.home, "P005")["staff"] == 1
    house.does("backup", str(tmp_path / "backup"))
    gone(house)
    house.does("restore", str(tmp_path / "backup"))
    assert erase(house.home, "P005")["staff"] == 0
