"""Faults that a hostile reader found after the first release stood: each stays closed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from metrics.estimates import estimate_leaves
from metrics.organisation import parse_register
from metrics.planner import propose
from privacy.errors import BadPolicy
from privacy.groups import Unit, plan_groups
from privacy.periods import BudgetYear
from privacy.policy import read_policy

ROOT = Path(__file__).parents[2]
HEADINGS = "unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id\n"
YEAR = BudgetYear.parse("2026-01", starts=1)


def test_a_year_of_9999_means_until_further_notice() -> None:
    register = parse_register(HEADINGS + "O,All,,50,x,2026-01-01,9999-12-31,\n", ("organisation",))
    assert register.rows[0].valid_to is None and register.starts == (date(2026, 1, 1),)


def test_a_register_whose_rows_all_end_together_is_read() -> None:
    register = parse_register(HEADINGS + "O,All,,50,x,2026-01-01,2026-12-31,\n", ("organisation",))
    assert register.starts == (date(2026, 1, 1),)


def test_an_indicator_that_the_policy_does_not_name_is_not_published(tmp_path: Path) -> None:
    """Head counts are always measured; a policy may still not ask for them to be shown."""
    text = (ROOT / "pipelines" / "templates" / "policy.toml").read_text(encoding="utf-8")
    start, end = text.index("[indicators.head_count]"), text.index("[indicators.turnover]")
    (tmp_path / "policy.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    policy = read_policy(tmp_path / "policy.toml")
    register = parse_register(
        (ROOT / "pipelines" / "templates" / "register.csv").read_text(encoding="utf-8"), policy.levels
    )
    proposal = propose(policy, register, YEAR)
    assert "employed" in {item.measure for item in proposal.plan.items}
    assert "head_count" not in {promise.indicator for promise in proposal.promises}


def test_a_centre_without_a_base_is_refused(tmp_path: Path) -> None:
    text = (ROOT / "pipelines" / "templates" / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(text.replace("[measures.left]", "[measures.left]\ncentre = 1", 1))
    policy = read_policy(tmp_path / "policy.toml")
    register = parse_register(HEADINGS + "O,All,,90,x,2026-01-01,,\n", policy.levels)
    with pytest.raises(BadPolicy, match="no 'centre'"):
        propose(policy, register, YEAR)


def test_posts_do_not_pull_a_group_that_has_none_and_little_where_they_are_far_off() -> None:
    units = (Unit("O", "All", None, 0, "x"), Unit("A", "A", "O", 12, "x"), Unit("B", "B", "O", 60, "x"))
    tree = plan_groups(units, ("organisation", "division"), 10)
    sigmas = (("organisation", 6), ("division", 6))
    true = {"O": 103, "A": 18, "B": 60, "O:direct": 25}
    leaves = estimate_leaves(tree, sigmas, true, tolerance=0.15)
    found = dict(zip((leaf.id for leaf in tree.leaves), leaves.mean, strict=True))
    assert found["O:direct"] == pytest.approx(25, abs=2) and found["A"] == pytest.approx(18, abs=4)
