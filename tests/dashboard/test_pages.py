"""Every page in every state: no exception, one h1, and what a reader needs to know first."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import wording
from dashboard.launch import APP

PAGES = ("overview", "units", "indicator", "ledger", "method")
BARE = ("no home", "no release", "broken certificate", "all withdrawn")
WHOLE = ("usual year", "quiet year", "first month", "all blank", "quarters only")
STATES = (*WHOLE, *BARE, "no ledger", "broken release")


def opened(home: Path, page: str, monkeypatch: pytest.MonkeyPatch, **asked: str) -> AppTest:
    monkeypatch.setenv("LEEWARD_HOME", str(home))
    monkeypatch.setenv("LEEWARD_WITNESS", str(home / "no.heads"))
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in asked.items():
        app.query_params[name] = value
    return app.switch_page(f"views/{page}.py").run()


def html(app: AppTest) -> str:
    """What a page says in its own markup, the style sheet apart."""
    bodies = [str(element.proto.body) for element in app.get("html")]
    return "\n".join(body for body in bodies if "<style" not in body)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("page", PAGES)
def test_no_page_fails_in_any_state(homes, page, state, monkeypatch) -> None:
    app = opened(homes[state], page, monkeypatch)
    assert not app.exception
    assert "Traceback" not in html(app)
    if state in BARE and page != "ledger":
        assert "lw-notice" in html(app)
    if state in WHOLE:
        assert html(app).count("<h1") == 1 and "lw-notice" not in html(app)


def test_a_missing_home_says_what_to_do(homes, monkeypatch) -> None:
    assert "make run" in html(opened(homes["no home"], "overview", monkeypatch))


def test_no_release_yet_says_when_there_will_be_one(homes, monkeypatch) -> None:
    assert "No month has been released yet" in html(opened(homes["no release"], "overview", monkeypatch))


def test_the_overview_leads_with_what_differs_in_the_deepest_unit_only(homes, monkeypatch) -> None:
    text = html(opened(homes["usual year"], "overview", monkeypatch))
    assert "One thing differs from usual." in text
    assert "Turnover rose in Crisis *Desk* from 1.6 to 2.9" in text and "very likely real" in text
    assert "rose in Harbour Agency" not in text


def test_the_overview_may_say_that_nothing_is_unusual(homes, monkeypatch) -> None:
    text = html(opened(homes["quiet year"], "overview", monkeypatch))
    assert wording.NOTHING_UNUSUAL in text and "No change beyond what could be chance." in text


def test_the_first_month_claims_no_change_and_no_twelve_months(homes, monkeypatch) -> None:
    app = opened(homes["first month"], "overview", monkeypatch)
    assert wording.NO_CHANGES_YET in html(app)
    assert "12 months" not in html(app) + "".join(link.proto.label for link in app.get("page_link"))


def test_an_all_blank_month_says_so(homes, monkeypatch) -> None:
    assert wording.ALL_BLANK in html(opened(homes["all blank"], "overview", monkeypatch))


def test_the_overview_shows_staff_release_day_and_budget(homes, monkeypatch) -> None:
    text = html(opened(homes["usual year"], "overview", monkeypatch))
    for part in ("Harbour Agency", "released 5 Aug 2026", "400 staff (±\u00a012)", "privacy budget 50 %"):
        assert part in text


def test_names_from_the_register_are_never_markup(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "units", monkeypatch, unit="ORG")
    assert "<b>Care</b>" not in html(app) and "&lt;b&gt;Care" in html(app)
    assert all("*Desk*" not in option.replace("\\*", "") for option in app.radio[0].options)


def test_units_says_why_a_unit_is_blank_and_where_its_people_are_counted(homes, monkeypatch) -> None:
    text = html(opened(homes["usual year"], "units", monkeypatch))
    assert "Night &lt;i&gt;Team is not shown separately." in text
    assert "Its people are counted in Harbour Agency." in text


def test_counts_of_people_are_not_compared_with_the_larger_unit_above(homes, monkeypatch) -> None:
    text = html(opened(homes["usual year"], "units", monkeypatch, indicator="head_count"))
    assert "by more than the margins" not in text and "Head count inside Harbour Agency" in text


def test_units_follows_the_address(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "units", monkeypatch, indicator="turnover", window="12", unit="D-A")
    assert "Turnover inside Harbour Agency, the 12 months to June 2026" in html(app)


def titles(app: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in app.get("page_link")]


def test_where_only_quarters_are_told_the_overview_shows_the_newest_and_names_it(homes, monkeypatch) -> None:
    """The release's month is May: the newest quarter ended in March."""
    app = opened(homes["quarters only"], "overview", monkeypatch)
    text = html(app)
    assert "400 staff (±\u00a012) in January to March 2026" in text
    assert "Exposure hours a person, January to March 2026" in titles(app)
    assert "Turnover, the 12 months to March 2026" in titles(app)
    assert wording.NOT_COMPARED in text and "23.2\u00a0h" in text


