"""Claims about the invented agency in ``data/sample``, each computed here from the committed files alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
EXPORTS = SAMPLE / "exports"
MAPPING = tomllib.loads((SAMPLE / "mapping.toml").read_text(encoding="utf-8"))["exports"]
FILES = {path.name: one for one in MAPPING.values() for path in sorted(EXPORTS.glob(one["file"]))}
PLANTS = {one["measure"]: one for one in tomllib.loads((SAMPLE / "planted.toml").read_text())["plant"]}
STAFF_FILE = MAPPING["staff"]["file"]
GENERATED = ("README.md", "planted.toml", "register.csv")
MONTHS = pd.period_range("2024-07", "2026-06", freq="M")
AFTER = MONTHS[20:]  # absence and leaving rise in 2026-03
NUMBERS = {"weekly_hours", "hours", "open_cases", "trauma_cases", "direct_hours", "indirect_hours"}
CRISIS, REUNIFICATION, REST = "CRI", "REU", "OTHER"

Files = dict[str, pd.DataFrame]


def read_text(path: Path, declared: dict) -> pd.DataFrame:
    """One file as stripped text, indexed by line number; the heading is line 1."""
    if path.suffix == ".xlsx":
        rows = pd.read_excel(path, sheet_name=declared["sheet"], engine="calamine", dtype=str).fillna("")
    else:
        form = {"encoding": declared.get("encoding", "utf-8"), "sep": declared.get("delimiter", ",")}
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, **form)
    rows.index = pd.RangeIndex(2, 2 + len(rows))
    return rows.apply(lambda cells: cells.str.strip())


def typed(rows: pd.DataFrame, declared: dict) -> pd.DataFrame:
    """The mapped columns under their canonical names, dates and numbers as such."""
    headings = declared["columns"]
    rows = rows[list(headings.values())].set_axis(list(headings), axis=1)
    for name in rows:
        if name.endswith("date"):
            form = declared.get("date_format", "%Y-%m-%d")
            rows[name] = pd.to_datetime(rows[name].replace("", None), format=form)
        elif name in NUMBERS:
            rows[name] = rows[name].str.replace(declared.get("decimal_mark", "."), ".").astype(float)
    return rows


def group(unit_id: str) -> str:
    if unit_id == "D-CRI" or unit_id[2:5] in ("MOB", "LIN", "SHE"):
        return CRISIS
    return REUNIFICATION if unit_id[2:5] == "REU" else REST


def listed_broken() -> dict[str, dict[int, str]]:
    """The README's table of broken rows: kind by file and line."""
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    found: dict[str, dict[int, str]] = {}
    for file, line, kind in re.findall(r"^\| `([^`]+)` \| (\d+) \| ([a-z ]+) \|$", readme, re.M):
        found.setdefault(file, {})[int(line)] = kind
    return found


@pytest.fixture(scope="module")
def raw() -> Files:
    """Every file by its name, broken rows included."""
    return {name: read_text(EXPORTS / name, declared) for name, declared in FILES.items()}


@pytest.fixture(scope="module")
def rows(raw: Files) -> Files:
    """Every export by its name, typed, without the rows that the README lists as broken."""
    broken = listed_broken()
    whole = {name: frame.drop(index=list(broken.get(name, {}))) for name, frame in raw.items()}
    found = {
        export: pd.concat(typed(whole[name], one) for name, declared in FILES.items() if declared is one)
        for export, one in MAPPING.items()
    }
    found["staff"]["group"] = found["staff"]["unit_id"].map(group)
    return found


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    frame = pd.read_csv(SAMPLE / "register.csv", parse_dates=["valid_from", "valid_to"])
    return frame.fillna({"parent_id": "", "successor_id": ""})


def in_force(rows: pd.DataFrame, first: str, last: str, day: object) -> pd.Series:
    """Which rows hold on the day (one day, or one for each row)."""
    return (rows[first] <= day) & (rows[last].isna() | (rows[last] >= day))


