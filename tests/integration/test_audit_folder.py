"""The audit folder is whole, can be checked elsewhere by itself, and holds nothing of a person."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from house import House, with_plan
from signatories import TESTER

from pipelines import audit_folder
from pipelines.documents import NAMES, documents
from pipelines.pseudonyms import pseudonyms_for
from pipelines.warehouse import connect


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    """A plan signed by two, three months released, the last of them withdrawn."""
    house = with_plan(House.begun(tmp_path, monkeypatch, capsys, "plan = 2"))
    house.measures()
    *_, newest = (entry.body["release"] for entry in house.records.of("release"))
    house.signs(TESTER, "withdraw", newest, "--reason", "wrong-export")
    return house


@pytest.fixture
def folder(house: House, tmp_path: Path) -> Path:
    """The audit folder, carried to where no home and no installation is."""
    house.does("audit", "export", str(tmp_path / "for the officer"))
    return Path(shutil.move(tmp_path / "for the officer", tmp_path / "elsewhere"))


def named_in_the_readme(folder: Path) -> set[str]:
    rows = re.findall(r"^\| (`.*?) \|", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name.rstrip("/") for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_what_the_readme_lists_is_there_and_nothing_else(house: House, folder: Path) -> None:
    named = named_in_the_readme(folder) | {"allowed_signers", "README.md"}
    assert named == {path.name for path in folder.iterdir()}
    assert all(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert {path.name for path in (folder / "figures").iterdir()} == {
        path.name for path in (documents() / "figures").iterdir()
    }
    assert (folder / "ledger.jsonl").read_bytes() == house.home.ledger_lines.read_bytes()
    assert len(list((folder / "certificates").iterdir())) == sum(1 for _ in house.records.of("release"))


@pytest.mark.parametrize("script", ["verify.py", "verify_more.py"])
def test_it_verifies_itself_where_nothing_is_installed(folder: Path, script: str) -> None:
    command = [sys.executable, "-I", "-S", script, "ledger.jsonl", "releases", "policy.toml", "witness.heads"]
    if script == "verify_more.py":
        command[1:3] = ["-S", "-E"]  # it imports verify.py beside it
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    assert run.returncode == 0 and "Everything holds." in run.stdout, run.stdout + run.stderr


def test_every_signature_is_true_by_openssh_alone(folder: Path) -> None:
    """As the README says it, of every agreement and signer."""
    signatures = sorted((folder / "agreements").glob("*.sig"))
    assert len(signatures) == 3  # two under the plan, one under the withdrawal
    for signature in signatures:
        stem, signer, _ = signature.name.split(".")
        who = ["-n", "leeward", "-f", "allowed_signers", "-I", signer, "-s", str(signature)]
        text = (folder / "agreements" / f"{stem}.json").read_bytes()
        run = subprocess.run(
            ["ssh-keygen", "-Y", "verify", *who], cwd=folder, input=text, capture_output=True
        )
        assert run.returncode == 0, run.stderr


def test_nothing_of_a_person_is_in_it(house: House, folder: Path) -> None:
    with connect(house.home) as warehouse:
        pseudonym = pseudonyms_for(house.home, warehouse, dry_run=True).of("P001")
    secrets = [b"P001", b"P099", pseudonym.encode(), house.home.pseudonym_key.read_bytes()]
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert not [secret for secret in secrets if secret in path.read_bytes()], path


def test_an_installation_without_a_clone_has_the_documents_too() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["setuptools"]["data-files"]
    assert shared["share/leeward"] == [f"docs/{name}" for name in NAMES]
    assert shared["share/leeward/figures"] == ["docs/figures/*.json"]


def test_a_folder_that_exists_is_not_touched(house: House, folder: Path, tmp_path: Path) -> None:
    told = house.refuses("audit", "export", str(folder))
    assert "exists already; name a folder that does not" in told


def test_a_withdrawal_is_told_in_it(folder: Path) -> None:
    assert len(list(folder.glob("releases/*/withdrawn.json"))) == 1


def test_without_its_documents_an_installation_says_so_and_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_folder, "documents", lambda: tmp_path / "nowhere")
    told = house.refuses("audit", "export", str(tmp_path / "out"))
    assert "documents of this installation are missing" in told
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".out*"))
