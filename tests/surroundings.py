"""What a verb settles for its whole process, given back after a test that runs one in-process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_surroundings() -> Iterator[None]:
    """Environment, temporary folder and umask are afterwards what they were before."""
    environment, temporary, mask = dict(os.environ), tempfile.tempdir, os.umask(0o022)
    os.umask(mask)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = temporary
        os.umask(mask)
