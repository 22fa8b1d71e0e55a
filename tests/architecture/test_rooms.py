"""The walls between the rooms, read from the imports themselves."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("privacy", "metrics", "pipelines", "dashboard")
ONLY = {
    "opendp": {"privacy/mechanism.py"},
    "great_expectations": {"pipelines/checks.py"},
    "prefect": {"pipelines/flows.py"},
}
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
ONE_FILE_ON_PURPOSE = {"privacy/verify.py"}  # an auditor carries it to another machine


def modules(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("library", ONLY)
def test_one_module_alone_imports_a_library(library: str) -> None:
    found = {str(p.relative_to(ROOT)) for p in modules(*ROOMS) if library in imports(p)}
    assert found == ONLY[library]


def test_streamlit_is_known_to_the_dashboard_alone() -> None:
    assert not [p for p in modules("privacy", "metrics", "pipelines") if "streamlit" in imports(p)]


@pytest.mark.parametrize("name", ["accounting", "verify"])
def test_what_an_auditor_runs_stands_on_the_standard_library(name: str) -> None:
    allowed = sys.stdlib_module_names | {"privacy"}
    assert set(imports(ROOT / "privacy" / f"{name}.py")) <= allowed


def test_the_import_contracts_are_kept() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout


def test_no_product_module_can_seed_or_choose_its_randomness() -> None:
    """Noise comes from OpenDP alone: nothing imports another generator, and secrets names charges only."""
    for path in modules(*ROOMS):
        assert not {"random"} & set(imports(path)), path
        assert "default_rng" not in path.read_text(encoding="utf-8"), path


def test_no_double_of_the_mechanism_is_in_the_product() -> None:
    for path in modules(*ROOMS):
        assert not {"noise_free", "fixed_vector", "defects"} & set(imports(path)), path


def test_modules_and_functions_stay_short() -> None:
    long = []
    for path in modules(*ROOMS):
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT))
        if text.count("\n") > LONGEST_MODULE and name not in ONE_FILE_ON_PURPOSE:
            long.append(name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION:
                long.append(f"{name}:{node.name}")
    assert not long


def test_every_sql_file_says_its_grain_first() -> None:
    for path in sorted(ROOT.glob("*/sql/*.sql")):
        assert path.read_text(encoding="utf-8").startswith("-- "), path


def test_no_room_is_a_drawer_for_leftovers() -> None:
    names = {path.stem for path in modules(*ROOMS)}
    assert not names & {"utils", "helpers", "common", "misc"}
