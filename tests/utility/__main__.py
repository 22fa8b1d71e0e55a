"""Run by ``make bench-utility``: the errors of every way at every size; medians over several workforces."""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from utility.comparing import Errors, compare
from utility.indicators import INDICATORS
from utility.workforce import LEVELS, workforce

STAFF, SEEDS = (500, 2_000, 20_000, 100_000), 5


def one(staff: int, seed: int) -> tuple[Errors, Errors]:
    return compare(workforce(staff, seed))


def main(sizes: tuple[int, ...], seeds: int) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        for staff in sizes:
            found = list(processes.map(one, [staff] * seeds, range(seeds)))
            errors, covered = defaultdict(list), defaultdict(list)
            for error, cover in found:
                for key, value in error.items():
                    errors[key].append(value)
                for key, value in cover.items():
                    covered[key].append(value)
            print(f"{staff:,} staff, {seeds} workforces")
            for level, name in enumerate(LEVELS):
                gain = 1.0
                for each in INDICATORS:
                    row = {way: statistics.median(errors[way, each.name, level]) for way in "abcdef"}
                    gain *= row["a"] / row["d"]
                    told = " ".join(f"{way} {value:7.2f}" for way, value in row.items())
                    cover = statistics.mean(covered[each.name, level])
                    print(f"{name:<13}{each.name:<25}{told}  covered {100 * cover:.1f} %")
                print(f"{name:<13}a/d {gain ** (1 / len(INDICATORS)):.2f}", flush=True)


if __name__ == "__main__":
    sizes = tuple(int(size) for size in sys.argv[1].split(",")) if len(sys.argv) > 1 else STAFF
    main(sizes, int(sys.argv[2]) if len(sys.argv) > 2 else SEEDS)
