"""The policy file: what is read, and one sentence for everything that is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from signatories import public_key

from metrics.organisation import parse_register
from metrics.planner import propose
from privacy.errors import BadPolicy
from privacy.periods import BudgetYear, Cadence
from privacy.policy import Policy, read_policy

GOOD = """
[organisation]
name = "Testers"
levels = ["organisation", "division"]
[register]
document = "Board paper"
posts_tolerance = "0.15"
[budget]
epsilon = "4"
delta = "1e-6"
reserve_share = "0.1"
year_starts = 7
[release]
minimum_group = 10
lag_days = 35
[signing]
plan = 1
[measures.employed]
highest = 1
half_width = 1
source = "by definition"
[indicators.head_count]
target_margin = { organisation = 45 }
blank_above = { month = 60, year = "60.5" }
"""
REGISTER = """unit_id,name,parent_id,authorised_posts,service_line,valid_from,valid_to,successor_id
O,Whole,,0,x,2020-01-01,,
A,Division A,O,50,x,2020-01-01,,
"""
Read = Callable[[str], Policy]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str) -> Policy:
        path = tmp_path / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return read_policy(path)

    return reading


def test_a_policy_is_read_exactly(read: Read) -> None:
    policy = read(GOOD)
    assert policy.levels == ("organisation", "division")
    assert policy.posts_tolerance == Fraction(3, 20)
    assert Fraction("0.31106") <= policy.rho.value < Fraction("0.31107")
    assert policy.reserve.value <= policy.rho.value / 10
    assert policy.turnover_denominator == "mean_of_month_ends"


@pytest.mark.parametrize("kept", ["", "target_margin = { organisation = 45 }\n"])
def test_an_indicator_may_be_wanted_by_the_quarter_beside_the_month_or_alone(read: Read, kept: str) -> None:
    wanted = "target_quarter = { organisation = 30, division = 40 }"
    text = GOOD.replace("target_margin = { organisation = 45 }\n", f"{kept}{wanted}\n")
    rule = read(text.replace("month = 60,", 'month = 60, quarter = "50.5",')).indicators["head_count"]
    assert rule.wanted(Cadence.QUARTER) == (("organisation", 30.0), ("division", 40.0))
    assert rule.wanted(Cadence.MONTH) == ((("organisation", 45.0),) if kept else ())
    assert (rule.blank_above_month, rule.blank_above_quarter, rule.blank_above_year) == (60, 50.5, 60.5)


def test_any_change_of_the_file_changes_the_fingerprint(read: Read) -> None:
    assert read(GOOD).fingerprint != read(GOOD + "# a remark\n").fingerprint


CHANGES = {
    "unknown key at the top": ("[organisation]", "colour = 1\n[organisation]"),
    "unknown table": ("[measures.employed]", "[extras]\n[measures.employed]"),
    "unknown key in a table": ("year_starts = 7", "year_starts = 7\ncolour = 1"),
    "unknown key in a measure": ("highest = 1", "highest = 1\ncolour = 1"),
    "unknown level in a target": ("organisation = 45", "organisation = 45, team = 4"),
    "missing key": ("minimum_group = 10", ""),
    "missing table": ("[release]", "[released]"),
    "epsilon zero": ('epsilon = "4"', 'epsilon = "0"'),
    "epsilon negative": ('epsilon = "4"', 'epsilon = "-4"'),
    "epsilon infinite": ('epsilon = "4"', 'epsilon = "inf"'),
    "epsilon no number": ('epsilon = "4"', 'epsilon = "nan"'),
    "epsilon beyond all bounds": ('epsilon = "4"', 'epsilon = "1e400"'),
    "epsilon as a bare number": ('epsilon = "4"', "epsilon = 4"),
    "epsilon as a float": ('epsilon = "4"', "epsilon = inf"),
    "delta zero": ('delta = "1e-6"', 'delta = "0"'),
    "delta too large": ('delta = "1e-6"', 'delta = "0.5"'),
    "delta too small to compute with": ('delta = "1e-6"', 'delta = "1e-400"'),
    "reserve of everything": ('reserve_share = "0.1"', "reserve_share = 1"),
    "reserve below nothing": ('reserve_share = "0.1"', 'reserve_share = "-0.1"'),
    "a thirteenth month": ("year_starts = 7", "year_starts = 13"),
    "a truth for a number": ("year_starts = 7", "year_starts = true"),
    "a group of one": ("minimum_group = 10", "minimum_group = 1"),
    "negative lag": ("lag_days = 35", "lag_days = -1"),
    "a float": ('posts_tolerance = "0.15"', "posts_tolerance = 0.15"),
    "levels twice": ('["organisation", "division"]', '["organisation", "organisation"]'),
    "no levels": ('["organisation", "division"]', "[]"),
    "cap and half width": ("half_width = 1", "half_width = 1\nyearly_cap = 1"),
    "neither cap nor half width": ("half_width = 1", ""),
    "half width zero": ("half_width = 1", "half_width = 0"),
    "half width no number": ("half_width = 1", 'half_width = "nan"'),
    "highest zero": ("highest = 1", "highest = 0"),
    "unknown cadence": ("highest = 1", 'highest = 1\ncadence = "week"'),
    "centre without any line": ("highest = 1", "highest = 1\ncentre = { crisis = 3 }"),
    "no source": ('source = "by definition"', 'source = " "'),
    "target leaves out the top": ("organisation = 45", "division = 45"),
    "margin zero": ("organisation = 45", "organisation = 0"),
    "margin beyond all bounds": ("month = 60", 'month = "1e400"'),
    "no target at all": ("target_margin = { organisation = 45 }\n", ""),
    "a limit for quarters without a target": ("month = 60,", "month = 60, quarter = 60,"),
    "a quarterly target without its limit": ("target_margin", "target_quarter"),
    "quarterly target leaves out the top": ("target_margin = { organisation", "target_quarter = { division"),
    "quarterly target of an unknown level": (
        "target_margin = { organisation = 45 }",
        "target_quarter = { organisation = 45, team = 4 }",
    ),
    "quarterly margin zero": (
        "target_margin = { organisation = 45 }\nblank_above = {",
        "target_quarter = { organisation = 0 }\nblank_above = { quarter = 60,",
    ),
    "empty target": ("{ organisation = 45 }", "{}"),
    "unknown denominator": ("lag_days = 35", 'lag_days = 35\nturnover_denominator = "mean"'),
    "nothing measured": ("[measures.employed]\nhighest = 1\nhalf_width = 1\n", "[measures]\n"),
    "no TOML": ("[budget]", "[budget"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_policy_that_asks_for_what_cannot_be_promised_is_refused_in_a_sentence(
    case: str, read: Read
) -> None:
    before, after = CHANGES[case]
    assert before in GOOD
    with pytest.raises(BadPolicy) as refused:
        read(GOOD.replace(before, after, 1))
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_missing_or_unreadable_policy_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="no policy"):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadPolicy, match="UTF-8"):
        read_policy(tmp_path / "odd.toml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("highest = 1", 'highest = "1e400"'),
        ("highest = 1", 'highest = 1\ncentre = "1e30"'),
        ("half_width = 1", 'half_width = "1e9"'),
        ("highest = 1", 'highest = "0.3"'),
        ("highest = 1", 'highest = 1\ncadence = "quarter"'),
    ],
)
def test_bounds_that_cannot_be_measured_are_refused_when_planning(
    before: str, after: str, read: Read
) -> None:
    """And so before anything is signed or charged: what the policy says is planned, or else refused."""
    register = parse_register(REGISTER, read(GOOD).levels)
    with pytest.raises(BadPolicy):
        policy = read(GOOD.replace(before, after, 1))
        propose(policy, register, BudgetYear.parse("2025-07", starts=7))


ONE, TWO = public_key("One"), public_key("Two")
SIGNERS = [
    (f'"One" = "{ONE}"\n"Two" = "{ONE}"', "the same key"),
    ('"One" = "One Person"', "OpenSSH public key"),
    ('"One" = 5', "text in quotes"),
]


@pytest.mark.parametrize(("lines", "words"), SIGNERS, ids=range(len(SIGNERS)))
def test_signers_without_a_key_of_their_own_are_refused(read: Read, lines: str, words: str) -> None:
    with pytest.raises(BadPolicy, match=words):
        read(f"{GOOD}\n[signing.signers]\n{lines}\n")


def test_a_signer_is_their_key_whatever_comment_stands_behind_it(read: Read) -> None:
    policy = read(f'{GOOD}\n[signing.signers]\n"Two, HR" = "{TWO}"\n"One" = "{ONE} one@desk"\n')
    assert policy.signers.to_json()["signers"] == {"One": ONE, "Two, HR": TWO}
    assert (policy.signers.plan, policy.signers.release) == (1, 0)


@pytest.mark.parametrize("line", ["plan = 0", "plan = 10", "release = -1", 'plan = "1"'])
def test_how_many_must_sign_is_a_whole_number_within_reason(read: Read, line: str) -> None:
    changed = GOOD.replace("plan = 1", line if line.startswith("plan") else f"plan = 1\n{line}")
    with pytest.raises(BadPolicy, match="whole number"):
        read(changed)
