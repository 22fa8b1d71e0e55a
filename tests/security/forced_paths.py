"""The ways to fail that are forced, and how the command must end in each: exit code and one sentence."""

from __future__ import annotations

from dataclasses import dataclass

from canary_agency import CanaryAgency, row_text
from spoiling import (
    Spoil,
    cut_off,
    file_as,
    file_is,
    full_disk,
    gone,
    held_warehouse,
    little_memory,
    overwritten,
    short_files,
    struck,
    table_where,
    twice_the_heading,
    umask,
    untouched,
    with_row,
    without_heading,
    words_for_numbers,
)
from striking import Strike, interrupting, killing, raising, refusing, steps, waiting

from pipelines.exports import STAFF

RUN, INGEST, RELEASE = ("run", "EXPORTS"), ("ingest", "EXPORTS"), ("release",)
NOTHING_WRONG, TAKEN_IN = "nothing wrong", "exports taken in"
SILENT = r"^$"
WAREHOUSE, LEDGER, LINES = "home/protected/warehouse.duckdb", "home/ledger.sqlite", "home/ledger.jsonl"
KEY = "home/protected/pseudonym.key"
AFTER_INGEST = (
    "pipelines.release",
    "pipelines.measurement",
    "pipelines.publishing",
    "pipelines.certificate",
    "pipelines.tables",
    "privacy",
)
FAILED, CHECKS_ONLY_WARN = (8, r"A step failed \(RuntimeError\)"), (0, SILENT)


@dataclass(frozen=True)
class Forced:
    """One way to fail.

    ``starts`` names the path on whose outcome it goes on, ``spoilt`` the file that the test itself
    filled with canaries. ``needs_root``: a disk is mounted.
    """

    name: str
    kind: str
    spoil: Spoil
    code: int
    says: str
    verb: tuple[str, ...] = RUN
    starts: str = ""
    spoilt: str = ""
    needs_root: bool = False

    @property
    def folder(self) -> str:
        return self.name.replace(" ", "_")

    def arguments(self, agency: CanaryAgency) -> list[str]:
        return [str(agency.exports) if word == "EXPORTS" else word for word in self.verb]


def _with_a_row(agency: CanaryAgency) -> Strike:
    return raising(row_text(agency))


def _declined_over_a_row(agency: CanaryAgency) -> Strike:
    return refusing(row_text(agency))


def _with_a_row_of_the_disk(agency: CanaryAgency) -> Strike:
    return raising(row_text(agency), OSError)


