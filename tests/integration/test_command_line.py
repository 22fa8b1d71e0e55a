"""The command on a tiny agency with real noise, and what it says to bad input: one sentence, nothing lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_agency import TinyAgency

from privacy.records import Records


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> TinyAgency:
    return TinyAgency.at(tmp_path_factory.mktemp("tiny")).begin()


@pytest.fixture(scope="module")
def first_run(agency: TinyAgency) -> subprocess.CompletedProcess[str]:
    return agency.leeward("run", str(agency.exports))


def test_one_command_takes_in_measures_publishes_and_prints_the_newest_figures(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    assert first_run.returncode == 0, first_run.stderr
    assert "3 releases published" in first_run.stdout and "Turnover" in first_run.stdout
    assert len(list((agency.home / "releases").glob("2026-*"))) == 3


def test_a_second_run_does_no_work_twice_and_says_so(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    ledger = (agency.home / "ledger.jsonl").read_bytes()
    again = agency.leeward("run", str(agency.exports))
    assert "unchanged, nothing loaded" in again.stdout and "nothing was drawn" in again.stdout
    assert (agency.home / "ledger.jsonl").read_bytes() == ledger


def test_verify_holds_and_budget_adds_up(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    verified = agency.leeward("audit", "verify")
    assert verified.returncode == 0 and "Everything holds." in verified.stdout, verified.stdout
    assert "spent" in agency.leeward("audit", "budget").stdout


def test_the_certificate_carries_a_head_of_the_ledger(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    records = Records.from_file(agency.home / "ledger.jsonl")
    for path in (agency.home / "releases").glob("2026-*/certificate.json"):
        seq, digest = json.loads(path.read_text())["head"].split(":")
        assert records.entries[int(seq) - 1].hash == digest


def test_a_warehouse_that_forgot_its_charges_draws_nothing(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    warehouse, kept = agency.home / "protected" / "warehouse.duckdb", agency.root / "kept.duckdb"
    before = (agency.home / "ledger.jsonl").read_bytes()
    mapping = agency.home / "config" / "mapping.toml"
    text = mapping.read_text()
    warehouse.rename(kept)
    try:
        mapping.write_text(text.replace('"2026-03"]', '"2026-04"]'))
        refused = agency.leeward("run", str(agency.exports))
        assert refused.returncode != 0 and "restore" in refused.stderr
        assert (agency.home / "ledger.jsonl").read_bytes() == before
    finally:
        kept.replace(warehouse)
        mapping.write_text(text)


def test_a_rolled_back_ledger_draws_nothing(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    witness = agency.root / "witness"
    true = witness.read_text()
    try:
        seq, digest = true.splitlines()[-1].split(":")
        witness.write_text(true + f"{int(seq) + 1}:{digest}\n")
        refused = agency.leeward("release")
        assert refused.returncode == 7 and "older copy was put back" in " ".join(refused.stderr.split())
        witness.unlink()
        missing = agency.leeward("release")
        assert missing.returncode == 7 and "missing" in missing.stderr
        begun = agency.leeward("audit", "witness", "--head", f"{seq}:{digest}")
        assert begun.returncode == 0, begun.stderr
    finally:
        witness.write_text(true)


def test_a_home_refuses_another_organisations_register(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    register = agency.home / "config" / "register.csv"
    text = register.read_text()
    try:
        register.write_text(text.replace("ORG", "OTHER"))
        refused = agency.leeward("release")
        assert refused.returncode == 7 and "another organisation" in " ".join(refused.stderr.split())
    finally:
        register.write_text(text)


def test_a_load_whose_months_are_charged_cannot_be_undone(
    agency: TinyAgency, first_run: subprocess.CompletedProcess[str]
) -> None:
    refused = agency.leeward("ingest", "--undo", "1")
    assert refused.returncode != 0 and "charged" in refused.stderr


SPOILED = {
    "missing file": ("exports/leavers.csv", None),
    "wrong header": ("exports/leavers.csv", "Person,Day,Reason\nP001,2026-02-20,voluntary\n"),
    "empty file": ("exports/leavers.csv", ""),
    "header only": ("exports/leavers.csv", "Person,Last day,Reason\n"),
    "row of another width": ("exports/leavers.csv", "Person,Last day,Reason\nP001,2026-02-20\n"),
    "policy with an unknown key": ("config/policy.toml", "[surprise]\nx = 1\n"),
    "register that is no tree": (
        "config/register.csv",
        "unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id\n"
        "A,A,B,9,x,2026-01-01,,\nB,B,A,9,x,2026-01-01,,\n",
    ),
    "mapping with a forbidden column": (
        "config/mapping.toml",
        '[exports.staff]\nfile = "staff.csv"\n'
        '[exports.staff.columns]\nperson_id = "Person"\nname = "Full name"\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_bad_input_gets_one_sentence_and_nothing_is_stored(case: str, tmp_path: Path) -> None:
    agency = TinyAgency.at(tmp_path).write()
    (tmp_path / "home" / "config").mkdir(parents=True)
    for name in ("policy.toml", "register.csv", "mapping.toml"):
        (agency.home / "config" / name).write_text(agency.files[f"config/{name}"])
    name, text = SPOILED[case]
    target = (agency.home if name.startswith("config") else agency.root) / name
    target.unlink()
    if text is not None:
        target.write_text(text)
    done = agency.leeward("ingest", str(agency.exports), "--dry-run")
    assert done.returncode != 0, done.stdout
    assert done.stderr.startswith("leeward: ") and done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr and "P001" not in done.stderr
    assert not (agency.home / "protected" / "warehouse.duckdb").exists()


def test_a_file_of_which_no_row_is_as_declared_warns_loudly_and_stops_nothing(tmp_path: Path) -> None:
    """A stop would depend on many people's rows at once (locality), so the analyst decides."""
    agency = TinyAgency.at(tmp_path)
    agency.files["exports/leavers.csv"] = "Person,Last day,Reason\nP001,20.02.2026,voluntary\n"
    agency.write()
    agency.leeward("init", "--from", str(tmp_path / "config"))
    done = agency.leeward("ingest", str(agency.exports), "--dry-run")
    assert done.returncode == 0 and "WARNING: none of its rows was accepted" in done.stdout


@pytest.mark.parametrize("epsilon", ["0", "-1", "inf", "nan"])
def test_an_epsilon_that_promises_nothing_is_refused(epsilon: str, tmp_path: Path) -> None:
    agency = TinyAgency.at(tmp_path)
    policy = agency.files["config/policy.toml"].replace('epsilon = "4"', f'epsilon = "{epsilon}"')
    agency.files["config/policy.toml"] = policy
    agency.write()
    done = agency.leeward("init", "--from", str(tmp_path / "config"))
    assert done.returncode == 3 and "epsilon" in done.stderr


def test_the_plan_needs_no_protected_folder(tmp_path: Path) -> None:
    agency = TinyAgency.at(tmp_path).write()
    (tmp_path / "config").rename(tmp_path / "home_config")
    (tmp_path / "home").mkdir()
    (tmp_path / "home_config").rename(tmp_path / "home" / "config")
    done = agency.leeward("plan", "--year", "2026-01")
    assert done.returncode == 0 and "Turnover" in done.stdout
    assert not (agency.home / "protected").exists()


def test_help_is_instant_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, pipelines.cli as c\n"
        "try: c.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'duckdb', 'pandas', 'prefect', 'opendp', 'great_expectations', 'numpy'}\n"
        "print(sorted(set(sys.modules) & heavy))"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.rstrip().endswith("[]"), done.stdout
    assert time.monotonic() - started < 20  # a hang, not a benchmark: README has the figure
