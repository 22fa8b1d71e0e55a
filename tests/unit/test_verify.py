"""The verifier holds on a true ledger, tells noise of the wrong size, stands alone and survives garbage."""

from __future__ import annotations

import ast
import io
import math
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path
from typing import Any

import pytest
from signatories import TESTER, public_key
from vectors.audited import MONTHS, POLICY, Audited, build, is_sentence

from privacy import verify as verifier
from privacy import verify_more as further
from privacy import verify_releases as of_releases
from privacy.accounting import Delta, Rho, epsilon_of
from privacy.entries import BODY_KEYS
from privacy.records import Records
from privacy.verify import Audit, Broken, Finding, contrasts, delta_of, main, price
from privacy.verify_more import KINDS, FurtherAudit

POLICY_FILE = (
    '[budget]\nepsilon = "4"\ndelta = "1e-6"\n[signing]\nplan = 1\n'
    f'[signing.signers]\n"{TESTER}" = "{public_key(TESTER)}"\n'
)


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


def arguments(root: Path) -> list[str]:
    named = [str(root / name) for name in ("ledger.jsonl", "releases", "policy.toml", "heads")]
    return named


def noise(made: Audited) -> Finding:
    return next(found for found in verify(made.lines, made.releases) if found.name == "noise")


def verify(
    lines: list[str], releases: Path, policy: dict[str, Any] | None = None, heads: list[str] | None = None
) -> list[Finding]:
    return FurtherAudit(lines, releases, policy, heads).run()


def test_every_check_holds_on_a_true_ledger(audited: Audited) -> None:
    found = verify(audited.lines, audited.releases, POLICY, audited.heads)
    assert [finding.sentence for finding in found if not finding.holds] == []
    assert all(is_sentence(finding.sentence) for finding in found)
    core = ["chain", "heads", "loss", "draws", "noise", "files"]
    assert [f.name for f in found] == [*core, "certificates", "rows", "schema", "signatures", "approvals"]
    assert [f.name for f in Audit(audited.lines, audited.releases, POLICY, audited.heads).run()] == core


def test_what_was_not_given_is_said(audited: Audited) -> None:
    found = {finding.name: finding for finding in verify(audited.lines, audited.releases)}
    assert all(finding.holds for finding in found.values())
    assert "no witness was given" in found["heads"].sentence
    assert "no policy was given" in found["loss"].sentence


def test_noise_as_signed_is_measured_as_exactly_that(audited: Audited) -> None:
    """Three parents (organisation and two divisions), two items, 16 months: 96 contrasts of variance 1."""
    assert "1.00 times what was signed (96 contrasts" in noise(audited).sentence


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
        for drawn in (entry["body"] for entry in entries if entry["kind"] == "measurement"):
            if drawn["charge"].startswith("left"):
                drawn["values"] = dict.fromkeys(drawn["values"], 0)

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


@pytest.mark.parametrize("rho", [0.01, 0.31106, 3.0, 100.0])
def test_the_best_order_is_found_wherever_it_lies(rho: float) -> None:
    """Close to 1 where the loss is large, far away where it is small; against a plain search."""
    epsilon = rho + 2 * (rho * 14) ** 0.5
    orders = (1 + math.exp(step / 500) for step in range(-5000, 8000))
    logs = ((a - 1) * (a * rho - epsilon) - math.log(a - 1) + a * math.log1p(-1 / a) for a in orders)
    assert delta_of(rho, epsilon) == pytest.approx(math.exp(min(logs)), rel=1e-4)


def test_a_contrast_is_a_parent_less_its_children_over_its_deviation() -> None:
    groups = [["O", "All", None, "organisation"], ["A", "A", "O", "division"], ["B", "B", "O", "division"]]
    draws = {"organisation": {"O": 10}, "division": {"A": 3, "B": 4}}
    assert list(contrasts(groups, draws, {"organisation": 2, "division": 1})) == [(10 - 7) ** 2 / (4 + 2)]


@pytest.mark.parametrize(
    ("cap", "sigma", "sound"),
    [
        (1, [["organisation", 1]], True),
        (2**40, [["organisation", 5]], True),
        (2**40 + 1, [["organisation", 5]], False),
        (0, [["organisation", 5]], False),
        (12, [], False),
        (12, [["organisation", 0]], False),
        (12, [["organisation", 5], ["organisation", 5]], False),
    ],
)
def test_an_item_has_a_price_where_cap_and_scales_have_a_meaning(cap: int, sigma: Any, sound: bool) -> None:
    item = {"cap_squared": cap, "sigma": sigma}
    if sound:
        assert price(item) >= 1
        return
    with pytest.raises(Broken) as broken:
        price(item)
    assert str(broken.value) == "An item has a cap or noise scale without meaning."


def test_the_known_kinds_and_keys_are_those_of_the_ledger() -> None:
    assert {kind: set(keys.split()) for kind, keys in KINDS.items()} == BODY_KEYS


def test_the_verifier_imports_the_standard_library_alone() -> None:
    assert imported_by(Path(verifier.__file__)) <= sys.stdlib_module_names
    ours = {"privacy", "verify", "verify_releases"}  # as part of the product, and as files beside it
    for module in (of_releases, further):
        assert imported_by(Path(module.__file__)) - ours <= sys.stdlib_module_names


def imported_by(path: Path) -> set[str]:
    imports = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    names = {a.name for n in imports if isinstance(n, ast.Import) for a in n.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names}


def test_the_core_is_small_enough_to_read_in_one_sitting() -> None:
    """Lines of code: without blank lines, comments and docstrings."""
    assert lines_of_code(Path(verifier.__file__)) < 250


def lines_of_code(path: Path) -> int:
    text = path.read_text()
    blank = {
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.COMMENT,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    code = {line for t in tokens if t.type not in blank for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            code -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(code)


@pytest.mark.parametrize(("script", "checks"), [("verify.py", 6), ("verify_more.py", 11)])
def test_it_runs_elsewhere_with_the_standard_library_alone(
    audited: Audited, root: Path, tmp_path: Path, script: str, checks: int
) -> None:
    """The core as a single file; what checks further with the core beside it."""
    for module in (verifier, of_releases, further)[: 3 if script == "verify_more.py" else 1]:
        shutil.copy(str(module.__file__), tmp_path)
    command = [sys.executable, "-E", "-s", "-S", script, *arguments(root)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    *told, last = done.stdout.splitlines()
    assert (len(told), last) == (checks, "Everything holds.")


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
        assert not findings and last.startswith("Name a ledger") and last.endswith("gone does not exist.")


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

            found = verify(audited.rewritten(spoil), audited.releases, POLICY)
            assert {finding.name for finding in found if not finding.holds} - {"heads"}, (kind, key)
