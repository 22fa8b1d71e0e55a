"""The verifier holds on a true ledger, tells noise of the wrong size, stands alone and survives garbage."""

from __future__ import annotations

import ast
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from vectors.audited import MONTHS, POLICY, Audited, build

from privacy import verify as verifier
from privacy.accounting import Delta, Rho, epsilon_of
from privacy.records import BODY_KEYS, Records
from privacy.verify import delta_of, main, price, read_ledger, verify

POLICY_FILE = '[budget]\nepsilon = "4"\ndelta = "1e-6"\n'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("audited")


@pytest.fixture(scope="module")
def audited(root: Path) -> Audited:
    made = build(root)
    (root / "ledger.jsonl").write_text("".join(f"{line}\n" for line in made.lines))
    (root / "policy.toml").write_text(POLICY_FILE)
    (root / "heads").write_text("".join(f"{head}\n" for head in made.heads))
    return made


def arguments(root: Path, ledger: str = "ledger.jsonl") -> list[str]:
    named = [str(root / name) for name in (ledger, "releases", "policy.toml", "heads")]
    return [*named[:3], "--witness", named[3]]


def noise(made: Audited) -> verifier.Finding:
    return next(found for found in verify(made.lines, made.releases) if found.name == "noise")


def test_every_check_holds_on_a_true_ledger(audited: Audited) -> None:
    found = verify(audited.lines, audited.releases, POLICY, audited.heads)
    assert [finding.sentence for finding in found if not finding.holds] == []
    assert [f.name for f in found] == ["chain", "heads", "loss", "draws", "noise", "files", "blanks"]


def test_what_was_not_given_is_said(audited: Audited) -> None:
    found = {finding.name: finding for finding in verify(audited.lines, audited.releases)}
    assert all(finding.holds for finding in found.values())
    assert "no witness was given" in found["heads"].sentence
    assert "no policy was given" in found["loss"].sentence


def test_noise_as_signed_is_measured_as_exactly_that(audited: Audited) -> None:
    """Three parents (organisation and two divisions), two items, 16 months: 96 contrasts of variance 1."""
    assert "1.00 times what was signed (96 degrees" in noise(audited).sentence


@pytest.mark.parametrize(("loudness", "told"), [(0.0, "0.00"), (0.5, "0.50"), (2.0, "2.00")])
def test_no_noise_half_of_it_and_twice_of_it_are_told(tmp_path: Path, loudness: float, told: str) -> None:
    found = noise(build(tmp_path, loudness))
    assert not found.holds
    assert f"In all draws noise is {told} times" in found.sentence


def test_too_few_draws_are_not_judged(tmp_path: Path) -> None:
    found = noise(build(tmp_path, 0.0, MONTHS[:1]))
    assert found.holds
    assert "too few draws to tell" in found.sentence


def test_one_measure_without_noise_is_told_among_others(audited: Audited) -> None:
    def silence(entries: list[dict]) -> None:
        for body in (entry["body"] for entry in entries if entry["kind"] == "measurement"):
            if body["charge"].startswith("left"):
                body["values"] = dict.fromkeys(body["values"], 0)

    lines = audited.rewritten(silence)
    found = next(f for f in verify(lines, audited.releases) if f.name == "noise")
    assert not found.holds
    assert "the measure 'left' noise is 0.00" in found.sentence


def test_prices_and_conversion_agree_with_the_product(audited: Audited) -> None:
    """Two implementations that share no code."""
    for item in Records.from_lines(audited.lines).items.values():
        assert price(item.to_json()) == item.rho.pico
    for pico in (10**9, 311064954243, 3 * 10**12):
        assert delta_of(pico / 10**12, epsilon_of(Rho(pico), Delta.parse("1e-6"))) == pytest.approx(
            1e-6, rel=1e-5
        )


def test_the_known_kinds_and_keys_are_those_of_the_ledger() -> None:
    assert {kind: set(keys.split()) for kind, keys in verifier.KINDS.items()} == BODY_KEYS


def test_the_verifier_imports_the_standard_library_alone() -> None:
    parsed = ast.parse(Path(verifier.__file__).read_text())
    imports = [node for node in ast.walk(parsed) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {a.name for n in imports if isinstance(n, ast.Import) for a in n.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("ledger", ["ledger.jsonl", "ledger.sqlite"])
def test_it_runs_as_a_single_file_elsewhere(
    audited: Audited, root: Path, tmp_path: Path, ledger: str
) -> None:
    alone = Path(shutil.copy(verifier.__file__, tmp_path / "verify.py"))
    command = [sys.executable, "-I", "-S", str(alone), *arguments(root, ledger)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "Everything holds."


@pytest.mark.parametrize("missing", ["ledger.jsonl", "releases", "policy.toml", "heads"])
def test_what_is_missing_is_a_sentence_and_exit_1(
    audited: Audited, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    here = [text.replace(str(root / missing), str(tmp_path / "gone")) for text in arguments(root)]
    assert main(here) == 1
    *findings, last = capsys.readouterr().out.splitlines()
    if missing == "heads":
        assert any(line.startswith("BROKE") for line in findings) and last.endswith("broke.")
    else:  # a wrong path is no accusation
        assert not findings and last.startswith("There is no ")


GARBAGE = [
    b"",
    b"\n",
    b"\xff\xfe",
    b"[]",
    b"null",
    b"1e999",
    b"[" * 100_000,
    b'{"seq":1}',
    b'{"kind":[]}\n{}',
]


@pytest.mark.parametrize("content", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_in_any_place_is_a_sentence_and_never_a_traceback(
    audited: Audited, root: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "garbage").write_bytes(content)
    for name in ("ledger.jsonl", "policy.toml", "heads"):
        here = [text.replace(str(root / name), str(tmp_path / "garbage")) for text in arguments(root)]
        assert main(here) == 1


def test_a_database_without_entries_is_a_sentence(root: Path, audited: Audited, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "ledger.sqlite").close()
    assert main([str(tmp_path / "ledger.sqlite"), *arguments(root)[1:]]) == 1


def test_a_field_of_a_wrong_type_breaks_and_is_survived(audited: Audited) -> None:
    told = {
        "values",
        "sigma",
        "level",
        "item",
        "period",
        "register",
        "items",
        "policy",
        "year",
        "files",
        "trees",
    }
    for kind in ("register", "plan", "measurement", "release"):
        for key in BODY_KEYS[kind] & told:

            def spoil(entries: list[dict], kind: str = kind, key: str = key) -> None:
                next(entry for entry in entries if entry["kind"] == kind)["body"][key] = [None]

            # The plan's register is told for the reader; what is measured names its own.
            found = verify(audited.rewritten(spoil), audited.releases, POLICY)
            names = {finding.name for finding in found if not finding.holds} - {"heads"}
            assert names or (kind, key) == ("plan", "register"), (kind, key)


def test_both_forms_of_a_ledger_have_the_same_lines(audited: Audited, root: Path) -> None:
    assert read_ledger(root / "ledger.sqlite") == read_ledger(root / "ledger.jsonl") == audited.lines
