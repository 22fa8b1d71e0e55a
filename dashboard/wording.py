"""All wording of the dashboard, so that a reader can check it and a translator can replace it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboard.figures import Figure, rounded, step_for, unit_words
from dashboard.findings import Change, Finding
from dashboard.spans import MONTH, QUARTER, day_name, month_name, period_name
from privacy.periods import Period

COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")

OVERVIEW, UNITS, INDICATOR, LEDGER, METHOD = (
    "Overview", "Units", "Where a number came from", "Budget and ledger", "What is promised",
)  # fmt: skip

UNITS_QUESTION = "Where is it higher, and is the difference real?"
INDICATOR_QUESTION = "Where did this number come from?"
LEDGER_QUESTION = "How much privacy has been spent, and on what?"
METHOD_QUESTION = "What could anyone learn about me?"

NO_HOME = (
    "There is nothing to show yet: this folder holds no releases. "
    "Run 'make run', or set LEEWARD_HOME to the folder of an installation, and reload this page."
)
NO_RELEASE = (
    "No month has been released yet. Once an export covers a month and its waiting time has passed, "
    "'leeward run' releases it; then reload this page."
)
ALL_WITHDRAWN = (
    "Every release so far was withdrawn; the page 'Budget and ledger' says when and why. The next 'leeward "
    "run' may release again; then reload this page."
)
UNREADABLE_HOME = (
    "The releases cannot be read from here; give this account read access to LEEWARD_HOME/releases."
)
NO_LEDGER = (
    "The published ledger (ledger.jsonl) is missing or cannot be read; "
    "write it again with 'leeward audit export' and reload this page."
)
NO_CHANGES_YET = "It is too early to say what is usual: nine months in a row are needed."
NOTHING_UNUSUAL = "Nothing unusual this month."
ALL_BLANK = (
    "No number of this month may be shown: every group is too small, or every margin too wide. "
    "The page Units says why for each."
)
REST_IS_NOISE = "The rest is within what chance and privacy noise explain."
NOT_SHOWN = "not shown"
DOWNLOAD = "Download these numbers (CSV)"
INTERVAL_NOTE = (
    "Shaded: the 95 % interval. It allows for the noise that protects each person, not for gaps in the "
    "exports."
)
EPSILON_NOTE = (
    "Losses add as ρ; ε is converted once from the total. Never add the years' ε: the sum would be wrong."
)
LEDGER_VALUES_NOTE = (
    "The noisy totals of an entry stand in measurements.csv of the release, blank where a unit is not shown."
)
COUNTS_NOTE = "Dot: estimate. Bar: 95 % interval. Where bars overlap, the order is not to be relied on."
COMPARISON_NOTE = (
    f"{COUNTS_NOTE} Dashed: the unit above. Orange: above it by more than the margins; blue: below it."
)
NOT_COMPARED = "Told by the quarter; changes are not tested."
NO_SERIES = "Nothing of this number is shown."
QUARTER_NOTE = (
    "What flows (hours, leavers) is added up over the quarter's months; what is counted on a day (people, "
    "cases) is the last month's. A person is above a standard whose quarter exceeds three times a month's."
)
DRAWN_NOTE = (
    "Faint dots: totals as drawn, each with its own noise, once and for ever. Line and band: the estimate, "
    "which uses all of them so that units add up."
)
CENTRED_NOTE = (
    "Drawn as the difference from a public centre a person, so that one person can move it less. The "
    "estimate above adds the centre back; below is what was drawn."
)
STAGES = {"held": "held for approval", "published": "published", "withdrawn": "withdrawn"}
NO_PLAN = "No plan has been signed yet, so nothing has been spent."
BUDGET_NOTE = (
    "Spent: items drawn at least once this year, at their full cost. Planned: signed, not drawn yet. "
    "Reserve: kept back for unplanned studies. Remaining: promised, but signed for nothing."
)
ITEMS_NOTE = (
    "Cost to one person, in % of what is promised for the year. An item costs the same however often it is "
    "read. A study is paid for from the reserve when it is signed."
)
RELEASES_NOTE = "A release that was withdrawn keeps its cost: what was seen cannot be taken back."
VERIFY_NOTE = (
    "Runs the auditor's verifier on the published ledger and releases. It needs no personal data: anyone can "
    "run it elsewhere with 'leeward audit verify'."
)

DIRECTIONS = {"higher is worse": "Higher is worse.", "neither": "Neither higher nor lower is better."}
MONTHLY_RATES = ("turnover", "voluntary_turnover")
KINDS = {
    "opened": "Ledger opened",
    "register": "Register of units signed",
    "plan": "Plan signed",
    "closed": "Plan item closed",
    "study": "Study signed",
    "measurement": "Measurement drawn",
    "release": "Release entered",
    "approved": "Release approved",
    "withdrawn": "Release withdrawn",
    "restored": "Restored from a backup",
}


def broken_release(name: str) -> str:
    return f"The release {name} is not whole; publish it again with 'leeward release' and reload this page."


def card_title(title: str, month: Period, window: int, when: str) -> str:
    """The heading of a card; ``when`` is said unless it is the release's month, or the twelve to it."""
    if when == period_name(month, window) and window != QUARTER:
        return title if window == MONTH else f"{title}, {window} months"
    return f"{title}, {when}"


