"""The flows: names, retries and one call each. The only module that imports Prefect.

Parameters, logs and the texts of errors lie in Prefect's database in clear, so a flow passes paths and
counts, never rows, and an error of another make is re-worded before Prefect sees it. Parameters are texts:
a served flow is loaded from its file alone, where other types are not known yet.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from pipelines.home import Home
from pipelines.ingest import ingest as ingest_exports
from pipelines.ingest_report import IngestReport
from pipelines.installation import opened
from pipelines.orchestration import keeps_in_protected_zone
from pipelines.release import ReleaseReport, release_due
from pipelines.stored import charged_months_of
from privacy.errors import Refusal, kind_of
from privacy.mechanism import DiscreteGaussian
from privacy.periods import Period

Result = TypeVar("Result")


class StepFailed(Refusal):
    """A fault that is no answer to the user, such as a full disk: worth another try."""

    exit_code = 8


def _is_passing(_task: Task[..., object], _run: TaskRun, state: State[object]) -> bool:
    return isinstance(state.result(raise_on_failure=False), StepFailed)


def _reworded(step: Callable[[], Result]) -> Result:
    """Run a step; an error that is not for people becomes one without its text, which could hold a row.

    Whatever ends a step leaves without where it came from, since Prefect keeps it to the end: the frames
    hold rows and the open warehouse, and an error before it may quote a file.
    """
    try:
        return step()
    except (Refusal, KeyboardInterrupt) as ending:
        ended: BaseException = ending
    except Exception as error:
        fault = kind_of(error)
        ended = StepFailed(f"A step failed ({fault}); what was stored is whole, run the same command again.")
    ended.__cause__ = ended.__context__ = None
    raise ended.with_traceback(None)  # outside the handlers, which would give it a context again


def today() -> date:
    return datetime.now(UTC).date()


def start_server() -> None:
    """Start the server in which Prefect keeps what flows did, unless one is named or runs already.

    It does not hear a Ctrl-C on the terminal: the flow that is stopped reports the stop to it, and would
    try for a minute to reach one that stopped as well.

    Raises:
        StepFailed: it does not start.
    """
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        get_client(sync_client=True)
    except RuntimeError:
        raise StepFailed(
            "Prefect's server does not start; see that the disk under protected/ has room and that memory "
            "suffices, and run the same command again."
        ) from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def keep_counts(report: IngestReport) -> None:
    """Keep the report's counts as an artifact: of rows by export, file and rule, never a value."""
    create_table_artifact(report.counts, key="ingest", description="Rows by export, file and rule.")


@task(name="load exports")
def load_exports(home: str, folder: str) -> IngestReport:
    """Everything mapped in a folder, into the warehouse."""
    place = Home(Path(home))

    def step() -> IngestReport:
        with opened(place) as installation:
            known = installation.register.unit_ids
        charged = charged_months_of(place)
        report = ingest_exports(
            place, Path(folder), known_units=known, charged_periods=charged, today=today()
        )
        if keeps_in_protected_zone():
            keep_counts(report)
        return report

    return _reworded(step)


@task(name="measure and publish", retries=2, retry_delay_seconds=2, retry_condition_fn=_is_passing)
def measure_and_publish(home: str, period: str | None) -> ReleaseReport:
    """Whatever is due; a retry serves the draws that the ledger holds and draws only what it lacks."""

    def step() -> ReleaseReport:
        with opened(Home(Path(home))) as installation:
            installation.check_register()
            only = Period.parse(period) if period else None
            return release_due(
                installation.home,
                installation.ledger,
                installation.witness,
                DiscreteGaussian(),
                installation.policy,
                today=today(),
                only=only,
                say=print,
            )

    return _reworded(step)


@flow(name="ingest")
def ingest(home: str, folder: str) -> IngestReport:
    """Take in what HR exported."""
    return load_exports(home, folder)


@flow(name="release")
def release(home: str, period: str | None = None) -> ReleaseReport:
    """Measure and publish what is due, or one month of it."""
    return measure_and_publish(home, period)


@flow(name="monthly")
def monthly(home: str, folder: str) -> tuple[IngestReport, ReleaseReport]:
    """Both, as the schedule runs them. What the rows are never decides whether something is measured."""
    return load_exports(home, folder), measure_and_publish(home, None)


def serve_monthly(home: str, folder: str, cron: str) -> None:
    """Serve the monthly flow on a schedule until stopped."""
    monthly.serve(name="monthly", cron=cron, parameters={"home": home, "folder": folder})
