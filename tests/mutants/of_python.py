"""Mutants of Python modules, made and tried by mutmut (its settings are in pyproject.toml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mutmut import __main__ as mutmut
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.runners import harness
from mutmut.stats import status_by_exit_code

from mutants.mutant import KILLED, SURVIVED, TIMEOUT, Mutant

AT_ONCE = 2
OUTCOMES = {"killed": KILLED, "segfault": KILLED, "timeout": TIMEOUT}


def tried(modules: Sequence[str]) -> Iterator[Mutant]:
    """Every mutant of some modules of ``privacy/``; one that no test reaches has survived."""
    _suit_mutmut()
    mutmut._run(tuple(f"privacy.{module}.*" for module in modules), AT_ONCE)
    for module in modules:
        path = Path("privacy", f"{module}.py")
        found = SourceFileMutationData(path=path)
        found.load()
        for name, code in found.exit_code_by_key.items():
            before, after = _changed(get_diff_for_mutant(name, path=path))
            yield Mutant(module, before, after, OUTCOMES.get(status_by_exit_code[code], SURVIVED))


def _suit_mutmut() -> None:
    """Two things that mutmut 3.8 does otherwise.

    A mutant may break conftest when it is imported, which mutmut takes for a fault of its own. And it names
    the tests in any order, so that fixtures of a module are made again and again.
    """
    execute, run = harness.PytestRunner.execute_pytest, harness.PytestRunner.run_tests

    def executed(self: harness.PytestRunner, params: list[str], **kwargs: Any) -> int:
        try:
            return execute(self, params, **kwargs)
        except harness.BadTestExecutionCommandsException:
            return 1

    def in_order(self: harness.PytestRunner, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        return run(self, mutant_name=mutant_name, tests=sorted(tests))

    harness.PytestRunner.execute_pytest = executed  # type: ignore[method-assign]
    harness.PytestRunner.run_tests = in_order  # type: ignore[method-assign]


def _changed(diff: str) -> tuple[str, str]:
    """The lines that a diff takes away and puts there, each on one line."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    removed, added = (
        [" ".join(line[1:].split()) for line in lines if line.startswith(sign)] for sign in "-+"
    )
    return " / ".join(removed), " / ".join(added)
