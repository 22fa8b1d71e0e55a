"""On exact tables every attack succeeds; on Leeward's none does better than its bound and than expected.

Every randomised test states FALSE_ALARM, the chance that it fails although all is well.
"""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest
from scipy.stats import chi2

from attacks import membership, reruns
from attacks.advantage import bound_by_epsilon, bound_by_rho
from attacks.campaign import Campaign
from attacks.figures import figures
from attacks.homes import run_sample_again
from attacks.likelihood import information
from attacks.page import TITLES, page
from metrics.measures import MEASURES

FALSE_ALARM = 1e-6  # of one attack in one test
NORMAL_FOR_DISCRETE = 0.005  # by how much whole-number noise may differ from a normal one in an advantage
ATTACKS = tuple(TITLES)
SINGLE = tuple(name for name in ATTACKS if name != "reconstruction")
CELL = ["measure", "period", "level", "group"]


def test_the_contributions_of_all_people_add_up_to_the_totals_that_were_drawn(campaign: Campaign) -> None:
    """The attacker's knowledge is true: all other people's x are the exact total less one's own."""
    agency = campaign.agency
    everybody = agency.cells(agency.people[["person", "period"]])
    found = everybody.groupby(CELL, as_index=False)["x"].sum()
    both = agency.totals.merge(found, on=CELL, how="left")
    assert (both["x"].fillna(0) == both["total"]).all()


def test_the_ledger_holds_these_totals_with_noise_of_the_signed_scales(campaign: Campaign) -> None:
    """So drawing from the frozen totals is the publication. A sum of squares, two-sided."""
    totals = campaign.agency.totals
    noise = (totals["published"] - totals["total"]) / totals["sigma"]
    statistic, cells = float((noise**2).sum()), len(noise)
    assert chi2.ppf(FALSE_ALARM / 2, cells) < statistic < chi2.isf(FALSE_ALARM / 2, cells)


def test_the_released_measurements_are_the_numbers_of_the_ledger(campaign: Campaign) -> None:
    """Those that are shown; how many are shown of a small agency hangs on the noise, and may be none."""
    rows = pd.read_csv(campaign.agency.root / "releases" / "latest" / "measurements.csv")
    entries = {m.seq: m.values for m in campaign.agency.records.measurements}
    assert len(rows)
    for row in rows.itertuples():
        if row.status == "shown":
            value = entries[row.ledger_entry][row.unit_id] / MEASURES[row.measure].quantity.scale
            assert row.noisy_total == pytest.approx(value, rel=1e-5)
        else:
            assert pd.isna(row.noisy_total)


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("kind", ["exact", "suppressed"])
def test_without_noise_the_attack_is_certain(campaign: Campaign, name: str, kind: str) -> None:
    """Leaving small groups out helps nobody: what is left out is in the totals above."""
    assert getattr(campaign.findings[name], kind).value == 1


def test_without_noise_hidden_counts_come_back_exactly(campaign: Campaign) -> None:
    details = campaign.findings["complementary-disclosure"].details
    assert details["recovered"] == details["hidden"] > 0


def test_exact_totals_are_reconstructed_better_than_by_a_coin(campaign: Campaign) -> None:
    """Which joiners are singled out, and how ties fall, varies with the pseudonyms; on the sample both limits
    lie more than five standard deviations below what is found."""
    found = campaign.findings["reconstruction"]
    assert found.exact.value > 0 and found.details["by_team_exact"] > 0.4


@pytest.mark.parametrize("name", ATTACKS)
def test_on_leewards_figures_no_attack_exceeds_its_bound(campaign: Campaign, name: str) -> None:
    found = campaign.findings[name]
    low, _ = found.leeward.interval(FALSE_ALARM)
    assert low <= found.at_most <= found.guessing + bound_by_rho(found.rho)


@pytest.mark.parametrize("name", SINGLE)
def test_on_leewards_figures_an_attack_reaches_what_theory_expects(campaign: Campaign, name: str) -> None:
    """Neither more, which would be a leak, nor less, which would be a poor attack."""
    found = campaign.findings[name]
    low, high = found.leeward.interval(FALSE_ALARM)
    assert found.expected is not None
    assert low - NORMAL_FOR_DISCRETE <= found.expected <= high + NORMAL_FOR_DISCRETE
    assert found.expected <= found.at_most


def test_the_bounds_are_those_of_what_was_signed(campaign: Campaign) -> None:
    agency = campaign.agency
    assert agency.rho() <= float(agency.policy.rho)
    promise = bound_by_epsilon(float(agency.policy.epsilon.value), float(agency.policy.delta.value))
    assert bound_by_rho(float(agency.policy.rho)) < promise


def test_the_worst_case_spends_the_whole_cap_of_every_item(campaign: Campaign) -> None:
    """Over a whole year it shows all that the plan allows, and no person of the true data shows more."""
    agency = campaign.agency
    worst = float(information(membership.evidence_of_the_worst_case(agency))[0])
    assert worst <= 2 * agency.rho()
    assert len(agency.months(agency.newest_year)) < 12 or worst == pytest.approx(2 * agency.rho(), rel=1e-6)
    assert information(membership.evidence_of_people(agency)).max() <= worst


def test_a_product_that_draws_anew_is_beaten_by_averaging(campaign: Campaign) -> None:
    """The attack works: what protects is that the ledger draws once."""
    runs = max(campaign.effort.runs)
    leaver = reruns.the_leaver(campaign.agency)
    should = reruns.expected_anew(leaver, runs)
    found = reruns.drawn_anew(campaign.agency, leaver, 200, [runs])[runs]
    low, high = found.interval(FALSE_ALARM)
    assert low - NORMAL_FOR_DISCRETE <= should <= high + NORMAL_FOR_DISCRETE
    assert should > campaign.findings["averaging"].at_most


@pytest.mark.campaign
@pytest.mark.parametrize("campaign", ["sample"], indirect=True)
def test_running_the_flow_again_changes_no_published_byte(campaign: Campaign) -> None:
    before = reruns.published_bytes(campaign.agency.root)
    assert run_sample_again(campaign.folder) == 0
    assert reruns.published_bytes(campaign.agency.root) == before


def test_the_error_of_a_subtraction_is_the_noise_of_what_was_subtracted(campaign: Campaign) -> None:
    """A sum of squares over a few cells, two-sided."""
    agency, details = campaign.agency, campaign.findings["complementary-disclosure"].details
    cells = agency.totals[agency.totals["measure"] == "absent_people"]
    newest = cells[cells["period"] == max(agency.months(agency.newest_year))]
    top, below = agency.policy.levels[:2]
    siblings = int((newest["level"] == below).sum()) - 1
    sigma = newest.groupby("level")["sigma"].first()
    deviation = math.sqrt(sigma[top] ** 2 + siblings * sigma[below] ** 2)
    statistic = details["hidden"] * (details["error"] / deviation) ** 2
    assert (
        chi2.ppf(FALSE_ALARM / 2, details["hidden"])
        < statistic
        < chi2.isf(FALSE_ALARM / 2, details["hidden"])
    )


def test_figures_and_page_of_a_campaign_name_nobody(campaign: Campaign) -> None:
    body = figures(campaign.agency, campaign.findings.values(), runs_of_the_flow=1)
    text = json.dumps(body) + page(body)
    assert not [person for person in set(campaign.agency.places["person"]) if person in text]
