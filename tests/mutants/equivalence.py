"""Which survivors change nothing, with the proof of each, from ``equivalent.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutants.mutant import Mutant

DECLARED = Path(__file__).with_name("equivalent.toml")
SQL = re.compile(r"\b(select|insert into|delete from|pragma|begin|commit|rollback)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Proof:
    """Why a change changes nothing, in a line."""

    module: str
    before: str
    after: str
    proof: str

    def covers(self, mutant: Mutant) -> bool:
        return (self.module, self.before, self.after) == (mutant.module, mutant.before, mutant.after)


def is_case_of_sql(mutant: Mutant) -> bool:
    """Whether a mutant only writes a statement, or a name in one, in other letters.

    SQL knows no case outside quotes, neither in keywords nor in names of tables and of parameters.
    """
    if mutant.before.casefold() != mutant.after.casefold():
        return False
    quoted = re.compile("'[^']*'")
    if SQL.search(mutant.before):
        return quoted.findall(mutant.before) == quoted.findall(mutant.after)
    return mutant.module == "bounding" and _outside_names(mutant.before) == _outside_names(mutant.after)


def _outside_names(line: str) -> str:
    """A line of ``bounding`` without the names of parameters and of tables that stand alone in it."""
    return re.sub(r'"[A-Za-z_]+"(?=:)|(?<=\bin \().*(?=\):)', "", line)


def proofs() -> tuple[Proof, ...]:
    """Every declared proof."""
    document = tomllib.loads(DECLARED.read_text(encoding="utf-8"))
    return tuple(Proof(**entry) for entry in document["mutant"])


def proven(survivors: Iterable[Mutant], declared: Iterable[Proof]) -> Mapping[Mutant, str]:
    """The survivors that are proven to change nothing, each with its proof.

    Raises:
        SystemExit: a proof is of no survivor, so it is out of date.
    """
    found = list(survivors)
    shown = {each: "SQL knows no case outside quotes" for each in found if is_case_of_sql(each)}
    for proof in declared:
        covered = [each for each in found if proof.covers(each)]
        if not covered:
            raise SystemExit(f"equivalent.toml proves what no survivor is: {proof.module}, {proof.after}")
        shown |= dict.fromkeys(covered, proof.proof)
    return shown
