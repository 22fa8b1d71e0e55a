"""The process in which paths are forced: see ``forced_session``.

``python forcing.py FOLDER NAME...`` forces paths one after the other, each on an agency of its own;
``python forcing.py FOLDER --alone NAME`` one on the agency that lies there, and ends as the command ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from canary_agency import CanaryAgency
from forced_paths import ALONE, IN_ONE_PROCESS, Forced
from forced_session import PICKLE
from surroundings import kept_surroundings

from pipelines.cli import main as leeward

USUAL_UMASK = 0o022


def force(path: Forced, begun: CanaryAgency, folder: Path) -> None:
    """One path in this process, on a copy of the agency."""
    source = begun.moved_to(folder / IN_ONE_PROCESS[path.starts].folder) if path.starts else begun
    agency = source.copied_to(folder / path.folder)
    with kept_surroundings(), said_to(agency.root):
        os.environ.update(agency.environment)
        os.umask(USUAL_UMASK)
        try:
            code = str(end(path, agency))
        except OSError as error:
            code = f"not forced: {type(error).__name__}"
    (agency.root / "exit_code").write_text(code)


def end(path: Forced, agency: CanaryAgency) -> int:
    with path.spoil(agency):
        return leeward(path.arguments(agency))


@contextmanager
def said_to(folder: Path) -> Iterator[None]:
    """Whatever this process and its children say goes to files."""
    kept = [os.dup(number) for number in (1, 2)]
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for number, file in enumerate(kept, start=1):
            os.dup2(file, number)
            os.close(file)


def retry_at_once() -> None:
    from pipelines import flows

    flows.measure_and_publish.retry_delay_seconds = 0


def main() -> int:
    folder, *names = sys.argv[1:]
    agency: CanaryAgency = pickle.loads((Path(folder) / PICKLE).read_bytes())
    # a shell's background job is begun deaf to ctrl-c, and so are its children
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if names[0] == "--alone":
        return end(ALONE[names[1]], agency)
    for number, name in enumerate(names):
        if number:  # Prefect keeps the home of the path that first imports it
            retry_at_once()
        force(IN_ONE_PROCESS[name], agency, Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
