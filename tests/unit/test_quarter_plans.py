"""Plans with quarterly targets: which items, how they are bounded, and what they promise."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from quarterly import with_targets, without

from metrics.drafts import Depths
from metrics.measures import MEASURES
from metrics.organisation import parse_register
from metrics.planner import Proposal, propose
from metrics.rules import ReadingRules
from privacy.periods import BudgetYear, Cadence
from privacy.plan import PlanItem
from privacy.policy import Policy, read_policy

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
TOP, DIVISIONS = "{ organisation = 10 }", "{ organisation = 10, division = 20 }"
PROGRAMMES = "{ organisation = 10, division = 20, programme = 40 }"
MONTH, QUARTER = Cadence.MONTH, Cadence.QUARTER


@pytest.fixture(scope="module")
def sample() -> str:
    """The sample's policy with every indicator by the month to the divisions, but for exposure."""
    text = (SAMPLE / "policy.toml").read_text(encoding="utf-8")
    for name in read_policy(SAMPLE / "policy.toml").indicators:
        text = with_targets(text, name, month=DIVISIONS)
    return with_targets(text, "exposure_hours", month=TOP, quarter=PROGRAMMES)


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def reading(text: str) -> Policy:
        (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
        return read_policy(tmp_path / "policy.toml")

    return reading


def proposed(policy: Policy, year: str = "2025-07", starts: int = 7) -> Proposal:
    register = parse_register((SAMPLE / "register.csv").read_text(encoding="utf-8"), policy.levels)
    return propose(policy, register, BudgetYear.parse(year, starts=starts))


def depths(policy: Policy) -> dict[tuple[str, Cadence], int]:
    """What is drawn where quarters have items of their own only where the months do not reach."""
    found = Depths.of(policy)
    return {draft: len(item.levels) for draft, item in found.drafts(policy, found.usual_quarters).items()}


def test_a_measure_is_drawn_by_the_quarter_only_where_the_months_do_not_reach(read, sample) -> None:
    found = depths(read(sample))
    assert found["exposure_hours", QUARTER] == found["employed", QUARTER] == 3
    assert found["exposure_hours", MONTH] == 1 and found["employed", MONTH] == 2
    assert {name for name, cadence in found if cadence is QUARTER} == {"exposure_hours", "employed"}


def test_months_that_reach_as_deep_as_the_quarterly_target_spare_the_quarterly_item(read, sample) -> None:
    both = with_targets(sample, "exposure_hours", month=PROGRAMMES, quarter=PROGRAMMES)
    assert not [draft for draft in depths(read(both)) if draft[1] is QUARTER]


@pytest.mark.slow
def test_a_policy_may_ask_for_quarters_alone(read, sample) -> None:
    text = sample
    for name in read(sample).indicators:
        text = with_targets(text, name, quarter=PROGRAMMES)
    policy = read(text)
    assert {cadence for _, cadence in depths(policy)} == {QUARTER}
    proposal = proposed(policy)
    assert {promise.window for promise in proposal.promises} == {3, 12}
    assert proposal.plan.rho.value <= policy.rho.value


@pytest.mark.parametrize("absence", [PROGRAMMES, ""])
def test_who_was_cut_is_counted_by_the_cadence_of_the_item_that_is_cut(read, sample, absence: str) -> None:
    """Without a quarterly absence item that reaches as deep there is no charge of a quarter to look at."""
    text = with_targets(sample, "absence_cut", month=TOP, quarter=DIVISIONS)
    found = depths(read(with_targets(text, "absence_rate", month=DIVISIONS, quarter=absence)))
    if absence:
        assert found["absence_cut", QUARTER] == 2 and found["absence_cut", MONTH] == 1
    else:
        assert ("absence_cut", QUARTER) not in found and found["absence_cut", MONTH] == 2


@pytest.fixture(scope="module")
def items(sample, tmp_path_factory) -> dict[tuple[str, Cadence], PlanItem]:  # type: ignore[no-untyped-def]
    """Drafts of every measure by the month and, deeper, by the quarter."""
    path = tmp_path_factory.mktemp("both") / "policy.toml"
    path.write_text(sample, encoding="utf-8")
    for name in read_policy(path).indicators:
        sample = with_targets(sample, name, month=DIVISIONS, quarter=PROGRAMMES)
    path.write_text(sample, encoding="utf-8")
    policy = read_policy(path)
    return Depths.of(policy).drafts(policy, frozenset(MEASURES))


@pytest.mark.parametrize("name", MEASURES)
def test_bounds_of_a_quarter_are_thrice_a_months_for_flows_and_the_same_for_all_else(
    items, name: str
) -> None:
    month, quarter = items[name, MONTH], items[name, QUARTER]
    flows = {"left", "left_voluntarily", "scheduled_hours", "absent_hours", "absent_people", "exposure_hours"}
    times = 3 if name in flows else 1
    assert (quarter.highest, quarter.half_width) == (times * month.highest, times * month.half_width)
    assert dict(quarter.centre) == {line: times * centre for line, centre in month.centre}
    over = 3 if name == "over_exposure_standard" else 1
    assert dict(quarter.standard) == {line: over * standard for line, standard in month.standard}
    assert (quarter.base, quarter.version) == (month.base, month.version)


@pytest.mark.parametrize("name", MEASURES)
def test_a_quarters_cap_lets_through_what_three_months_caps_do_and_else_no_quarter_can_be_cut(
    items, name: str
) -> None:
    """Three months at once square to three times as much; whom one month can fill the cap for, it stays."""
    month, quarter = items[name, MONTH], items[name, QUARTER]
    if month.cap_squared == 12 * month.half_width**2:
        assert quarter.cap_squared == 4 * quarter.half_width**2
    elif month.highest**2 < month.cap_squared:
        assert 3 * month.cap_squared <= quarter.cap_squared
        assert (math.isqrt(quarter.cap_squared) - 1) ** 2 < 3 * month.cap_squared
    else:
        assert quarter.cap_squared == month.cap_squared


def test_the_policy_may_say_the_cap_of_a_quarterly_measure(read, sample) -> None:
    text = with_targets(sample, "absence_rate", month=TOP, quarter=PROGRAMMES)
    policy = read(text.replace("yearly_cap = 150", "yearly_cap = 150\nyearly_cap_by_quarter = 200", 1))
    drafts = Depths.of(policy).drafts(policy, frozenset({"absent_hours"}))
    assert drafts["absent_hours", QUARTER].cap_squared == (4 * 200) ** 2


def test_the_plan_keeps_within_the_budget_and_promises_each_target_by_name(read, sample) -> None:
    policy = read(sample)
    proposal = proposed(policy)
    assert proposal.plan.rho.value <= policy.rho.value
    targets = {(p.indicator, p.window, p.level): p.target for p in proposal.promises}
    assert targets["exposure_hours", 3, "programme"] == 40
    assert targets["exposure_hours", 1, "organisation"] == targets["exposure_hours", 3, "organisation"] == 10
    assert targets["exposure_hours", 12, "programme"] is None
    assert ("exposure_hours", 1, "programme") not in targets


def test_a_tighter_quarterly_target_takes_noise_from_what_tells_the_quarter(read, sample) -> None:
    tight = with_targets(sample, "exposure_hours", month=TOP, quarter=PROGRAMMES.replace("40", "4"))
    sigmas = [
        min(item.sigma["programme"] for item in proposed(read(text)).plan.items
            if item.measure == "exposure_hours" and "programme" in item.levels)
        for text in (sample, tight)
    ]  # fmt: skip
    assert sigmas[1] < sigmas[0]


@pytest.mark.parametrize(("year", "starts"), [("2025-02", 2), ("2025-03", 3), ("2025-01", 1)])
def test_a_budget_year_that_does_not_begin_with_a_quarter_is_rehearsed_to_its_last_quarter(
    read, sample, year: str, starts: int
) -> None:
    text = sample.replace("year_starts = 7", f"year_starts = {starts}")
    promises = proposed(read(text), year, starts).promises
    programme = [p for p in promises if (p.indicator, p.level) == ("exposure_hours", "programme")]
    assert {p.window for p in programme} == {3, 12} and all(p.shown for p in programme)


def test_rules_signed_with_a_plan_read_back_with_their_quarters(read, sample) -> None:
    policy = read(sample)
    rules = ReadingRules.of(policy)
    assert ReadingRules.from_signed(rules.signed(policy)) == rules
    windows = {i.id: rules.windows(i) for i in rules.indicators}
    assert windows["exposure_hours"] == (1, 3, 12) and windows["turnover"] == (1, 12)
    assert windows["absence_cut"] == (12,) and windows["head_count"] == (1,)
    assert (
        rules.target("exposure_hours", 3, "programme") == 40
        and rules.target("turnover", 3, "division") is None
    )


def test_rules_signed_before_there_were_quarters_are_read(read, sample) -> None:
    policy = read(with_targets(sample, "exposure_hours", month=TOP))
    body = ReadingRules.of(policy).signed(policy)
    body["reading"].pop("quarter_targets")
    assert ReadingRules.from_signed(body).windows(ReadingRules.of(policy).indicators[0]) == (1,)


def test_a_measure_needed_by_a_quarterly_target_alone_must_have_its_rule(read, sample) -> None:
    from privacy.errors import BadPolicy

    text = without(
        with_targets(sample, "over_exposure_standard", quarter=DIVISIONS), "measures.over_exposure_standard"
    )
    with pytest.raises(BadPolicy, match=r"needs \[measures.over_exposure_standard\]"):
        proposed(read(text))
