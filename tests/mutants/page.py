"""docs/mutants.md and its figures, from what became of every mutant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mutants.mutant import TIMEOUT, Mutant

DOCS = Path(__file__).parents[2] / "docs"
MODULES = ("accounting", "bounding", "forgetting", "groups", "ledger", "mechanism", "verify", "sql")
TEMPLATE = Path(__file__).with_name("mutants.template.md")


def figures(mutants: Sequence[Mutant], shown: Mapping[Mutant, str], commit: str) -> dict[str, Any]:
    """Counts by module, and every survivor with the proof that it is equivalent, if there is one.

    ``commit`` is the one that was tried: lines may have changed since.
    """
    survivors = [each for each in mutants if not each.is_killed]
    return {
        "command": "make mutants",
        "commit": commit,
        "rows": [
            _counts(name, chosen, shown)
            for name in MODULES
            if (chosen := [mutant for mutant in mutants if mutant.module == name])
        ],
        "survivors": [
            {"module": m.module, "before": m.before, "after": m.after, "proof": shown.get(m, "")}
            for m in survivors
        ],
    }


def _counts(module: str, mutants: Sequence[Mutant], shown: Mapping[Mutant, str]) -> dict[str, Any]:
    survivors = [each for each in mutants if not each.is_killed]
    equivalent = sum(each in shown for each in survivors)
    return {
        "module": module,
        "mutants": len(mutants),
        "killed": len(mutants) - len(survivors),
        "timeout": sum(each.outcome == TIMEOUT for each in mutants),
        "equivalent": equivalent,
        "survived": len(survivors) - equivalent,
    }


def page(body: Mapping[str, Any]) -> str:
    """The whole page."""
    survivors = [each for each in body["survivors"] if not each["proof"]]
    equivalent = [each for each in body["survivors"] if each["proof"]]
    words = {
        "survivors": _list(survivors) or "None.",
        "equivalent": _list(equivalent) or "None.",
        "table": _table(body["rows"]),
        "commit": body["commit"],
    }
    return TEMPLATE.read_text(encoding="utf-8").format(**words)


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    lines = [
        "| module | mutants | killed | of them by not ending | equivalent | survived | killed of the rest |"
    ]
    lines.append("|---|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        share = row["killed"] / (row["mutants"] - row["equivalent"])
        counts = (row[key] for key in ("mutants", "killed", "timeout", "equivalent", "survived"))
        lines.append(f"| {row['module']} | {' | '.join(f'{n:,}' for n in counts)} | {100 * share:.1f} % |")
    return "\n".join(lines)


def _list(survivors: Sequence[Mapping[str, str]]) -> str:
    """One block a survivor, those of one module and proof together."""
    blocks: dict[tuple[str, str], list[str]] = {}
    for each in survivors:
        lines = [f"- {each['before']}", f"+ {each['after']}"]
        blocks.setdefault((each["module"], each["proof"]), []).extend(lines)
    return "\n\n".join(
        "\n".join([f"**{module}**{f': {proof}' * bool(proof)}", "", "```diff", *lines, "```"])
        for (module, proof), lines in blocks.items()
    )
