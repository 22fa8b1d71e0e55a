"""Faults put in from outside: a step of the product raises with a row in its text, is stopped, or dies."""

from __future__ import annotations

import ast
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from privacy.errors import BadExport

ROOT = Path(__file__).parents[2]
ROOMS = ("privacy", "metrics", "pipelines")
MODULES = frozenset(f"{room}.{path.stem}" for room in ROOMS for path in (ROOT / room).glob("*.py"))
FLOW_MODULES = (
    "pipelines.flows", "pipelines.ingest", "pipelines.staging", "pipelines.release", "pipelines.measurement",
    "pipelines.publishing", "pipelines.release_files", "pipelines.certificate", "pipelines.tables",
    "privacy.measuring",
)  # fmt: skip
"""Where the main job calls its steps: what these import from other modules of ours are steps."""
OFF_THE_WAY = frozenset({
    "pipelines.ingest.connect_copy",  # a dry run's
    "pipelines.ingest.charged_months",  # of an export that comes again
    "pipelines.ingest.check_whole",  # of an export that comes as snapshots
    "pipelines.flows.kind_of",  # of a step that failed already
})  # fmt: skip
INNER_STEPS = (
    "pipelines.pseudonyms.Pseudonyms.of", "pipelines.checks.validate",
    "privacy.mechanism.DiscreteGaussian.draw", "privacy.measuring.draw_level",
    "privacy.ledger.Ledger.measure", "privacy.ledger.Ledger.append", "privacy.witness.Witness.see",
)  # fmt: skip
"""Steps inside a module, where a row or a total is at hand."""
Strike = Callable[[], None]


def steps() -> tuple[str, ...]:
    """Every step of the main job, as ``module.name``: read from the sources, so nothing is imported yet."""
    called = (f"{module}.{step}" for module in FLOW_MODULES for step in _imported_functions(module))
    return tuple(step for step in (*called, *INNER_STEPS) if step not in OFF_THE_WAY)


def _imported_functions(module: str) -> Iterator[str]:
    """The names that a module imports from others of ours and that are written as functions are."""
    source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS:
            names = (alias.asname or alias.name for alias in node.names)
            yield from (name for name in names if name.islower() and f"{node.module}.{name}" not in MODULES)


@dataclass
class Fault:
    """A step that is struck each time it is called, or only the first few times."""

    step: str
    strike: Strike
    times: int = 10**9
    struck: int = field(default=0, init=False)

    @contextmanager
    def installed(self) -> Iterator[Fault]:
        owner, name = self._owner(), self.step.rpartition(".")[2]
        true = vars(owner)[name]

        def struck(*given: Any, **named: Any) -> Any:
            if self.struck < self.times:
                self.struck += 1
                self.strike()
            return true(*given, **named)

        setattr(owner, name, struck)
        try:
            yield self
        finally:
            setattr(owner, name, true)

    def _owner(self) -> Any:
        path, _, _ = self.step.rpartition(".")
        module, _, kind = path.rpartition(".")
        return getattr(import_module(module), kind) if kind[:1].isupper() else import_module(path)


def raising(text: str, kind: type[Exception] = RuntimeError) -> Strike:
    """An error that says a row, comes from one that says it too, and has it in a note and in a variable."""

    def strike() -> None:
        row = text.split(" | ")
        cause = ValueError(f"cannot convert {row}")
        error = kind(f"while reading {text}")
        error.add_note(f"the row was {row}")
        raise error from cause

    return strike


def refusing(text: str) -> Strike:
    """The product declines, while it handles an error that says a row."""

    def strike() -> None:
        try:
            raise UnicodeDecodeError("utf-8", text.encode(), 0, 1, text)
        except UnicodeDecodeError:
            raise BadExport("A file of a test is declined; there is nothing to correct.") from None

    return strike


def killing() -> None:
    """The process ends at once, as when the power fails."""
    os.kill(os.getpid(), signal.SIGKILL)


def interrupting() -> None:
    """Ctrl-C, pressed now."""
    signal.raise_signal(signal.SIGINT)


def waiting(agency: Any) -> Strike:
    """Tells whoever reads the pipe ``waiting`` that it is there, and goes no further."""

    def strike() -> None:
        (agency.root / "waiting").write_text("here")
        signal.pause()

    return strike