WELL = (
    Forced(NOTHING_WRONG, "well", untouched, 0, SILENT),
    Forced("dry run", "well", untouched, 0, SILENT, (*INGEST, "--dry-run")),
    Forced(TAKEN_IN, "well", untouched, 0, SILENT, INGEST),
    Forced("run again", "well", untouched, 0, SILENT, starts=NOTHING_WRONG),
    Forced("open umask", "well", umask(0), 0, SILENT),
    Forced("closed umask", "well", umask(0o077), 0, SILENT),
)
EXPORTS = tuple(
    Forced(name, "exports", file_as(export, change), 5, says)
    for name, export, change, says in (
        ("heading lost", "separations", without_heading, "lacks the heading 'Reason'"),
        ("heading twice", "separations", twice_the_heading, "has the heading 'Reason' 2 times"),
        ("ragged row", "separations", with_row(b"%s,%s"), r"line \d+: 10 cells where the header has 5"),
        ("unclosed quote", "separations", with_row(b'"%s'), "broken quotes"),
        ("text after a quote", "separations", with_row(b'"%s"%s'), "broken quotes"),
        ("undecodable bytes", "separations", with_row(b"%s\xff\xfe"), "is not in utf-8"),
        ("NUL byte", "separations", with_row(b"%s\0"), r"line \d+: holds a NUL byte"),
        ("endless cell", "separations", with_row(b'"' + b"%s" * 20_000), "a cell too long"),
        ("half a text in UTF-16", "caseload", lambda content, _: content[:-1], "is not in utf-16"),
        ("half a workbook", "staff", cut_off, "no XLSX workbook"),
        (
            "no workbook",
            "staff",
            lambda content, _: b"PK\x03\x04" + content[-2000:],
            "no readable XLSX workbook",
        ),
    )
)
MACHINE = (
    Forced("little memory", "machine", little_memory, 2, r"\(OutOfMemoryException\), so nothing was loaded"),
    Forced("files may not grow", "machine", short_files(100_000), 7, "disk has room"),
    Forced("protected folder full", "machine", full_disk("protected", 300_000), 8, "No space left on device",
           needs_root=True),
    Forced("protected folder full at a release", "machine", full_disk("protected", 20_000), 7,
           "could not be charged .*disk and memory suffice", RELEASE, TAKEN_IN, needs_root=True),
    Forced("folder of drafts full", "machine", full_disk("held", 10_000), 8, "A step failed",
           needs_root=True),
    Forced("warehouse held", "machine", held_warehouse, 2, "another process holds it"),
)  # fmt: skip
STORES = (
    Forced("conversion refused", "stores", table_where(STAFF, "role VARCHAR not null", "role INTEGER"), 2,
           r"\(ConversionException\), so nothing was loaded"),
    Forced("constraint broken", "stores",
           table_where(STAFF, "role VARCHAR not null", "role VARCHAR references known (role)",
                       "create table known (role varchar primary key)",
                       "insert into known values ('worker')"),
           2, r"\(ConstraintException\), so nothing was loaded"),
    Forced("warehouse overwritten", "stores", file_is(WAREHOUSE, overwritten), 2,
           r"The warehouse cannot be read \(IOException\)", starts=NOTHING_WRONG, spoilt=WAREHOUSE),
    Forced("warehouse cut off", "stores", file_is(WAREHOUSE, cut_off), 8, r"A step failed \(IOException\)",
           starts=NOTHING_WRONG),
    Forced("ledger overwritten", "stores", file_is(LEDGER, overwritten), 7, "The ledger .* is damaged",
           spoilt=LEDGER),
    Forced("ledger cut off", "stores", file_is(LEDGER, cut_off), 7, "The ledger .* is damaged"),
    Forced("published ledger overwritten", "stores", file_is(LINES, overwritten), 0, SILENT,
           starts=NOTHING_WRONG),
    Forced("witness lost", "stores", file_is("witness", gone), 7, "The witness .* is missing"),
    Forced("key lost", "stores", file_is(KEY, gone), 2, "The key .* is missing", starts=NOTHING_WRONG),
    Forced("key cut off", "stores", file_is(KEY, cut_off), 2, "is not 32 bytes long", starts=NOTHING_WRONG),
)  # fmt: skip
STOPS = (
    Forced("fails twice and is tried again", "stops",
           struck("pipelines.release.publish_pending", _with_a_row_of_the_disk, times=2), 0, SILENT),
    Forced("declined over a row", "stops", struck("pipelines.ingest.convert", _declined_over_a_row), 5,
           "is declined"),
    Forced("words where numbers are checked", "stops", words_for_numbers, 0, SILENT),
    Forced("stopped while rows are stored", "stops", struck("pipelines.ingest.store", lambda _: interrupting),
           130, "stopped"),
    Forced("stopped while noise is drawn", "stops",
           struck("privacy.measuring.draw_level", lambda _: interrupting), 130, "stopped"),
)  # fmt: skip


def _error_in(step: str) -> Forced:
    """A step of taking in fails on what was just begun, one of releasing on what was taken in."""
    later = step.startswith(AFTER_INGEST) or step == "pipelines.flows.release_due"
    verb, starts = (RELEASE, TAKEN_IN) if later else (RUN, "")
    code, says = CHECKS_ONLY_WARN if step.startswith("pipelines.checks") else FAILED
    return Forced(f"error in {step}", "step", struck(step, _with_a_row), code, says, verb, starts)


STEPS = tuple(_error_in(step) for step in steps())
IN_ONE_PROCESS = {path.name: path for path in (*WELL, *EXPORTS, *MACHINE, *STORES, *STOPS, *STEPS)}
"""By name, in the order in which they are forced, one after the other in one process."""

KILLED = tuple(
    Forced(f"killed in {step}", "killed", struck(step, lambda _: killing), -9, SILENT)
    for step in (
        "pipelines.ingest.store",
        "pipelines.ingest.write_set_aside",
        "privacy.measuring.draw_level",
        "pipelines.publishing.certificate",
    )
)
"""Each in a process of its own, on what the one before left behind."""
RESUMED = Forced("resumed", "killed", untouched, 0, SILENT)
REFUSED = Forced(
    "refused while the warehouse is open",
    "killed",
    struck("pipelines.ingest.convert", _declined_over_a_row),
    5,
    "is declined",
)
CTRL_C = Forced("Ctrl-C in the middle", "killed", struck("pipelines.ingest.convert", waiting), 130, "stopped")
ALONE = {path.name: path for path in (REFUSED, CTRL_C, *KILLED, RESUMED)}