def in_post(staff: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """One row per person in post on the day: the assignment with most hours."""
    now = staff[in_force(staff, "start_date", "end_date", day)]
    return now.sort_values("weekly_hours").drop_duplicates("person_id", keep="last")


def located(staff: pd.DataFrame, rows: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    """The rows with the group in which each person was on the day."""
    spells = staff.rename(columns={"start_date": "since", "end_date": "until"})
    joined = rows.assign(seen=days, row=range(len(rows))).merge(spells, on="person_id")
    joined = joined[in_force(joined, "since", "until", joined["seen"])]
    return joined.sort_values("weekly_hours").drop_duplicates("row", keep="last")


def working_days(spells: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> np.ndarray:
    """Mondays to Fridays of each spell from the first to the last day."""
    start = spells["start_date"].clip(lower=first).values.astype("datetime64[D]")
    stop = spells["end_date"].fillna(last).clip(upper=last).values.astype("datetime64[D]") + 1
    return np.busday_count(np.minimum(start, stop), stop)


@pytest.fixture(scope="module")
def monthly(rows: Files) -> pd.DataFrame:
    """One row per group and month: heads, leavers, hours lost and due, people absent, exposure."""
    staff, leavers, absences, exposure = (rows[n] for n in ("staff", "separations", "absences", "exposure"))
    absences = located(staff, absences, absences["start_date"])
    leavers = located(staff, leavers, leavers["date"])
    exposure = located(staff, exposure, exposure["date"] + pd.offsets.MonthEnd(0))
    exposure["total"] = exposure["direct_hours"] + exposure["indirect_hours"]
    all_days = working_days(absences, pd.Timestamp("2020-01-01"), pd.Timestamp("2030-01-01"))
    found = {}
    for month in MONTHS:
        first, last = month.start_time, month.end_time.normalize()
        days = working_days(absences, first, last)
        away = absences.assign(lost=absences["hours"] * days / all_days)[days > 0].groupby("group")
        due = staff.assign(due=staff["weekly_hours"] / 5 * working_days(staff, first, last)).groupby("group")
        exposed = exposure[exposure["date"] == first].groupby("group")["total"]
        left = leavers[leavers["date"].between(first, last)].groupby("group")
        found[month] = pd.DataFrame(
            {
                "heads": in_post(staff, last).groupby("group").size(),
                "leavers": left.size(),
                "lost": away["lost"].sum(),
                "absent": away["person_id"].nunique(),
                "due": due["due"].sum(),
                "exposure": exposed.sum(),
                "exposed": exposed.size(),
            }
        )
    return pd.concat(found).swaplevel().sort_index().fillna(0)


def rate(monthly: pd.DataFrame, groups: list[str], months: pd.PeriodIndex, top: str, bottom: str) -> float:
    sums = monthly.loc[(groups, list(months)), :].sum()
    return float(sums[top] / sums[bottom])


def test_running_the_script_again_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", SAMPLE / "make_sample.py", tmp_path], check=True)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    data = [path for path in EXPORTS.iterdir() if path.name != "manifest.toml"]
    assert written == sorted([Path(name) for name in GENERATED] + [p.relative_to(SAMPLE) for p in data])
    differing = [path for path in written if (tmp_path / path).read_bytes() != (SAMPLE / path).read_bytes()]
    assert not differing


def test_the_exports_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXPORTS.iterdir()) < 5_500_000


@pytest.mark.parametrize("day", ["2024-07-01", "2026-01-31", "2026-02-01", "2026-06-30"])
def test_the_register_is_a_tree_of_four_levels_on_every_day(register: pd.DataFrame, day: str) -> None:
    force = register[in_force(register, "valid_from", "valid_to", pd.Timestamp(day))]
    parent = dict(zip(force["unit_id"], force["parent_id"], strict=True))
    assert len(parent) == len(force)
    assert [unit for unit, above in parent.items() if not above] == ["NFS"]
    assert {depth(unit, parent) for unit in parent} == {0, 1, 2, 3}


def depth(unit: str, parent: dict[str, str]) -> int:
    """Steps to the root; an unknown parent raises KeyError, a circle RecursionError."""
    return 0 if not parent[unit] else 1 + depth(parent[unit], parent)


def test_the_re_organisation_is_one_move_one_close_and_one_change_of_posts(register: pd.DataFrame) -> None:
    changed = register[register["valid_to"] == "2026-01-31"].set_index("unit_id")
    assert changed["successor_id"].to_dict() == {"P-KIN": "", "T-ASM-07": "", "T-ASM-08": "T-ASM-07"}
    new = register[register["valid_from"] == "2026-02-01"].set_index("unit_id")
    assert new["parent_id"].to_dict() == {"P-KIN": "D-FAM", "T-ASM-07": "P-ASM"}
    assert len(register) == register["unit_id"].nunique() + len(new)


def test_posts_are_those_the_scenario_needs(register: pd.DataFrame) -> None:
    for day in ("2024-07-01", "2026-02-01"):
        force = register[in_force(register, "valid_from", "valid_to", pd.Timestamp(day))]
        posts = force.groupby(force["unit_id"].map(group))["authorised_posts"].sum()
        assert posts.to_dict() == {CRISIS: 550, REUNIFICATION: 260, REST: 1579}
        assert force[force["unit_id"].str[2:5] == "PSY"]["authorised_posts"].sum() == 10


def test_the_closed_team_has_its_id_until_the_close_and_never_after(rows: Files) -> None:
    closed = rows["staff"][rows["staff"]["unit_id"] == "T-ASM-08"]
    assert len(closed) >= 4 and closed["end_date"].max() == pd.Timestamp("2026-01-31")


def test_ids_are_short_invented_numbers_and_no_cell_is_a_longer_one(raw: Files) -> None:
    for frame in raw.values():
        assert frame.iloc[:, 0].str.fullmatch(r"NW-0\d{5}").all()
        others = frame.iloc[:, 1:].stack()
        assert not others.str.contains(r"\d{7}|\d{3}-\d{2}-\d{4}|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2}|@").any()


def test_about_2400_people_are_in_post_in_every_month(monthly: pd.DataFrame) -> None:
    assert monthly.groupby(level=1)["heads"].sum().between(2300, 2500).all()


def test_every_leaver_has_a_separation_and_an_end_date_on_the_same_day(rows: Files) -> None:
    ended = rows["staff"].dropna(subset=["end_date"])[["person_id", "end_date"]]
    stays = located(rows["staff"], ended, ended["end_date"] + pd.offsets.Day(1))[["person_id", "end_date"]]
    left = set(ended.itertuples(index=False, name=None)) - set(stays.itertuples(index=False, name=None))
    assert left == set(rows["separations"][["person_id", "date"]].itertuples(index=False, name=None))


def test_absence_spells_of_a_person_never_overlap(rows: Files) -> None:
    spells = rows["absences"].sort_values(["person_id", "start_date"])
    after = spells.groupby("person_id")["start_date"].shift(-1)
    assert (after.isna() | (after > spells["end_date"])).all()
    assert ((spells["end_date"] - spells["start_date"]).dt.days > 92).sum() > 50


def test_there_are_rehires_and_second_contracts(rows: Files) -> None:
    again = rows["separations"].merge(rows["staff"], on="person_id")
    assert again[again["start_date"] > again["date"]]["person_id"].nunique() >= 30
    now = rows["staff"][in_force(rows["staff"], "start_date", "end_date", pd.Timestamp("2025-06-30"))]
    assert 8 <= now["person_id"].duplicated().sum() <= 20


@pytest.mark.parametrize(
    ("measure", "top", "bottom", "tolerance"),
    [
        ("exposure_hours", "exposure", "exposed", 1),
        ("absence_rate", "lost", "due", 0.006),
        ("turnover_month", "leavers", "heads", 0.005),
    ],
)
def test_crisis_response_changes_as_planted(
    monthly: pd.DataFrame, measure: str, top: str, bottom: str, tolerance: float
) -> None:
    planted = PLANTS[measure]
    before, after = (
        MONTHS[planted["from"] > MONTHS.astype(str)],
        MONTHS[planted["from"] <= MONTHS.astype(str)],
    )
    assert rate(monthly, [CRISIS], before, top, bottom) == pytest.approx(planted["before"], abs=tolerance)
    assert rate(monthly, [CRISIS], after, top, bottom) == pytest.approx(planted["after"], abs=tolerance)


def test_head_count_in_crisis_response_falls_a_little(monthly: pd.DataFrame) -> None:
    heads = monthly.loc[CRISIS, "heads"]
    assert 0.90 < heads[MONTHS[-1]] / heads[MONTHS[19]] < 0.97


def test_elsewhere_nothing_changes(monthly: pd.DataFrame) -> None:
    rest = [REST, REUNIFICATION]
    for months in (MONTHS[:20], AFTER):
        assert rate(monthly, rest, months, "lost", "due") == pytest.approx(0.045, abs=0.004)
        assert rate(monthly, rest, months, "leavers", "heads") == pytest.approx(0.015, abs=0.003)
        assert rate(monthly, rest, months, "absent", "heads") == pytest.approx(0.22, abs=0.015)


def test_family_reunification_carries_the_planted_caseload(rows: Files) -> None:
    planted, census = PLANTS["open_cases"], rows["caseload"]
    assert census["trauma_cases"].sum() / census["open_cases"].sum() == pytest.approx(0.45, abs=0.01)
    census = located(rows["staff"], census, census["date"])
    cases = census[census["group"] == REUNIFICATION].groupby("date")["open_cases"].agg(["mean", "size"])
    assert len(cases) == len(MONTHS)
    assert cases["mean"].between(planted["after"] - 1, planted["after"] + 1).all()
    assert cases["size"].between(200, 220).all()


def test_exposure_comes_in_quarter_hours_and_never_below_zero(rows: Files) -> None:
    hours = rows["exposure"][["direct_hours", "indirect_hours"]].to_numpy()
    assert (hours >= 0).all() and (hours * 4 % 1 == 0).all()


def faults(frame: pd.DataFrame, declared: dict, roster: set[str], units: set[str]) -> dict[int, str]:
    """What is wrong with which line, found without the README."""
    headings = declared["columns"]
    dated = frame[[heading for name, heading in headings.items() if name.endswith("date")]]
    days = dated.apply(pd.to_datetime, format=declared.get("date_format", "%Y-%m-%d"), errors="coerce")
    unit = frame[headings["unit_id"]] if "unit_id" in headings else pd.Series("NFS", frame.index)
    broken = {
        "impossible date": (days.isna() & (dated != "")).any(axis=1),
        "end before start": days.iloc[:, -1] < days.iloc[:, 0],
        "duplicate row": frame.duplicated(),
        "negative hours": frame.apply(lambda cells: cells.str.startswith("-")).any(axis=1),
        "person not in the roster": ~frame[headings["person_id"]].isin(roster),
        "unknown unit code": ~unit.isin(units),
    }
    return {line: kind for kind, lines in broken.items() for line in frame.index[lines]}


def test_the_readme_lists_all_broken_rows_and_no_others(raw: Files, register: pd.DataFrame) -> None:
    roster, units = set(raw[STAFF_FILE]["Employee No"]), set(register["unit_id"])
    found = {name: faults(raw[name], declared, roster, units) for name, declared in FILES.items()}
    assert found == listed_broken()


def test_the_mapping_translates_every_word_that_the_exports_have(raw: Files) -> None:
    for name, declared in FILES.items():
        for column, words in declared.get("values", {}).items():
            assert set(raw[name][declared["columns"][column]]) <= set(words)


def test_some_cells_end_with_blanks() -> None:
    assert re.search(r"^NW-\d+ +,", (EXPORTS / "Absence detail 2025-26.csv").read_text("utf-8-sig"), re.M)
