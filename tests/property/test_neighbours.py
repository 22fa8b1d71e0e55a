"""The proof as tests: two agencies one person apart, from their exports to every byte that is published.

The noise is replaced by a vector that does not depend on the totals; then nothing that leaves the
protected zone may differ at all, and what the mechanism is given may differ by the cap and no more.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from adversaries import PERSONS, STORY
from fixed_vector import FixedVector
from published import KEY, Published, largest_change, publish

from pipelines.pseudonyms import Pseudonyms
from privacy.accounting import Rho
from privacy.mechanism import DiscreteGaussian
from privacy.periods import Cadence

FAST = ("alone in a division", "corrected")
GONE = [pytest.param(person, marks=() if person in FAST else pytest.mark.slow) for person in PERSONS]
WITHOUT_ANY_CHARGE = {"in no export but the absences"}
NOISY = {
    "noisy_total",
    "estimate",
    "deviation",
    "value",
    "low",
    "high",
    "status",
    "reason",
    "method",
    "ledger_entries",
}
PublishedWithout = Callable[[str], Published]


class Shifted(FixedVector):
    """Adds the totals to the fixed vector."""

    def draw(self, totals: Sequence[int], *, cap_squared: int, sigma: int, signed: Rho) -> list[int]:
        fixed = super().draw(totals, cap_squared=cap_squared, sigma=sigma, signed=signed)
        return [value + total for value, total in zip(fixed, totals, strict=True)]


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> PublishedWithout:
    """The story published without a person, or with everybody where none is named; once each."""

    @cache
    def published(person: str) -> Published:
        return publish(tmp_path_factory.mktemp("agency"), STORY, FixedVector(), without=person)

    return published


@pytest.fixture(scope="module")
def whole(without: PublishedWithout) -> Published:
    return without("")


@pytest.mark.parametrize("gone", GONE)
def test_every_byte_outside_the_protected_zone_is_the_same_without_any_one_person(
    whole: Published, without: PublishedWithout, gone: str
) -> None:
    rest = without(gone)
    assert rest.outside.keys() == whole.outside.keys()
    assert [name for name in whole.outside if whole.outside[name] != rest.outside[name]] == []


@pytest.mark.parametrize("gone", GONE)
def test_nobody_elses_charges_change_without_any_one_person(
    whole: Published, without: PublishedWithout, gone: str
) -> None:
    pseudonym = Pseudonyms(KEY).of(gone)
    assert (pseudonym in whole.charged) == (gone not in WITHOUT_ANY_CHARGE)
    kept = {person: rows for person, rows in whole.charged.items() if person != pseudonym}
    assert without(gone).charged == kept


@pytest.mark.parametrize("gone", GONE)
def test_over_every_twelve_months_the_totals_of_each_item_and_level_change_by_at_most_the_cap(
    whole: Published, without: PublishedWithout, gone: str
) -> None:
    rest, changes = without(gone), []
    for item in whole.items:
        for level in item.levels:
            changes.append(largest_change(item, level, whole.totals, rest.totals))
            assert changes[-1] <= item.cap_squared
    assert any(changes) == (gone not in WITHOUT_ANY_CHARGE)


@pytest.mark.slow
def test_the_order_in_which_persons_lie_in_the_files_changes_nothing(
    whole: Published, tmp_path: Path
) -> None:
    """Their lines dealt out in turn, the persons in reverse: each person's own lines keep their order."""
    dealt = publish(tmp_path, STORY, FixedVector(), interleaved=True)
    assert (dealt.charged, dealt.totals, dealt.outside) == (whole.charged, whole.totals, whole.outside)


@pytest.mark.slow
def test_the_comparison_would_notice_a_person_if_the_noise_did_not_hide_them(
    whole: Published, tmp_path: Path
) -> None:
    """With answers that do depend on the totals, every kind of file but the metadata differs."""
    here, there = (
        publish(tmp_path / name, STORY, Shifted(), without=name).outside for name in ("nobody", "corrected")
    )
    assert here.keys() == there.keys() == whole.outside.keys()
    changed = {Path(name).name for name in here if here[name] != there[name]}
    assert {
        "ledger.jsonl",
        "witness",
        "measurements.csv",
        "indicators.parquet",
        "certificate.json",
    } <= changed


