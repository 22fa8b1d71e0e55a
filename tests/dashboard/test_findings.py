"""A change is told once, in the deepest units that account for it."""

from __future__ import annotations

from dashboard.findings import Change, Unit, differing

UNITS = (
    Unit("ORG", "Agency", "", "organisation", 400),
    Unit("A", "Crisis", "ORG", "division", 100),
    Unit("A1", "Crisis one", "A", "programme", 50),
    Unit("A2", "Crisis two", "A", "programme", 50),
    Unit("B", "Family", "ORG", "division", 300),
)


def change(unit: str, indicator: str, by: float, words: str = "very likely real", probability=0.98) -> Change:
    name = next(each.name for each in UNITS if each.id == unit)
    return Change(unit, name, indicator, 5.0, 5.0 + by, by, by - 1, by + 1, "%", 12, probability, words)


def named(*changes: Change) -> list[tuple[str, str]]:
    return [(each.lead.unit_id, each.lead.indicator) for each in differing(changes, UNITS)]


def test_the_division_is_named_in_place_of_the_organisation_it_moved() -> None:
    assert named(change("ORG", "absence_rate", 2.0), change("A", "absence_rate", 8.0)) == [
        ("A", "absence_rate")
    ]


def test_the_organisation_is_named_when_the_division_does_not_account_for_it() -> None:
    found = named(change("ORG", "absence_rate", 6.0), change("A", "absence_rate", 8.0))
    assert found == [("ORG", "absence_rate")]


def test_one_programme_of_a_division_that_moved_as_a_whole_is_not_singled_out() -> None:
    found = named(change("A", "exposure_hours", 10.0), change("A1", "exposure_hours", 8.0))
    assert found == [("A", "exposure_hours")]


def test_a_change_in_most_programmes_is_told_once_of_their_division() -> None:
    parts = (change("A1", "exposure_hours", 8.0), change("A2", "exposure_hours", 9.0))
    assert named(change("A", "exposure_hours", 10.0), *parts) == [("A", "exposure_hours")]


def test_one_programme_that_accounts_for_its_division_is_named_in_its_place() -> None:
    found = named(change("A", "exposure_hours", 10.0), change("A1", "exposure_hours", 19.0))
    assert found == [("A1", "exposure_hours")]


def test_opposite_directions_are_different_stories() -> None:
    found = named(change("ORG", "absence_rate", 2.0), change("B", "absence_rate", -3.0))
    assert set(found) == {("ORG", "absence_rate"), ("B", "absence_rate")}


def test_what_could_be_chance_is_never_told() -> None:
    assert named(change("A", "absence_rate", 8.0, "could be chance", 0.5)) == []


def test_voluntary_and_all_turnover_are_one_story_led_by_all() -> None:
    found = differing(
        [change("A", "voluntary_turnover", 3.0, probability=0.99), change("A", "turnover", 3.0)], UNITS
    )
    assert [(f.lead.indicator, [a.indicator for a in f.also]) for f in found] == [
        ("turnover", ["voluntary_turnover"])
    ]


def test_the_strongest_story_comes_first() -> None:
    weak = change("A", "turnover", 3.0, "likely real", 0.85)
    assert named(weak, change("B", "absence_rate", 3.0))[0] == ("B", "absence_rate")
