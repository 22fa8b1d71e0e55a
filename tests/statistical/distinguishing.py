"""Can whole publications of two neighbouring agencies be told apart better than the signed loss allows?

Run as a command it writes docs/figures/distinguishing.json. The attacker knows every record, the product
and what it charges; only whether the one person is there is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from canary_house import COUNT, HOURS, Numbers
from defects import PLANTED, MakeMechanism, runs
from detection_trials import ledgers_folder, of_each, write
from neighbouring_agencies import Agency, Observed
from scipy.stats import beta, chi2, norm

from privacy.accounting import total

PUBLICATIONS = 60  # of each agency
OF_NOISE_ALONE = 15  # where its variance, of all totals of all publications, is what tells: p below 1e-30
FALSE_ALARM = 1e-5  # the chance that an audit rejects a product that keeps what was signed
EVENTS = 3
COMMAND = "make figures-distinguishing"
FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "half the noise": ("likelihood ratio", "noise variance"),
    "80 % of the noise": ("noise variance",),
    "a seeded generator": ("events",),
    "units suppressed by exact counts": ("events",),
    "the cap on a month, not a year": ("likelihood ratio",),
    "no cap": ("events", "likelihood ratio"),
    "a second draw on a retry": ("noise variance",),
}


@dataclass(frozen=True)
class Sides:
    """The publications of both agencies. ``signal`` is what the person adds to each exact total.

    ``noise`` (publications of both, totals) is in deviations; ``ratio`` the logarithm of the likelihood
    ratio, up to a constant, with and without the person: (publications,) each.
    """

    there: Sequence[Observed]
    gone: Sequence[Observed]
    signal: Numbers
    noise: Numbers
    ratio: tuple[Numbers, Numbers]
    distance: float  # of two Gaussians that are as far apart as the signed loss allows, in deviations


def publications(defect: str) -> int:
    return OF_NOISE_ALONE if FOUND_BY.get(defect) == ("noise variance",) else PUBLICATIONS


def publish(make: MakeMechanism, folder: Path, defect: str) -> Sides:
    agencies = []
    for name in ("there", "gone"):
        (folder / name).mkdir()
        agencies.append(Agency(folder / name, with_person=name == "there"))
    there, gone = (
        [agency.publish(make(), runs(defect)) for _ in range(publications(defect))] for agency in agencies
    )
    sigmas, exact = agencies[0].sigmas, [agency.exact for agency in agencies]
    signal = (exact[0] - exact[1]) / sigmas
    noise = [
        np.array([(one.values - totals) / sigmas for one in side])
        for side, totals in zip((there, gone), exact, strict=True)
    ]
    ratio = (noise[0] + signal) @ signal, noise[1] @ signal
    distance = math.sqrt(2 * float(total(item.rho for item in (HOURS, COUNT))))
    return Sides(there, gone, signal, np.concatenate(noise), ratio, distance)


def by_events(sides: Sides) -> float:
    """The most that an event tells, in deviations beyond the signed distance, by Clopper-Pearson.

    For two Gaussians at a distance d no event has Φ⁻¹(P) - Φ⁻¹(Q) above d. Events: the likelihood ratio is
    above its midpoint as known, and as learned from the first third of publications (a seeded generator
    shifts it); the person's unit is shown.
    """
    part, (there, gone) = len(sides.there) // 3, sides.ratio
    known = float(sides.signal @ sides.signal) / 2
    learned = float(np.median(there[:part]) + np.median(gone[:part])) / 2
    shown = [np.array([one.is_shown for one in side]) for side in (sides.there, sides.gone)]
    events = [
        (there > known, gone > known),
        (there[part:] > learned, gone[part:] > learned),
        (shown[0], shown[1]),
    ]
    return max(_apart(*event) for event in events) - sides.distance


def _apart(there: np.ndarray, gone: np.ndarray) -> float:
    """A lower bound of Φ⁻¹(P) - Φ⁻¹(Q) that fails with a chance of FALSE_ALARM / EVENTS at most."""
    error, hits, misses = FALSE_ALARM / EVENTS / 2, int(there.sum()), len(gone) - int(gone.sum())
    least = beta.ppf(error, hits, len(there) - hits + 1) if hits else 0.0
    most = 1 - beta.ppf(error, misses, len(gone) - misses + 1) if misses else 1.0
    return float(norm.ppf(least) - norm.ppf(most))


def likelihood_ratio(sides: Sides) -> float:
    """The p-value of the log-likelihood ratio's separation and variance, were the product as signed.

    Under Gaussian noise of the signed scales it has the variance |signal|² on both sides and means as
    far apart; the signed loss bounds |signal|.
    """
    there, gone = sides.ratio
    size = float(np.linalg.norm(sides.signal))
    separation = float(there.mean() - gone.mean()) / size - sides.distance
    squares = float(((there - there.mean()) ** 2).sum() + ((gone - gone.mean()) ** 2).sum()) / size**2
    too_far = norm.sf(separation / math.sqrt(2 / len(there)))
    return min(1.0, 3 * min(float(too_far), *_both_tails(squares, 2 * (len(there) - 1))))


def noise_variance(sides: Sides) -> float:
    """The p-value of the variance of all noise against the signed scales."""
    return min(1.0, 2 * min(_both_tails(float((sides.noise**2).sum()), sides.noise.size)))


def _both_tails(squares: float, terms: int) -> tuple[float, float]:
    return float(chi2.cdf(squares, terms)), float(chi2.sf(squares, terms))


@dataclass(frozen=True)
class Verdict:
    """Whether an audit rejects, and the figure that it goes by."""

    rejects: bool
    figure: float


Verdicts = Mapping[str, Verdict]


def verdicts(defect: str) -> Verdicts:
    """What each audit says of the publications under a defect."""
    with ledgers_folder() as folder, PLANTED[defect]() as make:
        sides = publish(make, Path(folder), defect)
    beyond = by_events(sides)
    chances = {"likelihood ratio": likelihood_ratio(sides), "noise variance": noise_variance(sides)}
    return {
        "events": Verdict(beyond > 0, beyond),
        **{audit: Verdict(chance < FALSE_ALARM, chance) for audit, chance in chances.items()},
    }


def trial() -> Mapping[str, Verdicts]:
    return of_each(list(PLANTED), verdicts)


def row(defect: str, found: Verdicts) -> dict[str, object]:
    """Which audits reject, with the deviations beyond the signed distance or the p-values they go by."""
    return {
        "defect": defect,
        "publications_of_each": publications(defect),
        "found_by": [audit for audit, verdict in found.items() if verdict.rejects],
        "events_beyond_signed": round(found["events"].figure, 3),
        "likelihood_ratio_p": float(f"{found['likelihood ratio'].figure:.1e}"),
        "noise_variance_p": float(f"{found['noise variance'].figure:.1e}"),
    }


if __name__ == "__main__":
    rows = [row(defect, found) for defect, found in trial().items()]
    write("distinguishing", {"command": COMMAND, "false_alarm_of_an_audit": FALSE_ALARM, "rows": rows})
