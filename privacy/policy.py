"""The policy: what an organisation promises, read from ``policy.toml`` and refused where it is wrong."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from privacy.accounting import Delta, Epsilon, Rho, exact_decimal, rho_for
from privacy.errors import BadPolicy
from privacy.periods import Cadence
from privacy.sections import ByLine, Section
from privacy.signing import PublicKey, Signers

SHORTEST_KEPT = 18
Targets = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class MeasureRule:
    """How one measure is bounded, in its own unit (hours, cases, people), and where the numbers come from.

    Exactly one of ``half_width`` and ``yearly_cap`` is given: a persistent quantity is clamped to
    centre ± half_width each period, a sparse one is capped on the year. ``yearly_cap_by_quarter`` is the
    cap of the same measure counted by the quarter, where the policy says one.
    """

    highest: Fraction
    centre: ByLine
    standard: ByLine | None
    half_width: Fraction | None
    yearly_cap: Fraction | None
    yearly_cap_by_quarter: Fraction | None
    source: str


@dataclass(frozen=True)
class IndicatorRule:
    """The margin (half-width of the 95 % interval) wanted of a month and of a quarter at each level, the
    outermost first, and the margin beyond which a cell of a month, a quarter or twelve months stays blank;
    all in the indicator's unit. Of month and quarter one may have no targets: it is not asked for."""

    targets: Targets
    quarter_targets: Targets
    blank_above_month: float
    blank_above_quarter: float | None
    blank_above_year: float

    def wanted(self, cadence: Cadence) -> Targets:
        """The targets of the periods of a cadence."""
        return self.targets if cadence is Cadence.MONTH else self.quarter_targets


@dataclass(frozen=True)
class Policy:
    """A whole policy. Reading it is the only way to make one.

    ``months_kept`` says by export for how many months rows are kept, where that is not the usual.
    """

    organisation: str
    levels: tuple[str, ...]
    register_document: str
    epsilon: Epsilon
    delta: Delta
    rho: Rho
    reserve: Rho
    year_starts: int
    minimum_group: int
    lag_days: int
    turnover_denominator: str
    signers: Signers
    posts_tolerance: Fraction
    months_kept: Mapping[str, int]
    measures: Mapping[str, MeasureRule]
    indicators: Mapping[str, IndicatorRule]
    fingerprint: str

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def loss(self) -> dict[str, object]:
        """What the ledger and the certificate keep of the promise."""
        return {
            "epsilon": exact_decimal(self.epsilon.value),
            "delta": exact_decimal(self.delta.value),
            "rho_pico": self.rho.pico,
        }


def read_policy(path: Path) -> Policy:
    """Read and check a policy file.

    Raises:
        BadPolicy: the file is missing or no TOML, a key is unknown or missing, or a number is
            outside what the guarantee allows.
    """
    try:
        text = path.read_bytes()
        document = tomllib.loads(text.decode("utf-8"))
    except FileNotFoundError:
        raise BadPolicy(
            f"There is no policy at {path}; set LEEWARD_HOME or make one with 'leeward init'."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name} is not TOML in UTF-8 ({error}); correct it and try again.") from None
    return _policy(Section(path.name, document), hashlib.sha256(text).hexdigest())


def _policy(top: Section, fingerprint: str) -> Policy:
    organisation, register = top.section("organisation"), top.section("register")
    budget, release, signing = top.section("budget"), top.section("release"), top.section("signing")
    levels = organisation.texts("levels")
    epsilon, delta = Epsilon.parse(budget.text("epsilon")), Delta.parse(budget.text("delta"))
    rho = rho_for(epsilon, delta)
    policy = Policy(
        organisation=organisation.text("name"),
        levels=levels,
        register_document=register.text("document"),
        epsilon=epsilon,
        delta=delta,
        rho=rho,
        reserve=Rho.down(rho.value * _share(budget, "reserve_share")),
        year_starts=budget.whole("year_starts", 1, 12),
        minimum_group=release.whole("minimum_group", 2, 1000),
        lag_days=release.whole("lag_days", 0, 366),
        turnover_denominator=release.choice(
            "turnover_denominator", ("mean_of_month_ends", "opening_and_closing"), "mean_of_month_ends"
        ),
        signers=_signers(signing),
        posts_tolerance=_share(register, "posts_tolerance"),
        months_kept=_months_kept(top.section("retention", {})),
        measures={name: _measure(part) for name, part in top.sections("measures").items()},
        indicators={name: _indicator(part, levels) for name, part in top.sections("indicators").items()},
        fingerprint=fingerprint,
    )
    for section in (organisation, register, budget, release, signing, top):
        section.done()
    if not policy.measures:
        raise BadPolicy(f"{top.where} measures nothing; add at least one [measures.NAME].")
    return policy


