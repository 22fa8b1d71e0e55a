"""Publishing: what was drawn becomes a release, held where it needs approval, then out; whole or not at all.

Every step can be repeated: a release is a function of the ledger up to its last draw, and where it
stands is read from the ledger, never from the disk.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.certificate import certificate
from pipelines.home import Home
from pipelines.release_files import CERTIFICATE, WITHDRAWN, hashes, json_text, write_files, write_text
from privacy.durable import put_in_place, sync_folder
from privacy.errors import Refusal
from privacy.ledger import Ledger, export
from privacy.periods import Cadence, Period
from privacy.records import Records
from privacy.releases import ReleaseState, Stage, newest_published, stages
from privacy.witness import Witness

FOLDER_MODE, HELD_MODE = 0o750, 0o700


@dataclass(frozen=True)
class Published:
    """One release that lies in its folder: for readers, or held for approval."""

    id: str
    period: Period
    folder: Path
    is_held: bool = False


def publish_pending(home: Home, ledger: Ledger, witness: Witness) -> tuple[Published, ...]:
    """Make a release of what was drawn since the last one, and put every release where it belongs.

    Returns those that were put in their place now.
    """
    _enter_release(home, ledger)
    return place_entered(home, ledger, witness)


def place_entered(home: Home, ledger: Ledger, witness: Witness) -> tuple[Published, ...]:
    """Put every release that was entered where it belongs; returns those that were not there.

    A power cut may take both names of a release that was on its way, and only the newest can be written anew:
    so this comes before anything new is measured.
    """
    witness.see(ledger.records)
    records = ledger.records
    placed = [_place(home, records, state) for state in stages(records).values()]
    _show(home, ledger)
    return tuple(release for release in placed if release is not None)


def unpublished_month(records: Records) -> Period | None:
    """The newest month of which something was drawn after the last release."""
    return _newest_month(records, _last_release(records))


def _last_release(records: Records) -> int:
    return max((entry.seq for entry in records.of("release")), default=0)


def _newest_month(records: Records, after: int) -> Period | None:
    """The newest month in which anything ended that was drawn after an entry."""
    fresh = (m.period.months[-1].index for m in records.measurements if m.seq > after)
    newest = max(fresh, default=None)
    return None if newest is None else Period(Cadence.MONTH, newest)


def _enter_release(home: Home, ledger: Ledger) -> None:
    """Write the files of what was drawn since the last release and enter their hashes."""
    records = ledger.records
    last_draw = max((m.seq for m in records.measurements), default=0)
    period = _newest_month(records, 0)
    if period is None or last_draw < _last_release(records):
        return
    release_id = f"{period}-{last_draw:06d}"
    draft = _written(home, records.up_to(last_draw), release_id, period)
    ledger.append("release", {"release": release_id, "period": str(period), "files": hashes(draft)})


def _written(home: Home, records: Records, release_id: str, period: Period) -> Path:
    draft = home.held / f".{release_id}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=HELD_MODE, parents=True)
    write_files(draft, release_id, period, records)
    sync_folder(draft)
    sync_folder(home.held)
    return draft


def _place(home: Home, records: Records, state: ReleaseState) -> Published | None:
    """Put one release where it belongs, unless it lies there."""
    out, held = home.releases / state.id, home.held / state.id
    if state.stage is Stage.WITHDRAWN:
        _mark_withdrawn(home, state)
        return None
    is_held = state.stage is Stage.HELD
    target = held if is_held else out
    if target.exists():
        return None
    source = held if held.exists() else _drafted(home, records, state)
    if source is None:
        return None
    if hashes(source) != state.entry.body["files"]:
        raise Refusal(
            f"Release {state.id} lies in held/ otherwise than it was entered and approved: its files were "
            "changed. Put them back as they were from a backup; nothing of it is published."
        )
    if not is_held:
        write_text(source / CERTIFICATE, json_text(certificate(_as_it_left(records, state), state)))
    source.chmod(HELD_MODE if is_held else FOLDER_MODE)
    sync_folder(source)
    put_in_place(source, target)
    return Published(state.id, Period.parse(state.entry.body["period"]), target, is_held)


def _drafted(home: Home, records: Records, state: ReleaseState) -> Path | None:
    """The draft of a release that was entered: as it lies there, or, for the newest, written once more.

    An older release that somebody has removed is left to the auditor, who is told of it.

    Raises:
        Refusal: the newest cannot be written as it was entered.
    """
    draft, files = home.held / f".{state.id}.draft", state.entry.body["files"]
    if hashes(draft) == files:
        return draft
    if state.entry.seq != _last_release(records):
        return None
    period = Period.parse(state.entry.body["period"])
    if hashes(_written(home, records.up_to(state.drawn_up_to), state.id, period)) != files:
        raise Refusal(
            f"Release {state.id} was entered before it could be published, and other library versions now "
            "write it differently; install the versions of requirements.txt and run again."
        )
    return draft


def _as_it_left(records: Records, state: ReleaseState) -> Records:
    """The ledger up to what let a release leave: its entry, or its approval."""
    approvals = (e.seq for e in records.of("approved") if e.body["release"] == state.id)
    return records.up_to(max(approvals, default=state.entry.seq))


def _mark_withdrawn(home: Home, state: ReleaseState) -> None:
    """A withdrawn release stays where it was and says so; one that was still held never leaves."""
    folder = home.releases / state.id
    if folder.is_dir() and not (folder / WITHDRAWN).exists():
        body: Mapping[str, Any] = {"release": state.id, "reason": state.reason}
        write_text(folder / WITHDRAWN, json_text(body))


def _show(home: Home, ledger: Ledger) -> None:
    """Bring what readers look at up to the ledger: the newest release and the published entries."""
    newest = newest_published(ledger.records)
    link = home.releases / "latest"
    if newest is None:
        link.unlink(missing_ok=True)
    elif not link.is_symlink() or link.readlink() != Path(newest.id):
        _point_latest(link, newest.id)
    if not _is_published(home, ledger.records):
        export(ledger, home.ledger_lines)


def _is_published(home: Home, records: Records) -> bool:
    """Whether ``ledger.jsonl`` ends where the ledger does; not where it is missing or damaged."""
    try:
        return Records.from_file(home.ledger_lines).head == records.head
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _point_latest(link: Path, release_id: str) -> None:
    draft = link.with_name(".latest.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(release_id)
    put_in_place(draft, link)
