"""What the verifier's command prints and how it ends, read from files as an auditor names them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from vectors.audited import Audited, build

from privacy import verify
from privacy.verify import Audit, Finding, main, tell

NO_WITNESS = "; no witness was given, so a rollback of all would not show."
POLICY = '[budget]\nepsilon = "4"\ndelta = "1e-6"\n'


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    return build(tmp_path_factory.mktemp("audited"))


@pytest.fixture
def named(audited: Audited, tmp_path: Path) -> list[str]:
    """Ledger, releases, policy and witness, as they are named on the command line."""
    (tmp_path / "ledger.jsonl").write_text("\n".join([*audited.lines, ""]))
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "heads").write_text("\n".join([*audited.heads, ""]))
    return [str(path) for path in (tmp_path / "ledger.jsonl", audited.releases, *places(tmp_path))]


def places(folder: Path) -> tuple[Path, Path]:
    return folder / "policy.toml", folder / "heads"


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What was printed of each check, by its name; the last line under ``all``."""
    *lines, last = capsys.readouterr().out.splitlines()
    return {line[7:].partition(": ")[0]: line for line in lines} | {"all": last}


def test_a_true_ledger_gets_a_line_a_check_and_exit_0(
    audited: Audited, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(named) == 0
    told = said(capsys)
    assert list(told) == [*Audit.checks, "all"] and told["all"] == "Everything holds."
    assert all(line.startswith(f"holds  {name}: ") for name, line in told.items() if name != "all")
    assert told["chain"].startswith(
        f"holds  chain: {len(audited.lines)} entries, each naming the hash before"
    )
    seen = len(audited.heads) + len(list(audited.releases.glob("*/certificate.json")))
    assert told["heads"] == f"holds  heads: {seen} heads seen by witness and certificates lie in this ledger."
    assert (
        told["files"] == f"holds  files: {len(list(audited.releases.iterdir()))} releases hold every file "
        "as entered and none besides."
    )
    assert (
        told["loss"] == "holds  loss: The loss of 2 years, recomputed from caps and scales, is in the budget."
    )


def test_without_a_witness_it_says_so(named: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(named[:3]) == 0
    assert said(capsys)["heads"].endswith(NO_WITNESS)


@pytest.mark.parametrize("count", [0, 2, 5])
def test_another_number_of_names_gets_one_sentence(
    named: list[str], capsys: pytest.CaptureFixture[str], count: int
) -> None:
    assert main((named * 2)[:count]) == 1
    assert said(capsys) == {
        "all": "Name a ledger (ledger.jsonl), its releases, its policy and, if kept, the witness."
    }


def test_a_head_that_a_crash_left_half_written_is_no_head(
    audited: Audited, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(named[3]).write_text("\n".join([*audited.heads, "99:abc"]))
    assert main(named) == 0
    assert "heads seen by witness" in said(capsys)["heads"]


def test_a_witness_that_cannot_be_read_is_told_from_none(
    named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(named[3]).write_bytes(b"\xff\n")
    assert main(named) == 1
    told = said(capsys)
    assert told["heads"] == (
        "BROKE  heads: The witness is missing, unreadable or empty: a rollback would not show."
    )
    assert told["all"] == "1 check broke."


def test_each_broken_check_is_counted(named: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path(named[2]).write_text("[")
    Path(named[3]).write_text("")
    assert main(named) == 1
    assert said(capsys)["all"] == "2 checks broke."


@pytest.mark.parametrize("content", [b"", b"\xff"])
def test_an_empty_or_unreadable_ledger_is_called_that(
    named: list[str], capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    Path(named[0]).write_bytes(content)
    assert main(named) == 1
    assert said(capsys)["chain"] == "BROKE  chain: The ledger is missing, unreadable or empty."


def test_a_blank_line_at_the_end_is_no_entry(
    audited: Audited, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(named[0]).write_text("\n".join([*audited.lines, "", ""]))
    assert main(named) == 1
    assert f"Line {len(audited.lines) + 1} is no entry" in said(capsys)["chain"]


def test_a_name_may_hold_what_other_programs_take_for_a_line_break(
    audited: Audited, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def rename(entries: list[dict]) -> None:  # type: ignore[type-arg]
        entries[0]["body"]["organisation"] = "A\u2028B"

    Path(named[0]).write_text("\n".join([*audited.rewritten(rename), ""]), encoding="utf-8")
    main(named[:3])
    assert said(capsys)["chain"].startswith("holds  chain: ")


def test_a_policy_is_utf_8_whatever_the_machine_says(named: list[str]) -> None:
    Path(named[2]).write_text(f"# für alle\n{POLICY}", encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    run = subprocess.run(
        [sys.executable, "-m", "privacy.verify", *named], cwd=Path(verify.__file__).parents[1],
        env={**os.environ, **plain}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("holding", "last", "code"),
    [
        ((True, True), "Everything holds.", 0),
        ((True, False), "1 check broke.", 1),
        ((False, False), "2 checks broke.", 1),
    ],
)
def test_the_last_line_and_the_exit_code_say_whether_all_holds(
    capsys: pytest.CaptureFixture[str], holding: tuple[bool, bool], last: str, code: int
) -> None:
    assert tell([Finding(name, holds, "so") for name, holds in zip("ab", holding, strict=True)]) == code
    *lines, told = capsys.readouterr().out.splitlines()
    assert told == last
    assert lines == [f"{'holds' if h else 'BROKE'}  {n}: so" for n, h in zip("ab", holding, strict=True)]
