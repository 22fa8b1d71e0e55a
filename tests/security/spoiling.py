"""Ways to spoil an agency before a command runs: its exports, memory, disk, warehouse, ledger and key."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from canary_agency import CanaryAgency, row_text
from planting import Planted, heading
from striking import Fault, Strike

from pipelines import ingest, warehouse
from pipelines.exports import Export

if TYPE_CHECKING:
    import pandas as pd

Spoil = Callable[[CanaryAgency], AbstractContextManager[None]]
SMALL_DISK = 32 << 20
LITTLE_MEMORY = {"memory_limit": "3MB", "max_temp_directory_size": "0KB"}
HOLDER = (
    "import os, sys, duckdb; os.umask(0o077); held = duckdb.connect(sys.argv[1]); "
    "print('held', flush=True); sys.stdin.read()"
)


def untouched(_: CanaryAgency) -> nullcontext[None]:
    return nullcontext()


def file_as(export: str, change: Callable[[bytes, Planted], bytes]) -> Spoil:
    """An export's file, changed."""

    def spoil(agency: CanaryAgency) -> nullcontext[None]:
        planted = agency.of(export)
        path = agency.exports / planted.file_name
        path.write_bytes(change(path.read_bytes(), planted))
        return nullcontext()

    return spoil


def without_heading(content: bytes, planted: Planted) -> bytes:
    """In its place stands one that nothing reads."""
    return content.replace(_last_heading(planted), planted.unread_heading.text.encode() + b"2", 1)


def twice_the_heading(content: bytes, planted: Planted) -> bytes:
    return content.replace(b"Comments", _last_heading(planted), 1)


def _last_heading(planted: Planted) -> bytes:
    return heading(planted.export.names[-1]).encode()


def with_row(form: bytes) -> Callable[[bytes, Planted], bytes]:
    """One line more in the middle of the file, as broken as the form says; ``%s`` is a planted line."""

    def change(content: bytes, _: Planted) -> bytes:
        lines = content.splitlines()
        middle, broken = len(lines) // 2, form.replace(b"%s", lines[-1])
        return b"\n".join([*lines[:middle], broken, *lines[middle:], b""])

    return change


def file_is(name: str, change: Callable[[bytes, CanaryAgency], bytes | None]) -> Spoil:
    """A file of the agency, changed or gone."""

    def spoil(agency: CanaryAgency) -> nullcontext[None]:
        path = agency.root / name
        mode, content = path.stat().st_mode & 0o777, change(path.read_bytes(), agency)
        path.unlink()
        if content is not None:
            path.write_bytes(content)
            path.chmod(mode)
        return nullcontext()

    return spoil


def overwritten(_: bytes, agency: CanaryAgency) -> bytes:
    """No database, but everybody's rows."""
    return b"no database: " + row_text(agency).encode()


def cut_off(content: bytes, _: object) -> bytes:
    return content[: len(content) // 2]


def gone(*_: object) -> None:
    return None


def struck(step: str, strike: Callable[[CanaryAgency], Strike], times: int = 10**9) -> Spoil:
    """A step of the product struck; how often is written down beside what was said."""

    @contextmanager
    def spoil(agency: CanaryAgency) -> Iterator[None]:
        with Fault(step, strike(agency), times).installed() as fault:
            try:
                yield
            finally:
                (agency.root / "struck").write_text(str(fault.struck))

    return spoil


@contextmanager
def words_for_numbers(agency: CanaryAgency) -> Iterator[None]:
    """Great Expectations is given planted texts in every column, as if nothing had converted them."""
    import pandas as pd

    def words(_: object, export: Export) -> pd.DataFrame:
        cells = [canary.cell for canary in agency.of(export.name).canaries]
        return pd.DataFrame({name: cells for name in export.stored_names})

    true, ingest.typed_rows = ingest.typed_rows, words
    try:
        yield
    finally:
        ingest.typed_rows = true


def umask(mask: int) -> Spoil:
    """Whoever runs the command makes files as open, or as closed, as this."""

    def spoil(_: CanaryAgency) -> nullcontext[None]:
        os.umask(mask)
        return nullcontext()

    return spoil


@contextmanager
def little_memory(_: CanaryAgency) -> Iterator[None]:
    before = dict(warehouse.SETTINGS)
    warehouse.SETTINGS |= LITTLE_MEMORY
    try:
        yield
    finally:
        warehouse.SETTINGS |= before


def short_files(size: int) -> Spoil:
    """No file may grow beyond a size: as a full disk is for whoever writes, without needing root."""

    @contextmanager
    def spoil(_: CanaryAgency) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return spoil


def full_disk(name: str, free: int) -> Spoil:
    """A folder of the home on a small disk of its own with so many bytes free. Needs root."""

    @contextmanager
    def spoil(agency: CanaryAgency) -> Iterator[None]:
        folder, aside = agency.home.root / name, agency.root / "aside"
        with _mounted(folder, aside):
            _fill(folder / "filler", free)
            yield
            (folder / "filler").unlink()
            shutil.copytree(folder, aside, symlinks=True)
        folder.rmdir()
        aside.rename(folder)

    return spoil


@contextmanager
def _mounted(folder: Path, aside: Path) -> Iterator[None]:
    """A disk in memory over a folder, with what lay in it. Raises OSError where mounting is not allowed."""
    folder.rename(aside)
    folder.mkdir()
    options = f"size={SMALL_DISK},mode={aside.stat().st_mode & 0o777:o}"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False)
    if done.returncode:
        raise OSError("no disk may be mounted here")
    try:
        shutil.copytree(aside, folder, symlinks=True, dirs_exist_ok=True)
        shutil.rmtree(aside)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def _fill(path: Path, free: int) -> None:
    left = os.statvfs(path.parent)
    path.write_bytes(b"\0" * (left.f_bavail * left.f_frsize - free))


@contextmanager
def held_warehouse(agency: CanaryAgency) -> Iterator[None]:
    """Another process has the warehouse open."""
    command = [sys.executable, "-c", HOLDER, str(agency.home.warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.stdin.close()


def table_where(export: Export, old: str, new: str, *before: str) -> Spoil:
    """A warehouse whose table takes less than what is declared, so that DuckDB itself refuses a row."""

    def spoil(agency: CanaryAgency) -> nullcontext[None]:
        definition = warehouse.table_definition(export)
        assert old in definition
        agency.home.make_folders()
        with duckdb.connect(str(agency.home.warehouse)) as made:
            for statement in (*before, definition.replace(old, new)):
                made.execute(statement)
        return nullcontext()

    return spoil
