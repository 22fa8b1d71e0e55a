"""Forced paths as processes of their own, and what each left behind."""

from __future__ import annotations

import os
import pickle
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from canary_agency import SHIM, WATCH, CanaryAgency
from forced_paths import Forced
from sweep import Sweep, sweep, wrong_modes

HERE = Path(__file__).parent
FORCING = HERE / "forcing.py"
PICKLE = "agency.pickle"
HANG_SECONDS = 300
LOUD = {
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
}
"""Prefect keeps all that it can: every log in its database, every result in its storage."""


@dataclass(frozen=True)
class Outcome:
    """How a forced path ended, and the agency as it left it."""

    path: Forced
    agency: CanaryAgency
    exit_code: str

    @property
    def stderr(self) -> str:
        return (self.agency.root / "stderr").read_text(encoding="utf-8")

    @property
    def stdout(self) -> str:
        return (self.agency.root / "stdout").read_text(encoding="utf-8")

    @property
    def struck(self) -> int:
        """How often a fault was met."""
        return int((self.agency.root / "struck").read_text())

    def swept(self) -> Sweep:
        return sweep(self.agency.root, self.agency.canaries, self.path.spoilt)

    def wrong_modes(self) -> list[str]:
        return wrong_modes(self.agency.home.root, self.agency.witness)

    def check_ending(self) -> None:
        """The exit code and the one sentence, with nothing around it."""
        assert self.exit_code == str(self.path.code), f"ended with {self.exit_code}: {self.stderr}"
        assert re.search(self.path.says, self.stderr), self.stderr
        assert self.stderr.count("\n") <= 1 and "Traceback" not in self.stderr + self.stdout, self.stderr
        if self.path.kind == "step":
            assert self.struck, "the step is not on the main job's way: see OFF_THE_WAY in striking.py"

    def check_nothing_leaked(self) -> None:
        assert not self.wrong_modes()
        assert not [str(hit) for hit in self.swept().hits]


@dataclass(frozen=True)
class Session:
    """A folder with an agency that was just begun; forced paths leave theirs beside it."""

    folder: Path
    begun: CanaryAgency

    @classmethod
    def at(cls, folder: Path) -> Session:
        begun = CanaryAgency.at(folder / "begun", last_month="2026-01")
        (folder / PICKLE).write_bytes(pickle.dumps(begun))
        return cls(folder, begun)

    def force(self, names: Iterable[str]) -> None:
        """Force paths one after the other in one process."""
        command = [sys.executable, str(FORCING), str(self.folder), *names]
        env = _environment(self.begun) | LOUD | {WATCH: str(self.watched)}
        done = subprocess.run(command, env=env, cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    @property
    def watched(self) -> Path:
        """What that process wrote and called: see ``shim``."""
        return self.folder / "watched"

    def outcome(self, path: Forced) -> Outcome:
        agency = self.begun.moved_to(self.folder / path.folder)
        return Outcome(path, agency, (agency.root / "exit_code").read_text())


def alone(
    path: Forced, agency: CanaryAgency, meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _: None
) -> Outcome:
    """Force a path on an agency as it lies there, as the command in a process group of its own."""
    (agency.root / PICKLE).write_bytes(pickle.dumps(agency))
    command = [sys.executable, str(FORCING), str(agency.root), "--alone", path.name]
    with open(agency.root / "stdout", "wb") as stdout, open(agency.root / "stderr", "wb") as stderr:
        process = subprocess.Popen(
            command, env=_environment(agency), cwd=agency.root, stdout=stdout, stderr=stderr,
            start_new_session=True,
        )  # fmt: skip
    try:
        meanwhile(process)
        code = process.wait(HANG_SECONDS)
    finally:
        _end_group(process.pid)
    (agency.root / PICKLE).unlink()
    return Outcome(path, agency, str(code))


def press_ctrl_c_at(pipe: Path) -> Callable[[subprocess.Popen[bytes]], None]:
    """When the process says through the pipe that it is there, interrupt its group as a terminal does."""
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def press(process: subprocess.Popen[bytes]) -> None:
        heard, _, _ = select.select([reading], [], [], HANG_SECONDS)
        os.close(reading)
        pipe.unlink()
        assert heard, "the step was not reached"
        os.killpg(process.pid, signal.SIGINT)

    return press


def _environment(agency: CanaryAgency) -> dict[str, str]:
    path = os.pathsep.join([str(SHIM), str(HERE.parent)])
    return {**agency.environment, "PYTHONPATH": path}


def _end_group(leader: int) -> None:
    """A killed command leaves Prefect's server behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
