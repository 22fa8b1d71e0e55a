"""Fuzz the reader (``make fuzz``): ends with 1 where something was found, and keeps the files."""

from __future__ import annotations

import faulthandler
import secrets
import sys
import tempfile
import time
from pathlib import Path

from fuzz.corpus import corpus
from fuzz.reader import Fuzz

HANG_SECONDS = 120


def main(seconds: float, seed: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="leeward-fuzz-"))
    fuzz = Fuzz(folder, corpus(folder), seed)
    print(f"seed {seed}, {seconds:.0f} seconds, files in {folder}")
    ends, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)  # the file that hangs stays there
        fuzz.try_one(number)
        number += 1
    told = ", ".join(f"{kind} {count:,}" for kind, count in fuzz.outcomes.most_common())
    print(f"{number:,} files: {told}; {len(fuzz.findings)} findings")
    for finding in fuzz.findings:
        print(finding)
    return 1 if fuzz.findings else 0


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    sys.exit(main(given[0] if given else 600, int(given[1]) if len(given) > 1 else secrets.randbelow(10**9)))
