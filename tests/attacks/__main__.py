"""``make attacks``: all attacks at full effort on the sample's releases; writes the page and its figures."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from attacks.agency import Agency
from attacks.campaign import FULL, all_attacks
from attacks.figures import figures
from attacks.homes import release_sample, run_sample_again
from attacks.page import page
from attacks.reruns import published_bytes

DOCS = Path(__file__).parents[2] / "docs"
RUNS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        agency = Agency.read(release_sample(Path(folder)))
        _run_again(Path(folder), agency)
        found = []
        for finding in all_attacks(agency, FULL):
            print(f"{finding.id}: {finding.leeward.value:.2f}", flush=True)
            found.append(finding)
    body = figures(agency, found, runs_of_the_flow=RUNS)
    (DOCS / "figures").mkdir(exist_ok=True)
    text = json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    (DOCS / "figures" / "attacks.json").write_text(text, encoding="utf-8")
    (DOCS / "attacks.md").write_text(page(body), encoding="utf-8")


def _run_again(folder: Path, agency: Agency) -> None:
    """The flow on the same home until it was run so many times: nothing may be drawn or change."""
    before = published_bytes(agency.root)
    for _ in range(RUNS - 1):
        if run_sample_again(folder) or published_bytes(agency.root) != before:
            raise SystemExit(
                "A further run of the flow drew or changed something; see tests/attacks/reruns.py."
            )


if __name__ == "__main__":
    main()