def test_the_story_is_as_awkward_as_it_says(whole: Published) -> None:
    """Caps bind to the last whole number, both registers and two quarters are measured, cells are blank."""
    (absent,) = {item for item in whole.items if item.measure == "absent_hours"}
    rows = [row for rows in whole.charged.values() for row in rows]
    assert {is_cut for item, _, _, is_cut in rows if item == absent.identity} == {True, False}
    assert any(x == 0 and is_cut for _, _, x, is_cut in rows), "nobody's year was used up"
    assert (
        len({frozenset(groups) for (_, level, _), groups in whole.totals.items() if level == "programme"})
        == 2
    )
    status = {
        (row["status"], row["reason"]) for row in table(whole, "measurements") + table(whole, "indicators")
    }
    codes = {"below-minimum-group", "sibling-blank", "too-noisy"}
    assert status >= {("shown", ""), *(("blank", code) for code in codes)}
    (quarterly,) = {item for item in whole.items if item.cadence is Cadence.QUARTER}
    assert len({index for item, _, index in whole.totals if item == quarterly.identity}) == 2


def test_a_unit_whose_only_person_goes_keeps_its_keys_scales_metadata_and_blanks(
    whole: Published, without: PublishedWithout
) -> None:
    rest = without("alone in a division")
    for name in ("measurements", "estimates", "indicators", "units"):
        rows = table(whole, name)
        assert "LONE" in {row["unit_id"] for row in rows}
        assert table(rest, name) == rows
    for name in ("certificate.json", "datapackage.json"):
        assert document(rest, name) == document(whole, name)


def test_under_the_true_noise_all_but_the_noise_is_the_same_when_a_units_only_person_goes(
    tmp_path: Path,
) -> None:
    """Keys, scales, metadata and the ledger's entries but for their values: nothing else may differ.

    That the values themselves do differ fails by chance in far less than one run in 1e50.
    """
    names = ("nobody", "alone in a division")
    here, there = (publish(tmp_path / name, STORY[:1], DiscreteGaussian(), without=name) for name in names)
    assert here.outside.keys() == there.outside.keys()
    for name in ("measurements", "estimates", "indicators", "units"):
        assert noiseless(table(here, name)) == noiseless(table(there, name))
    assert package(here) == package(there)
    assert [entry(line) for line in lines(here)] == [entry(line) for line in lines(there)]
    assert lines(here) != lines(there)


def table(published: Published, name: str) -> list[dict[str, str]]:
    """A table of the newest release."""
    newest = max(path for path in published.outside if path.endswith(f"/{name}.csv"))
    return list(csv.DictReader(io.StringIO(published.outside[newest].decode())))


def document(published: Published, name: str) -> dict[str, Any]:
    """A JSON document of the newest release."""
    newest = max(path for path in published.outside if path.endswith(f"/{name}"))
    found: dict[str, Any] = json.loads(published.outside[newest])
    return found


def package(published: Published) -> dict[str, Any]:
    """The metadata, but for the types of columns, which are read off noisy cells."""
    found = document(published, "datapackage.json")
    for field in (field for resource in found["resources"] for field in resource["schema"]["fields"]):
        del field["type"]
    return found


def noiseless(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{column: cell for column, cell in row.items() if column not in NOISY} for row in rows]


def lines(published: Published) -> list[str]:
    return published.outside["ledger"].decode().split("\n")


def entry(line: str) -> dict[str, Any]:
    """An entry of the ledger without what hangs on the noise: values and hashes."""
    found = json.loads(line)
    body = {key: value for key, value in found["body"].items() if key != "files"}
    body["values"] = sorted(body.get("values", ()))
    return {**found, "body": body, "previous": ""}
