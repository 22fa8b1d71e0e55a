"""A home begins its ledger under the organisation's own name, never under that of the templates' example."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.cli import main

NAME, UNIT = ("policy.toml", "Your organisation"), ("register.csv", "First division")


def fill_in(home: Path, file: str, example: str) -> None:
    path = home / "config" / file
    path.write_text(path.read_text().replace(example, "County Care"))


def test_a_new_home_is_filled_in_before_its_ledger_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEEWARD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEEWARD_WITNESS", str(tmp_path / "witness"))
    ledger = tmp_path / "home" / "ledger.jsonl"
    assert main(["init"]) == 0
    assert "policy.toml, register.csv still as it came" in capsys.readouterr().out
    fill_in(tmp_path / "home", *NAME)
    assert main(["plan", "sign", "--as", "nobody", "--key", "none"]) == 7
    assert "leeward init" in capsys.readouterr().err
    assert main(["init"]) == 0 and "Fill in config/ (register.csv" in capsys.readouterr().out
    assert not ledger.exists()
    fill_in(tmp_path / "home", *UNIT)
    assert main(["init"]) == 0 and "made ledger" in capsys.readouterr().out
    assert "County Care" in ledger.read_text() and "Your organisation" not in ledger.read_text()