def _signers(section: Section) -> Signers:
    people = section.section("signers", {})
    keys = {name: _key(people, name) for name in sorted(people.left)}
    people.done()
    if len(set(keys.values())) != len(keys):
        raise BadPolicy(f"{people.where}: two signers have the same key; each signs with a key of their own.")
    return Signers(tuple(keys.items()), section.whole("plan", 1, 9), section.whole("release", 0, 9, 0))


def _months_kept(section: Section) -> Mapping[str, int]:
    """At least as long as it takes until the last month of a quarter is measured at the longest lag."""
    months = {export: section.whole(export, SHORTEST_KEPT, 1200) for export in sorted(section.left)}
    section.done()
    return months


def _key(people: Section, name: str) -> PublicKey:
    try:
        return PublicKey.parse(people.text(name))
    except ValueError as error:
        raise BadPolicy(f"{people.where}: '{name}': {error}.") from None


def _share(section: Section, key: str) -> Fraction:
    value = section.number(key)
    if not 0 <= value < 1:
        raise BadPolicy(f"{section.where}: '{key}' must be at least 0 and below 1.")
    return value


def _measure(part: Section) -> MeasureRule:
    rule = MeasureRule(
        highest=part.number("highest"),
        centre=part.by_line("centre", 0),
        standard=part.by_line("standard") if "standard" in part.left else None,
        half_width=part.maybe_number("half_width"),
        yearly_cap=part.maybe_number("yearly_cap"),
        yearly_cap_by_quarter=part.maybe_number("yearly_cap_by_quarter"),
        source=part.text("source"),
    )
    part.done()
    if (rule.half_width is None) == (rule.yearly_cap is None):
        raise BadPolicy(
            f"{part.where} needs either 'half_width' (persistent) or 'yearly_cap' (sparse), not both."
        )
    if rule.yearly_cap is None and rule.yearly_cap_by_quarter is not None:
        raise BadPolicy(f"{part.where}: 'yearly_cap_by_quarter' goes with 'yearly_cap'; remove it.")
    if rule.yearly_cap_by_quarter is not None and rule.yearly_cap_by_quarter <= 0:
        raise BadPolicy(f"{part.where}: 'yearly_cap_by_quarter' must be above zero.")
    if rule.highest <= 0 or (rule.half_width or rule.yearly_cap or 0) <= 0:
        raise BadPolicy(f"{part.where}: 'highest', 'half_width' and 'yearly_cap' must be above zero.")
    return rule


def _indicator(part: Section, levels: tuple[str, ...]) -> IndicatorRule:
    if not {"target_margin", "target_quarter"} & part.left.keys():
        raise BadPolicy(f"{part.where} needs 'target_margin' (of a month), 'target_quarter', or both.")
    limit, quarterly = part.section("blank_above"), _targets(part, "target_quarter", levels)
    rule = IndicatorRule(
        targets=_targets(part, "target_margin", levels),
        quarter_targets=quarterly,
        blank_above_month=_margin(limit, "month"),
        blank_above_quarter=_margin(limit, "quarter") if quarterly else None,
        blank_above_year=_margin(limit, "year"),
    )
    limit.done()
    part.done()
    for targets, limit_of, what in (
        (rule.targets, rule.blank_above_month, "month"),
        (rule.quarter_targets, rule.blank_above_quarter or 0.0, "quarter"),
    ):
        _check_shown(part, targets, limit_of, what)
    return rule


def _check_shown(part: Section, targets: Targets, limit: float, what: str) -> None:
    """A target wider than what stays blank would never be seen to be met."""
    for level, margin in targets:
        if margin > limit:
            raise BadPolicy(
                f"{part.where}: the {what}'s target of {margin:g} at '{level}' is wider than blank_above "
                f"({limit:g}), so it would never be shown; narrow it or leave the level out."
            )


def _targets(part: Section, key: str, levels: tuple[str, ...]) -> Targets:
    """The margins wanted under a key, none where it is absent."""
    if key not in part.left:
        return ()
    wanted = part.section(key)
    margins = tuple((level, _margin(wanted, level)) for level in levels if level in wanted.left)
    wanted.done()
    if not margins or tuple(level for level, _ in margins) != levels[: len(margins)]:
        raise BadPolicy(
            f"{wanted.where} must begin at the level '{levels[0]}' and leave none out above the last."
        )
    return margins


def _margin(section: Section, key: str) -> float:
    margin = section.number(key)
    if margin <= 0:
        raise BadPolicy(f"{section.where}: '{key}' must be above zero.")
    return float(margin)
