"""Run by ``make bench-utility``: errors of every way at every size; writes the page, its figures and plot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from utility.chart import draw
from utility.comparing import compared_at
from utility.figures import of_size
from utility.page import DOCS, FIGURES, page
from utility.workforce import STAFF

SEEDS = 5


def main(sizes: Sequence[int], seeds: int) -> None:
    found = {}
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        for staff in sizes:
            compared = list(processes.map(compared_at, [staff] * seeds, range(seeds)))
            found[str(staff)] = of_size(compared)
            gains = (f"{level} {each['plain_by_ours']:.1f}" for level, each in found[str(staff)].items())
            print(f"{staff:,} staff, (a)/(d): {', '.join(gains)}", flush=True)
    kept = {"setting": {"seeds": seeds}, "sizes": found}
    FIGURES.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    (DOCS / "accuracy.md").write_text(page(kept), encoding="utf-8")
    draw(kept, DOCS / "accuracy.svg")


if __name__ == "__main__":
    main(STAFF, SEEDS)