def test_where_only_quarters_are_told_a_number_leads_to_its_quarter(homes, monkeypatch) -> None:
    app = opened(homes["quarters only"], "indicator", monkeypatch, indicator="exposure_hours", unit="D-A")
    assert list(app.selectbox[2].options) == ["Quarter", "12 months"]
    text = html(app)
    assert (
        "95 % interval" in text
        and "January to March 2026" in text
        and wording.QUARTER_NOTE in text.replace("&#x27;", "'")
    )
    assert "in the quarter" in text and "Made from 2 ledger entries" in text


def test_where_only_quarters_are_told_units_are_compared_over_the_newest(homes, monkeypatch) -> None:
    app = opened(homes["quarters only"], "units", monkeypatch)
    assert "Exposure hours a person inside Harbour Agency, January to March 2026" in html(app)
    yearly = opened(homes["quarters only"], "units", monkeypatch, window="12")
    assert "inside Harbour Agency, the 12 months to March 2026" in html(yearly)


def test_twelve_months_that_are_not_known_yet_are_said_so(homes, monkeypatch) -> None:
    app = opened(homes["first month"], "units", monkeypatch, indicator="turnover", window="12")
    assert "not known over 12 months yet" in html(app)


def test_a_number_leads_to_its_definition_and_its_ledger_entries(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "indicator", monkeypatch, indicator="turnover", unit="D-A", window="1")
    for part in ("Said in words.", "People who left in the month", "least squares", "A public source"):
        assert part in html(app)
    links = [link.proto for link in app.get("page_link")]
    assert any("entries=4+5" in link.query_string or "entries=4%205" in link.query_string for link in links)


def test_a_blank_number_gives_its_reason(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "indicator", monkeypatch, indicator="turnover", unit="D-C")
    assert "Not shown. The measured number of people" in html(app)


def test_an_address_that_names_nothing_is_ignored(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "indicator", monkeypatch, indicator="nonsense", unit="X", window="99")
    assert not app.exception and "Head count, Harbour Agency" in html(app)


def test_the_ledger_page_shows_spent_planned_reserve_and_remaining(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "ledger", monkeypatch)
    assert "is spent or planned" in html(app) and wording.EPSILON_NOTE.split(".")[0] in html(app)
    assert {"drawn", "planned"} == set(app.table[1].value["State"])


def test_a_study_is_an_item_and_a_withdrawn_release_is_named_and_not_shown(homes, monkeypatch) -> None:
    app = opened(homes["all withdrawn"], "ledger", monkeypatch)
    assert {"drawn", "planned", "study 1, of 2026-06"} == set(app.table[1].value["State"])
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row["State"] == "withdrawn" and row["Reason"] == "wrong export" and row["Ledger entry"] == "6"
    assert "Every release so far was withdrawn" in html(opened(homes["all withdrawn"], "units", monkeypatch))


def test_the_ledger_page_filters_to_the_entries_asked_for(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "ledger", monkeypatch, entries="4 5 junk")
    assert list(app.dataframe[0].value["Entry"]) == [5, 4]


def test_ledger_entries_can_be_filtered_and_opened_without_values_of_hidden_units(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "ledger", monkeypatch)
    app.multiselect(key="ledger-Kind").select("Measurement drawn").run()
    assert list(app.dataframe[-1].value["Entry"]) == [5, 4]
    app.text_input(key="ledger-number").set_value("5").run()
    assert "3 units" in html(app) and "7777" not in html(app)
    app.text_input(key="ledger-number").set_value("99").run()
    assert "holds entries 1 to 6" in html(app)


def test_verify_shows_a_sentence_for_each_check(homes, monkeypatch) -> None:
    app = opened(homes["usual year"], "ledger", monkeypatch)
    app.button(key="ledger-verify").click().run()
    assert not app.exception
    assert html(app).count("<strong>holds</strong>") >= 2 and "chain" in html(app)


def test_a_missing_ledger_leaves_the_other_pages_and_says_how_to_get_it_back(homes, monkeypatch) -> None:
    assert wording.NO_LEDGER.split(";")[0] in html(opened(homes["no ledger"], "ledger", monkeypatch))
    assert "One thing differs" in html(opened(homes["no ledger"], "overview", monkeypatch))
