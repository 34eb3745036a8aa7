"""The process of a turn, as its worker has it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import define, field, frozen

from notion_sync_core.plugin import SinkError
from notion_sync_fleet.given import Outcome, Task
from notion_sync_fleet.values import Turn

TOKEN = "NOTION_TOKEN"  # noqa: S105 - a name
"""The variable in which a job finds its token."""
LOG_FORMAT = "NOTION_SYNC_MONITORING__LOG_FORMAT"
"""The variable that says in which form a turn's log goes to the worker's stderr."""
_KEPT = frozenset(
    (
        *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        *("NO_COLOR", LOG_FORMAT),
    )
)
"""What a turn has of its worker's environment: no secret of anybody, but for what the vault's bucket needs:"""
_OF_THE_BUCKET = "AWS_"
_MODULE = ("-m", "notion_sync_fleet.turn")


@define
class TurnProcess:
    """See :class:`~notion_sync_fleet.worker.Child`."""

    process: subprocess.Popen[bytes]
    folder: Path
    _is_killed: bool = field(default=False, init=False)

    def ended(self) -> int | None:
        """See :meth:`Child.ended`."""
        return self.process.poll()

    def say(self, line: bytes) -> None:
        """See :meth:`Child.say`."""
        assert self.process.stdin is not None
        # What cannot be said to a process that is dead, or does not listen, need not be.
        with contextlib.suppress(BrokenPipeError, BlockingIOError):
            os.write(self.process.stdin.fileno(), line)

    def stop(self) -> None:
        """See :meth:`Child.stop`."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """See :meth:`Child.kill`."""
        if not self._is_killed:
            self._is_killed = True
            # It leads a group of its own, which is there for as long as it was not waited for.
            if self.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)

    def outcome(self) -> Outcome:
        """See :meth:`Child.outcome`."""
        return Outcome.left_in(self.folder)

    def clear(self) -> None:
        """See :meth:`Child.clear`."""
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@frozen
class Launcher:
    """See :class:`~notion_sync_fleet.worker.Launch`.

    :param resolve: what a reference to a secret refers to, on this machine.
    :param scratch: below it each turn has a folder of its own, which is taken away.
    """

    desk: str = field(repr=False)
    vault: str
    grace_s: float
    resolve: Callable[[str], str] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    scratch: Path | None = None
    command: Sequence[str] = (sys.executable, *_MODULE)

    def __call__(self, turn: Turn, token: str, config: str, valid_until: float) -> TurnProcess:
        """See :meth:`Launch.__call__`.

        :raises ConfigError: the secret is not on this machine.
        :raises SinkError: there is no room for one more process, or on the disk.
        """
        secrets = {TOKEN: self.resolve(token)} if token else {}
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"notion-sync-{turn.job}-", dir=self.scratch))
        except OSError as error:
            raise SinkError(f"no folder can be made for a turn: {error.strerror}", "Free some space there.") from None
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                cwd=folder,
                env=clean(self.environ),
                start_new_session=True,
            )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise SinkError(f"no process can be started: {error.strerror}", "Give the worker fewer slots.") from None
        task = Task(turn, config, self.desk, self.vault, folder, valid_until, self.grace_s, secrets)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is dead: that shows
            process.stdin.write(task.line())
            process.stdin.flush()
        os.set_blocking(process.stdin.fileno(), False)
        return TurnProcess(process, folder)


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """What a turn has of its worker's environment."""
    return {name: value for name, value in environ.items() if name.upper() in _KEPT or name.startswith(_OF_THE_BUCKET)}
