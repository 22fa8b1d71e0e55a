"""What the planner proposes: within the budget whatever is asked for, and the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from quarterly import with_targets
from tiny_agency import POLICY, REGISTER

from metrics.organisation import parse_register
from metrics.planner import Proposal, propose
from pipelines.verbs.plan_table import plan_lines
from privacy.periods import BudgetYear
from privacy.policy import read_policy

BOTH = "{ organisation = 30, division = 60 }"
YEAR = BudgetYear.parse("2026-01", starts=1)


def proposed(folder: Path, text: str) -> tuple[Proposal, list[str]]:
    """The proposal for a policy, and what an analyst reads of it."""
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    policy = read_policy(folder / "policy.toml")
    proposal = propose(policy, parse_register(REGISTER, policy.levels), YEAR)
    assert proposal.plan.rho.value <= policy.rho.value
    return proposal, list(plan_lines(policy, proposal))


@pytest.mark.parametrize("divisions", ['"0.001"', '"0.05"'])
def test_targets_that_no_budget_meets_are_said_to_be_missed_within_the_budget(
    tmp_path: Path, divisions: str
) -> None:
    text = with_targets(POLICY, "turnover", month=f"{{ organisation = 20, division = {divisions} }}")
    proposal, lines = proposed(tmp_path, text)
    assert not proposal.is_met and any(line.startswith("Missed: Turnover") for line in lines)
    assert proposal.needed is None
    assert any(line.startswith("No epsilon would meet all of them") for line in lines)


def test_targets_that_a_larger_budget_meets_say_how_large_it_would_be(tmp_path: Path) -> None:
    text = with_targets(POLICY, "turnover", month="{ organisation = 5, division = 5 }")
    proposal, lines = proposed(tmp_path, text)
    (said,) = (line for line in lines if line.startswith("Meeting all of them would take about ε = "))
    enough = 1.02 * float(said.split()[-1].rstrip("."))
    larger, _ = proposed(tmp_path, text.replace('epsilon = "4"', f'epsilon = "{enough:.2f}"'))
    assert max(promise.shortfall for promise in proposal.promises) > 1
    assert max(promise.shortfall for promise in larger.promises) <= 1


def test_the_same_plan_comes_out_in_every_process(tmp_path: Path) -> None:
    """Two signers sign one plan: it may not hang on the order in which a process walks through a set."""
    text = POLICY
    for name in ("head_count", "turnover", "absence_rate"):
        text = with_targets(text, name, month="{ organisation = 30 }", quarter=BOTH)
    here, _ = proposed(tmp_path, text)
    (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
    script = (
        "from pathlib import Path; from metrics.organisation import parse_register; "
        "from metrics.planner import propose; from privacy.periods import BudgetYear; "
        "from privacy.policy import read_policy; policy = read_policy(Path('policy.toml')); "
        "register = parse_register(Path('register.csv').read_text(), policy.levels); "
        "print(propose(policy, register, BudgetYear.parse('2026-01', starts=1)).plan)"
    )
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == str(here.plan)
