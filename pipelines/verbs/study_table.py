"""A proposed study as text: what it brings and what it takes from the reserve."""

from __future__ import annotations

from collections.abc import Iterator

from metrics.indicators import INDICATORS
from metrics.studies import Question, StudyProposal
from privacy.accounting import epsilon_of
from privacy.budget import YearBudget
from privacy.records import Records


def study_lines(question: Question, proposal: StudyProposal, records: Records) -> Iterator[str]:
    """What a study would tell, in a typical unit, and what it costs everybody."""
    study, indicator = proposal.study, INDICATORS[question.indicator]
    budget = YearBudget.of(records, study.year)
    rho = study.item.rho
    yield (
        f"Study {study.number} of {study.year.title}: {indicator.title} by {question.level}, "
        f"{', '.join(map(str, study.periods))}"
    )
    before = f"± {proposal.margin_before:.2g}" if proposal.margin_before < 1e6 else "nothing"
    yield (
        f"  margin in a typical unit: {before} by the plan, ± {proposal.margin_after:.2g} "
        f"{indicator.reading.unit} with it"
    )
    yield f"  cost: ρ = {rho} of {budget.reserve_left} left in the reserve of {budget.reserve}"
    yield (
        f"  the year then: ε = {epsilon_of(budget.committed, budget.delta):.2f} before, "
        f"{epsilon_of(budget.committed + rho, budget.delta):.2f} with it, of "
        f"{epsilon_of(budget.promised, budget.delta):.2f} promised"
    )
