"""``python -m notion_sync_fleet.turn``: one turn of one job, in a process of its own.

Whatever happens to it, a plugin that crashes or eats all memory, happens to one job of one tenant, whose secrets are
the only ones that it ever had. What it is to do comes on standard input (:mod:`~notion_sync_fleet.given`), how it ended
is its exit status.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from typing import BinaryIO

from attrs import evolve

from notion_sync_core import Job, Report, StateError, Stop
from notion_sync_core.cli.allocator import keep_few_arenas
from notion_sync_core.cli.options import set_up_logging
from notion_sync_core.cli.voice import voice
from notion_sync_core.history.carrying import carry
from notion_sync_core.host import Budgets, Host
from notion_sync_core.pipeline import Options
from notion_sync_core.plugin import Clock, NotionSyncError, SinkError, SystemClock
from notion_sync_fleet.connection import Connection
from notion_sync_fleet.desk import Desk
from notion_sync_fleet.fitness import refuse_a_history_of_its_own, refuse_places_within
from notion_sync_fleet.given import Outcome, Task
from notion_sync_fleet.hold import Hold
from notion_sync_fleet.ledger import budgets
from notion_sync_fleet.options import options_of
from notion_sync_fleet.patience import patiently
from notion_sync_fleet.places import place_of
from notion_sync_fleet.postgres import PostgresTables
from notion_sync_fleet.vault import Intents, Place, Vault

LISTED_WITHIN_S = 1800.0
"""A turn that was cut short is gone on with, without listing again, so long after everything was listed."""
_PATIENCE_S = 20.0
_LONGEST = 16 << 20
"""Bytes of a task."""
_log = logging.getLogger(__name__)


def job_of(task: Task, environ: Mapping[str, str]) -> Job:
    """The job of a turn, with its home in the turn's folder.

    :raises ConfigError: its file cannot be used, or not in a fleet.
    """
    file = task.folder / f"{task.turn.job}.toml"
    file.write_text(task.config, "utf-8")
    flags = {"deployment.state_dir": str(task.folder / "home"), "history.enabled": True}
    job = Job.load(file, environ={**environ, **task.secrets}, flags=flags)
    refuse_a_history_of_its_own(job)
    refuse_places_within(job, task.folder)
    if not job.config.export.id:
        job = evolve(job, config=evolve(job.config, export=evolve(job.config.export, id=task.turn.job)))
    return job


def carry_out(
    task: Task, job: Job, desk: Desk, budget: Budgets | None, place: Place, stop: Stop, clock: Clock
) -> Report:
    """Bring the job's state, run the job, and take its state back, as what counts from now on.

    :raises FenceLost: somebody else has the job by now; what was left in the vault does not count.
    :raises NotionSyncError: the state could not be brought or taken back: this turn might not have been.
    """
    turn, vault = task.turn, Vault(place)
    folder, history = job.folder(), job.history_folder()
    history.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = folder / "state.sqlite"
    try:
        vault.fetch(turn.generation, state, history / "history.sqlite")
    except StateError:
        desk.assignment(turn)  # what it begins with is swept when somebody else has committed: then that is why
        raise
    host = Host(budget=budget, intents=Intents(place, turn.generation, turn.fence), versions=vault.held)
    mode = options_of(job).mode
    report = job.on(host).run(
        Options("export" if mode == "export" else "sync", listed_within_s=LISTED_WITHIN_S), (), stop
    )
    if state.exists() and not isinstance(report.error, StateError):
        rows = task.folder / "rows.sqlite"
        carry(folder, history, place.put, rows)
        vault.store(turn.fence, state, rows)
        patiently(lambda: desk.commit(turn), clock, _PATIENCE_S)
        with contextlib.suppress(SinkError):  # the next turn does it
            vault.sweep(turn.fence)
    return report


def _first_line(said: BinaryIO) -> bytes:
    """What is said up to the end of the line, and nothing of what follows."""
    line = bytearray()
    while not line.endswith(b"\n") and len(line) < _LONGEST:
        piece = said.read(1)
        if not piece:
            break
        line += piece
    return bytes(line)


def _turn(task: Task, stop: Stop) -> int:
    job = job_of(task, os.environ)
    voice().know(job.redactor())
    job.redactor().know(task.desk, *task.secrets.values())
    set_up_logging(0, False, job)
    with contextlib.closing(Connection(task.desk)) as connection:
        desk, place = Desk(PostgresTables(connection)), place_of(task.vault, task.turn.job)
        report = carry_out(task, job, desk, budgets(connection), place, stop, SystemClock())
    if report.error is not None:
        Outcome(report.error.message, report.error.remedy).keep(task.folder)
    elif report.failures:
        first = report.failures[0]
        Outcome(f"{len(report.failures)} failed, the first: {first['error']}", first["remedy"]).keep(task.folder)
    return int(report.exit_code)


def main() -> int:
    """Take the turn that standard input tells of.

    :returns: the exit status, as of ``notion-sync sync``.
    """
    keep_few_arenas()
    said = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    task, stop, clock = Task.of_line(_first_line(said)), Stop(), SystemClock()
    signal.signal(signal.SIGTERM, lambda signum, _: stop.request(signum))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal it comes to all: the worker says what to do
    Hold(said, stop, task.valid_until, task.grace_s, clock.monotonic).watch()
    try:
        return _turn(task, stop)
    except NotionSyncError as error:
        Outcome(voice().redact(error.message), voice().redact(error.remedy)).keep(task.folder)
        voice().error(error)
        return int(error.exit_code)
    except Exception as error:  # a fault of this program ends one turn, and is told
        Outcome(voice().redact(f"unexpected {type(error).__name__}: {error}")[:1000]).keep(task.folder)
        voice().traceback(error)
        return 1


if __name__ == "__main__":
    status = main()
    # Threads that wait for a silent server are not waited for.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
