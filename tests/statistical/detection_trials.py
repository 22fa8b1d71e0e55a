"""How trials are run and written down: ledgers in memory, two processes, figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

FIGURES = Path(__file__).parents[2] / "docs" / "figures"
MEMORY = Path("/dev/shm")
Result = TypeVar("Result")


def ledgers_folder() -> TemporaryDirectory[str]:
    """For thousands of small ledgers, none of which must survive a power cut: in memory, if there is some."""
    return TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)


def of_each(defects: Sequence[str], trial: Callable[[str], Result]) -> Mapping[str, Result]:
    """A trial of each defect, two at a time, each in a process of its own: what is planted stays there."""
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as processes:
        return dict(zip(defects, processes.map(trial, defects), strict=True))


def write(name: str, body: Mapping[str, object]) -> None:
    """Write ``docs/figures/NAME.json``."""
    text = json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    (FIGURES / f"{name}.json").write_text(text, encoding="utf-8")
