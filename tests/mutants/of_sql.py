"""Mutants of the SQL in which a person's year is cut: every bound, sign, window and join turned once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from mutants.mutant import KILLED, SURVIVED, TIMEOUT, Mutant

ROOT = Path(__file__).parents[2]
COPIED = ("privacy", "metrics", "pipelines", "dashboard", "data", "docs", "tests")
TESTS = (
    "tests/unit/test_cut_rules.py",
    "tests/unit/test_measuring.py",
    "tests/unit/test_carrying.py",
    "tests/property/test_bounding.py",
)
LIMIT = 300  # seconds; the tests take about 20
CHANGES = Path(__file__).with_name("sql.toml")


def tried() -> Iterator[Mutant]:
    """Every mutant of the SQL, each in a copy of the sources."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if _outcome(copy) != SURVIVED:
            raise SystemExit("The tests fail on the SQL as it is; no mutant was tried.")
        for name, table in tomllib.loads(CHANGES.read_text(encoding="utf-8")).items():
            for before, after in table["changes"]:
                yield _tried(copy, name, before, after)


def _tried(copy: Path, name: str, before: str, after: str) -> Mutant:
    path = copy / "privacy" / "sql" / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    if before not in text:
        raise SystemExit(f"{name}.sql no longer holds what a mutant changes; look at tests/mutants/sql.toml.")
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    try:
        outcome = _outcome(copy)
    finally:
        path.write_text(text, encoding="utf-8")
    return Mutant("sql", f"{name}: {_line(before)}", f"{name}: {_line(after)}", outcome)


def _line(text: str) -> str:
    return " ".join(text.split())


def _outcome(copy: Path) -> str:
    """Whether the tests of a copy notice anything."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *TESTS]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return TIMEOUT
    return SURVIVED if done.returncode == 0 else KILLED
