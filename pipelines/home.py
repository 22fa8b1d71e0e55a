"""Where an installation keeps its things: the folders of ``LEEWARD_HOME``."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from privacy.durable import make_folder
from privacy.errors import Refusal

PROTECTED_MODE = 0o700
PUBLISHED_MODE = 0o750


@dataclass(frozen=True)
class Home:
    """One installation. Everything under :attr:`protected` may hold personal data; nothing else may."""

    root: Path

    @classmethod
    def from_environment(cls) -> Home:
        """The folder that ``LEEWARD_HOME`` names, ``var`` under the current folder unless set."""
        return cls(Path(os.environ.get("LEEWARD_HOME") or "var").resolve())

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def policy(self) -> Path:
        return self.config / "policy.toml"

    @property
    def register(self) -> Path:
        return self.config / "register.csv"

    @property
    def mapping(self) -> Path:
        return self.config / "mapping.toml"

    @property
    def protected(self) -> Path:
        return self.root / "protected"

    @property
    def warehouse(self) -> Path:
        return self.protected / "warehouse.duckdb"

    @property
    def pseudonym_key(self) -> Path:
        return self.protected / "pseudonym.key"

    @property
    def set_aside(self) -> Path:
        return self.protected / "set_aside"

    @property
    def report(self) -> Path:
        """The newest ingest that changed anything, as a page: counts of rows."""
        return self.protected / "ingest-report.html"

    @property
    def sheets(self) -> Path:
        """Rows set aside as they stand in the files, to be mended: they hold people's ids."""
        return self.set_aside / "sheets"

    @property
    def shown(self) -> Path:
        """What was written to show a person what is held of them."""
        return self.protected / "shown"

    @property
    def prefect(self) -> Path:
        return self.protected / "prefect"

    @property
    def temporary(self) -> Path:
        return self.protected / "tmp"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.sqlite"

    @property
    def ledger_lines(self) -> Path:
        return self.root / "ledger.jsonl"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def held(self) -> Path:
        """Releases that wait for approval: their owner's alone until then."""
        return self.root / "held"

    @property
    def pending(self) -> Path:
        """Public texts that wait for signatures."""
        return self.root / "pending"

    def make_folders(self) -> None:
        """Create the folders that are missing, each with the mode its zone asks for."""
        for folder, mode in (
            (self.root, PUBLISHED_MODE),
            (self.config, PUBLISHED_MODE),
            (self.releases, PUBLISHED_MODE),
            (self.pending, PUBLISHED_MODE),
            (self.held, PROTECTED_MODE),
            (self.protected, PROTECTED_MODE),
            (self.set_aside, PROTECTED_MODE),
            (self.prefect, PROTECTED_MODE),
        ):
            make_folder(folder)
            folder.chmod(mode)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other commands out of a folder while the block runs; a killed process lets go by itself.

    Raises:
        Refusal: another command is at work there.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Refusal(f"Another command is at work in {folder}; let it finish and try again.") from None