def overview_question(month: Period) -> str:
    return f"What differs from usual in {month_name(month)}?"


def header(organisation: str, released: date, staff: Figure | None, when: str, used: float) -> list[str]:
    """The parts of the line under the overview's question; ``when`` the staff were counted, where not now."""
    people = (
        f"{staff.number} staff ({staff.give_or_take}){when and f' in {when}'}" if staff else "staff not shown"
    )
    budget = f"privacy budget {used:.0f} % of the year used"
    return [organisation, f"released {day_name(released)}", people, budget]


def summary(findings: Sequence[Finding], *, known: bool, blank: bool) -> str:
    """The sentence that comes first."""
    if blank:
        return ALL_BLANK
    if not known:
        return NO_CHANGES_YET
    if not findings:
        return NOTHING_UNUSUAL
    number = COUNTS[len(findings)] if len(findings) < len(COUNTS) else str(len(findings))
    noun, verb = ("thing", "differs") if len(findings) == 1 else ("things", "differ")
    return f"{number} {noun} {verb} from usual. {REST_IS_NOISE}"


def finding_sentence(finding: Finding, titles: Mapping[str, str]) -> str:
    """``Turnover rose in Crisis Response from 2 to 7 % a month; voluntary turnover from 1 to 7 %.``"""
    lead = finding.lead
    verb = "rose" if lead.rose else "fell"
    first = f"{titles[lead.indicator]} {verb} in {lead.unit_name} {from_to(lead)}"
    others = [f"{_lower(titles[each.indicator])} {from_to(each)}" for each in finding.also]
    return "; ".join([first, *others])


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def from_to(change: Change) -> str:
    """``from 3 to 12 %``, rounded as the margin of the change allows."""
    step = step_for((change.high - change.low) / 2)
    unit = unit_words(change.unit, short=True)
    rate = " a month" if change.indicator in MONTHLY_RATES or change.unit == "hours a month" else ""
    return f"from {rounded(change.before, step)} to {rounded(change.now, step)}{unit}{rate}"


def change_sentence(change: Change | None, *, is_monthly: bool = True) -> str:
    """What a card says of the newest months, never more than the noise allows."""
    if change is None:
        return "Not compared with earlier months yet." if is_monthly else NOT_COMPARED
    if not change.is_real:
        return "No change beyond what could be chance."
    return f"{'Rose' if change.rose else 'Fell'} {from_to(change)}: {change.words}."


def comparison_finding(title: str, parent: str, shown: Sequence[str], level: str) -> str:
    """The text alternative of a comparison of units; ``shown`` from highest to lowest."""
    if not shown:
        return f"{title}: no unit inside {parent} is shown."
    if len(shown) == 1:
        return f"{title} inside {parent}: only {shown[0]} is shown; {parent} is at {level}."
    return f"{title} inside {parent}: highest in {shown[0]}, lowest in {shown[-1]}; {parent} is at {level}."


