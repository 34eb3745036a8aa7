"""The file that node exporter's textfile collector reads: whole at any instant, and true every few seconds."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

from attrs import define, field

from notion_sync_core.plugin import Clock, ConfigError, Event, RunFinished, RunStarted
from notion_sync_metrics.numbers import PREFIX, Numbers

_LOCKED = 5
"""The exit status of a run that found another one at work."""
_OURS = f"# HELP {PREFIX}".encode()
_log = logging.getLogger(__name__)


@define
class TextFile:
    """Keeps numbers in a file, and goes on from those that are in it: the runs of one job count on.

    :param every_s: seconds between two writes while a run goes on.
    """

    path: Path
    _numbers: Numbers
    _clock: Clock
    _every_s: float
    _resumed: bool = field(default=False, init=False)
    _wrote: float = field(default=float("-inf"), init=False)
    _fails: bool = field(default=False, init=False)

    def before(self, event: Event) -> None:
        """Before the first numbers of a run are counted: what is in the file is where they begin."""
        if isinstance(event, RunStarted | RunFinished) and not self._resumed and not _is_locked_out(event):
            self._resumed = True
            self._go_on(event.job)

    def after(self, event: Event) -> None:
        """Write when a run begins and ends, and now and then between."""
        if not self._resumed or _is_locked_out(event):
            return  # the run that is at work keeps the file
        is_due = self._clock.monotonic() - self._wrote >= self._every_s
        if is_due or isinstance(event, RunStarted | RunFinished):
            self.write()

    def write(self) -> None:
        """Bring the numbers into the file, by a rename; a disk that does not take them stops nothing."""
        self._wrote = self._clock.monotonic()
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        try:
            beside.write_bytes(self._numbers.text())
            beside.replace(self.path)
        except OSError as error:
            if not self._fails:
                _log.warning("the metrics cannot be written to %s: %s; this is tried again", self.path, error.strerror)
            self._fails = True
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        else:
            self._fails = False

    def _go_on(self, job: str) -> None:
        try:
            text = self.path.read_text("utf-8", "replace")
        except OSError:
            return
        if not self._numbers.resume(text, job):
            _log.warning("%s holds no numbers of this job: they begin anew; give each job a file of its own", self.path)


def check_place(path: str) -> Path:
    """Make sure that a file of metrics can be kept there.

    :raises ConfigError: its folder is not there, or something lies there that is none of ours.
    """
    place = Path(path).absolute()
    if not place.parent.is_dir():
        raise ConfigError(
            f"monitoring.metrics_file: the folder {place.parent} does not exist", "Make it, and run again."
        )
    if not os.access(place.parent, os.W_OK):
        raise ConfigError(f"monitoring.metrics_file: {place.parent} cannot be written", "Check its permissions.")
    try:
        with place.open("rb") as file:
            head = file.read(len(_OURS))
    except FileNotFoundError:
        return place
    except OSError as error:
        raise ConfigError(f"monitoring.metrics_file: {place} cannot be read: {error.strerror}") from None
    if head and head != _OURS:
        raise ConfigError(
            f"monitoring.metrics_file: {place} is there, and was not written by this program",
            "Name another file, or remove that one.",
        )
    return place


def _is_locked_out(event: Event) -> bool:
    error = event.report.get("error") if isinstance(event, RunFinished) else None
    return error is not None and error["exit"] == _LOCKED
