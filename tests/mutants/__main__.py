"""``make mutants``: tries every mutant; writes docs/figures/mutants.json and docs/mutants.md.

With ``ONLY=ledger`` it tries one module and prints what survived.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

from mutants import of_python, of_sql
from mutants.equivalence import proofs, proven
from mutants.mutant import Mutant
from mutants.page import DOCS, MODULES, figures, page


def main(only: Sequence[str]) -> None:
    if only:
        survivors = [mutant for mutant in _tried(only) if not mutant.is_killed]
        declared = [proof for proof in proofs() if proof.module in only]
        shown = proven(survivors, declared)
        for mutant in (each for each in survivors if each not in shown):
            print(f"{mutant.module}\n  - {mutant.before}\n  + {mutant.after}")
        return
    mutants = list(_tried(MODULES))
    shown = proven([each for each in mutants if not each.is_killed], proofs())
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    body = figures(mutants, shown, head.stdout.strip())
    text = json.dumps(body, indent=1, ensure_ascii=False) + "\n"
    (DOCS / "figures" / "mutants.json").write_text(text, encoding="utf-8")
    (DOCS / "mutants.md").write_text(page(body), encoding="utf-8")


def _tried(modules: Sequence[str]) -> Iterator[Mutant]:
    yield from of_python.tried([module for module in modules if module != "sql"])
    if "sql" in modules:
        yield from of_sql.tried()


if __name__ == "__main__":
    main(sys.argv[1:])
