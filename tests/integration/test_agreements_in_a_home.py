"""From a policy to signed plans, held and withdrawn releases and a closed year, by the command's verbs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from house import PLAN, House, with_plan, with_signers
from signatories import SECOND, TESTER, key_of

from privacy.releases import stages


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> House:
    """Two signers, both needed for a plan; one approval for a release."""
    return House.begun(tmp_path, monkeypatch, capsys, "plan = 2\nrelease = 1")


def test_a_plan_waits_for_the_second_signature_and_then_is_entered_once(house: House) -> None:
    with_signers(house)
    assert "1 more must sign" in house.signs(TESTER, *PLAN)
    assert not house.records.years and list(house.home.pending.iterdir())
    assert "entered in the ledger" in house.signs(SECOND, *PLAN)
    (plan,) = house.records.of("plan")
    assert sorted(plan.body["signatures"]) == [TESTER, SECOND] and not list(house.home.pending.iterdir())
    assert "signed already" in house.signs(TESTER, *PLAN)


def test_one_signer_signing_twice_is_one_signature(house: House) -> None:
    with_signers(house)
    house.signs(TESTER, *PLAN)
    assert "1 more must sign" in house.signs(TESTER, *PLAN)


def test_a_policy_changed_between_two_signatures_asks_for_both_again(house: House) -> None:
    with_signers(house)
    house.signs(TESTER, *PLAN)
    text = house.home.policy.read_text()
    house.home.policy.write_text(text.replace("minimum_group = 10", "minimum_group = 12"))
    assert "1 more must sign" in house.signs(SECOND, *PLAN)
    house.signs(TESTER, *PLAN)
    assert house.records.years


def test_a_signature_made_on_another_machine_with_ssh_keygen_alone_counts(
    house: House, tmp_path: Path
) -> None:
    with_signers(house)
    told = house.does("plan", "propose", "--year", "2026-01")
    document = tmp_path / "document"
    document.write_bytes(Path(told.split()[-1]).read_bytes())
    command = ["ssh-keygen", "-Y", "sign", "-n", "leeward", "-f", str(key_of(SECOND)), str(document)]
    subprocess.run(command, check=True, capture_output=True)
    house.does(*PLAN, "--as", SECOND, "--signature", f"{document}.sig")
    house.signs(TESTER, *PLAN)
    assert house.records.years


def test_whoever_looks_at_a_plan_is_told_of_the_text_that_waits(house: House) -> None:
    with_signers(house)
    show = ("plan", "--year", "2026-01")
    assert "waits for signatures" not in house.does(*show)
    house.signs(TESTER, *PLAN)
    waits, _, *plan = house.does(*show).splitlines()
    assert Path(waits.split()[-1].removesuffix(".")).is_file() and any("Turnover" in line for line in plan)
    house.signs(SECOND, *PLAN)
    assert "waits for signatures" not in house.does(*show)


def test_whoever_is_no_signer_or_has_another_key_is_refused(house: House) -> None:
    with_signers(house)
    wrong = (*PLAN, "--as", TESTER, "--key", str(key_of(SECOND)))
    assert "not by the key in the policy" in house.refuses(*wrong)
    assert "no signer" in house.refuses(*PLAN, "--as", "Nobody", "--key", str(key_of(TESTER)))
    assert "Say who signs" in house.refuses(*PLAN)
    assert "no signature" in house.refuses(*PLAN, "--as", TESTER, "--signature", "/nonexistent")
    assert not house.records.years


def test_a_signer_is_added_once_and_never_given_another_key_by_the_way(house: House) -> None:
    with_signers(house)
    before = house.home.policy.read_text()
    house.does("signer", TESTER, "--key", f"{key_of(TESTER)}.pub")
    assert house.home.policy.read_text() == before
    assert "another key" in house.refuses("signer", TESTER, "--key", f"{key_of(SECOND)}.pub")
    assert "no public OpenSSH key" in house.refuses("signer", "New", "--key", str(house.home.register))
    assert "the same key" in house.refuses("signer", "New", "--key", f"{key_of(SECOND)}.pub")
    assert house.home.policy.read_text() == before


def test_releases_are_held_until_approved_and_then_out_as_they_were_entered(house: House) -> None:
    with_plan(house).measures()
    held = sorted(house.home.held.iterdir())
    assert len(held) == 3 and not list(house.home.releases.iterdir())
    assert {path.stat().st_mode & 0o777 for path in held} == {0o700}
    first = held[0].name
    entered = next(e for e in house.records.of("release") if e.body["release"] == first).body["files"]
    assert "published" in house.signs(TESTER, "approve", first)
    out = house.home.releases / first
    assert out.stat().st_mode & 0o777 == 0o750 and (house.home.releases / "latest").resolve() == out
    certificate = json.loads((out / "certificate.json").read_text())
    assert certificate["files"] == entered and certificate["head"].startswith(
        f"{len(house.records.entries)}:"
    )
    assert "not held" in house.refuses("approve", first, "--as", TESTER, "--key", str(key_of(TESTER)))
    house.does("audit", "verify")


def test_a_held_release_changed_before_its_approval_is_not_published(house: House) -> None:
    with_plan(house).measures()
    first = sorted(house.home.held.iterdir())[0]
    (first / "names.csv").write_text("added")
    told = house.refuses("approve", first.name, "--as", TESTER, "--key", str(key_of(TESTER)))
    assert "its files were changed" in told and not list(house.home.releases.iterdir())


def test_measuring_again_neither_draws_nor_frees_what_is_held(house: House) -> None:
    with_plan(house).measures()
    before = house.home.ledger_lines.read_bytes(), sorted(path.name for path in house.home.held.iterdir())
    house.measures()
    assert (house.home.ledger_lines.read_bytes(), sorted(p.name for p in house.home.held.iterdir())) == before


def test_a_withdrawn_release_is_kept_and_marked_and_the_one_before_is_shown(house: House) -> None:
    with_plan(house).measures()
    names = [state for state in stages(house.records)]
    for name in names:
        house.signs(TESTER, "approve", name)
    files = {path: path.read_bytes() for path in (house.home.releases / names[-1]).iterdir()}
    house.signs(SECOND, "withdraw", names[-1], "--reason", "wrong-export")
    assert {path: path.read_bytes() for path in files} == files
    mark = json.loads((house.home.releases / names[-1] / "withdrawn.json").read_text())
    assert mark == {"release": names[-1], "reason": "wrong-export"}
    assert (house.home.releases / "latest").resolve().name == names[-2]
    told = house.does("audit", "budget")
    assert f"Release {names[-1]} is withdrawn: wrong export." in told
    house.does("audit", "verify")


def test_a_held_release_that_is_withdrawn_never_leaves(house: House) -> None:
    with_plan(house).measures()
    name = next(iter(stages(house.records)))
    house.signs(SECOND, "withdraw", name, "--reason", "wrong-mapping")
    assert "not held" in house.refuses("approve", name, "--as", TESTER, "--key", str(key_of(TESTER)))
    assert not (house.home.releases / name).exists()
    house.does("audit", "verify")


def test_a_closed_year_costs_what_was_drawn_and_draws_nothing_more(house: House) -> None:
    with_plan(house).measures()
    for name in (TESTER, SECOND):
        house.signs(name, "plan", "close", "--year", "2026-01")
    assert not house.records.open_items(house.records.years[0])
    told = house.does("audit", "budget")
    assert "revision 2" in told and "reserve    ρ = 0.00000" in told
    house.does("audit", "verify")


@pytest.mark.parametrize("verb", ["approve", "withdraw"])
def test_a_release_that_does_not_exist_is_refused_in_a_sentence(house: House, verb: str) -> None:
    with_plan(house)
    reason = ("--reason", "wrong-export") if verb == "withdraw" else ()
    arguments = (verb, "2026-01-999999", *reason, "--as", TESTER, "--key", str(key_of(TESTER)))
    assert "has no release" in house.refuses(*arguments)
