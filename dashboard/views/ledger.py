"""Budget and ledger: what was spent, on what, entry by entry, and whether it all holds."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import audit, budget, charts, layout, store, wording
from dashboard.entries import FILTERS, described, lines_of
from metrics.measures import MEASURES
from privacy.budget import YearBudget, budgets
from privacy.plan import PlanItem, Study
from privacy.records import Records
from privacy.releases import stages


def show() -> None:
    layout.heading(wording.LEDGER_QUESTION)
    records = store.ledger(store.home())
    if asked := st.query_params.get("entries", ""):
        show_entries(records, asked)
    if years := budgets(records):
        show_year(years)
        show_all_years(years)
        show_items(years[-1])
        show_releases(records)
    else:
        layout.answer(wording.NO_PLAN)
    show_verify()
    if not asked:
        show_entries(records, "")


def show_year(years: tuple[YearBudget, ...]) -> None:
    year = years[-1]
    shares = {name: budget.share(year, loss) for name, loss in budget.parts(year)}
    committed = budget.share(year, year.committed)
    layout.answer(wording.spent_sentence(year.year.title, committed, shares["Remaining"]))
    parts = list(shares.items())
    description = wording.budget_alt(year.year.title, parts)
    st.altair_chart(charts.budget_bar(parts=parts, description=description))
    layout.note(wording.BUDGET_NOTE)


def show_all_years(years: tuple[YearBudget, ...]) -> None:
    """One month, one year and all years side by side: what each costs one person."""
    layout.subheading("One month, each year and in total")
    rho, epsilon = budget.loss_in_total(years)
    newest = years[-1]
    rows = [(f"Any one month of {newest.year.title}", *budget.loss(newest, newest.one_month), "")]
    rows += [
        (year.year.title, *budget.loss(year, year.committed), f"{float(year.promised):.4f}") for year in years
    ]
    rows.append(("In total", f"{float(rho):.4f}", f"{epsilon:.2f}", ""))
    frame = pd.DataFrame(rows, columns=["Measured of", "ρ spent and planned", "as ε", "ρ promised"])
    st.table(frame, hide_index=True, border="horizontal", alt=wording.EPSILON_NOTE)
    layout.note(f"{wording.total_sentence(float(rho), epsilon, len(years))} {wording.EPSILON_NOTE}")


def show_items(year: YearBudget) -> None:
    """One row a plan item: what a person loses to it at each level."""
    layout.subheading(f"What the plan of {year.year.title} measures")
    items = sorted(year.kept, key=lambda each: -each.rho.pico)
    every = [*items, *(study.item for study in year.studies)]
    levels = list(dict.fromkeys(level for item in every for level in item.levels))
    rows = [item_row(year, item, levels, "drawn" if item in year.drawn else "planned") for item in items]
    rows += [item_row(year, study.item, levels, study_state(study)) for study in year.studies]
    layout.note(wording.ITEMS_NOTE)
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal", alt="Cost of each plan item by level")


def show_releases(records: Records) -> None:
    """One row a release, newest first: when it was entered and what became of it."""
    rows = [
        {
            "Release": state.id,
            "Entered": state.entry.time[:10],
            "State": wording.STAGES[state.stage.value],
            "Reason": state.reason.replace("-", " "),
            "Ledger entry": str(state.entry.seq),
        }
        for state in reversed(stages(records).values())
    ]
    if rows:
        layout.subheading("What became of each release")
        layout.note(wording.RELEASES_NOTE)
        layout.table(pd.DataFrame(rows), "releases.csv", f"{len(rows)} releases")


def study_state(study: Study) -> str:
    return wording.study_words(study.number, [str(period) for period in study.periods])


def item_row(year: YearBudget, item: PlanItem, levels: list[str], state: str) -> dict[str, str]:
    costs = {
        level: _percent(budget.share(year, item.price_at(level))) if level in item.sigma else ""
        for level in levels
    }
    return {
        "Measure": MEASURES[item.measure].words if item.measure in MEASURES else item.measure,
        "Each": str(item.cadence),
        **costs,
        "All levels": _percent(budget.share(year, item.rho)),
        "State": state,
    }


def _percent(share: float) -> str:
    return f"{share:.1f} %"


def show_verify() -> None:
    layout.subheading("Does it all hold?")
    layout.note(wording.VERIFY_NOTE)
    if not st.button("Verify ledger and releases", key="ledger-verify", type="primary"):
        return
    with st.spinner("Checking every entry and file"):
        checks = audit.verify(store.home())
    broken = sum(not check.holds for check in checks)
    layout.answer(wording.verified_sentence(broken, len(checks)))
    layout.checks([(check.holds, check.name, check.sentence) for check in checks])


def show_entries(records: Records, asked: str) -> None:
    """The entries, filtered; ``asked`` holds the numbers that another page asked for."""
    layout.subheading("Ledger entries")
    frame = described(records)
    if asked:
        numbers = {int(part) for part in asked.split() if part.isdigit()}
        frame = frame[frame["Entry"].isin(numbers)]
        layout.note(wording.asked_entries(len(frame)))
        st.page_link(layout.LEDGER_PAGE, label="Show all entries")
    else:
        frame = filtered(frame)
    layout.table(frame, "ledger-entries.csv", f"{len(frame)} ledger entries")
    number = st.text_input("Open entry number", key="ledger-number", placeholder="for example 5")
    if number.strip():
        show_entry(records, number.strip())


def filtered(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the reader's filters leave."""
    for place, column in zip(st.columns(len(FILTERS)), FILTERS, strict=True):
        options = sorted(set(frame[column]) - {""}, reverse=column == "Period")
        picked = place.multiselect(column, options, key=f"ledger-{column}", placeholder="all")
        if picked:
            frame = frame[frame[column].isin(picked)]
    return frame


def show_entry(records: Records, number: str) -> None:
    if not number.isdigit() or not 1 <= int(number) <= len(records.entries):
        layout.note(wording.no_entry(len(records.entries)))
        return
    layout.pairs(lines_of(records.entries[int(number) - 1], records))
    layout.note(wording.LEDGER_VALUES_NOTE)


show()
