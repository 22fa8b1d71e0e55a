"""What the command says of a connection that broke: nothing of its own output, a sentence of any other."""

import argparse
import os
import subprocess
import sys

import pytest

from pipelines.cli import _run

WORDY = """
import argparse, sys
from pipelines.cli import _run
sys.exit(_run(argparse.Namespace(call=lambda _: print("word " * 100_000))))
"""


def test_a_reader_who_has_read_enough_ends_the_command_well() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as output:
        done = subprocess.run([sys.executable, "-c", WORDY], stdout=output, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


def test_any_other_broken_connection_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    def call(_: argparse.Namespace) -> int:
        raise BrokenPipeError

    assert _run(argparse.Namespace(call=call)) == 8
    assert "run the same command again" in capsys.readouterr().err