def apart(above: Sequence[str], below: Sequence[str], parent: str) -> str:
    """Which units differ from their parent beyond the margins."""
    if not above and not below:
        return f"No unit shown differs from {parent} by more than the margins."
    sides = ((above, "above"), (below, "below"))
    said = " and ".join(f"{_list(names)} {_is(names)} {side}" for names, side in sides if names)
    return f"Compared with {parent}, {said}, by more than the margins."


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def blank_sentence(names: Sequence[str], why: str, parent: str) -> str:
    """Why units are not shown, and where their people are counted."""
    whose = "Its" if len(names) == 1 else "Their"
    home = f" {whose} people are counted in {parent}." if parent else ""
    return f"{_list(names)} {_is(names)} not shown separately. {why}{home}"


def entries_sentence(entries: Sequence[int]) -> str:
    if not entries:
        return "No ledger entry: nothing was measured for it."
    noun = "entry" if len(entries) == 1 else "entries"
    shown = ", ".join(str(number) for number in entries[:6])
    more = f" and {len(entries) - 6} more" if len(entries) > 6 else ""
    return f"Made from {len(entries)} ledger {noun}: {shown}{more}."


def total_sentence(rho: float, epsilon: float, years: int) -> str:
    span = "In the one budget year so far" if years == 1 else f"Over {years} budget years together"
    return f"{span} a person's loss is at most ρ = {rho:.3f}, which is ε = {epsilon:.2f}."


def spent_sentence(title: str, share: float, free: float) -> str:
    return (
        f"In {title}, {share:.0f} % of what is promised to each person is spent or planned; "
        f"{free:.0f} % is signed for nothing yet."
    )


def verified_sentence(broken: int, checks: int) -> str:
    if broken == 0:
        return f"Everything holds: {checks} checks."
    return f"{broken} of {checks} checks broke. Do not rely on these releases before it is explained."


def more_findings(number: int) -> str:
    return f"{number} more"


def series_alt(title: str, where: str, when: str, first: float, last: Figure | None, change: str) -> str:
    """The text alternative of a chart over time: the oldest value shown, the newest figure, what changed."""
    if last is None:
        return f"{title} in {where}: {when} is not shown."
    oldest = rounded(first, last.step) + unit_words(last.unit, short=True)
    return (
        f"{title} in {where}: {last.text} (95 % interval {last.range}) in {when}, "
        f"{oldest} in the oldest shown. {change}"
    )


def nothing_for(title: str, window: int) -> str:
    if window == MONTH:
        return f"{title} was not measured this month; choose another indicator."
    return f"{title} is not known over {window} months yet; choose a shorter window instead."


def nothing_inside(parent: str) -> str:
    return f"No unit inside {parent} is shown for this indicator."


def comparison_title(title: str, parent: str, period: str) -> str:
    return f"{title} inside {parent}, {period}"


def interval_words(figure: Figure, period: str) -> str:
    return f"95 % interval {figure.range}, {period}"


def no_totals(words: str, unit: str) -> str:
    return f"{words}: not shown for {unit}."


def totals_alt(words: str, unit: str, drawn: str, estimate: str, measured_in: str) -> str:
    return f"{words} in {unit}: in the newest month {drawn} {measured_in} as drawn, {estimate} as estimated."


def budget_alt(title: str, parts: Sequence[tuple[str, float]]) -> str:
    shares = ", ".join(f"{name.lower()} {share:.0f} %" for name, share in parts)
    return f"Budget year {title}: {shares}."


def study_words(number: int, periods: Sequence[str]) -> str:
    return f"study {number}, of {', '.join(periods)}"


def asked_entries(number: int) -> str:
    if number == 1:
        return "The entry behind the number you came from."
    return f"The {number} entries behind the number you came from."


def where_from_of(name: str) -> str:
    return f"Where the number of {name} came from"


def no_entry(last: int) -> str:
    return f"There is no such entry; the ledger holds entries 1 to {last}."
