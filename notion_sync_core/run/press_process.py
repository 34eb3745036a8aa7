"""The press in a process of its own: ids in on stdin, what was staged out on stdout, a line each.

Started as ``python -m notion_sync_core.run.press_process``; a plain child process works in any
program that embeds this package, unlike multiprocessing, which wants to import its main module.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import cattrs
import orjson

from notion_sync_core.errors import NotionSyncError, PluginError, SinkError
from notion_sync_core.plugins.build import Spec
from notion_sync_core.plugins.watch import Watch
from notion_sync_core.run.press import Made, Press, make_renderers, make_sinks
from notion_sync_core.state import State
from notion_sync_core.store.mirror import Mirror

_CONVERTER = cattrs.Converter()
_PR_SET_PDEATHSIG = 1
"""Linux, prctl(2); elsewhere the end of the pipe ends the process a little later."""


class PressProcess:
    """A press in a child process; batches go in and come out in order."""

    def __init__(
        self,
        state: Path,
        mirror: Path,
        renderers: list[Spec],
        sinks: list[Spec],
        run_id: str,
        plugin_timeout_s: float = 0.0,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "notion_sync_core.run.press_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=None,
        )
        self._send(
            {
                "state": str(state),
                "mirror": str(mirror),
                "renderers": _CONVERTER.unstructure(renderers),
                "sinks": _CONVERTER.unstructure(sinks),
                "run_id": run_id,
                "parent": os.getpid(),
                "plugin_timeout_s": plugin_timeout_s,
            }
        )

    def submit(self, docs: list[str]) -> None:
        """Ask for a batch."""
        self._send({"docs": docs})

    def result(self) -> list[Made]:
        """The batch asked for first.

        :raises SinkError: a sink cannot be written.
        :raises PluginError: the process died.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise PluginError(f"the rendering process ended with status {self._process.wait()}", "Run again with -vv.")
        answer = orjson.loads(line)
        if "sink_error" in answer:
            raise SinkError(*answer["sink_error"])
        if "error" in answer:
            raise PluginError(*answer["error"])
        return _CONVERTER.structure(answer["made"], list[Made])

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # Not before its end: somebody may still be reading.
        self._process.stdout.close()

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        # A broken pipe is explained by the next result.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(orjson.dumps(message) + b"\n")
            self._process.stdin.flush()


class PressHand:
    """A thread that hands batches to a press process and waits for what it made. A context."""

    def __init__(self, process: PressProcess) -> None:
        self._process = process
        self._thread = ThreadPoolExecutor(1)
        self._given: list[Future[list[Made]]] = []

    def __enter__(self) -> PressHand:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def free(self) -> bool:
        """Whether it would wait for work, without another batch."""
        self._given = [each for each in self._given if not each.done()]
        return len(self._given) < 2

    def make(self, docs: list[str]) -> Future[list[Made]]:
        """Have a batch made."""
        future = self._thread.submit(self._make, docs)
        self._given.append(future)
        return future

    def _make(self, docs: list[str]) -> list[Made]:
        self._process.submit(docs)
        return self._process.result()


def serve(lines: IO[bytes], out: IO[bytes]) -> None:
    """Answer batches until the other side closes the pipe."""

    def answer(message: Any) -> None:
        out.write(orjson.dumps(message) + b"\n")
        out.flush()

    order = orjson.loads(lines.readline())
    if order["parent"] != os.getppid():
        return  # it was killed before this process could ask to die with it; what it wanted still lies in the pipe
    renderers = _CONVERTER.structure(order["renderers"], list[Spec])
    watch = Watch(order["plugin_timeout_s"])
    sinks = make_sinks(_CONVERTER.structure(order["sinks"], list[Spec]), watch=watch)
    state = State(Path(order["state"]), read_only=True)
    mirror = Mirror(Path(order["mirror"]))
    for sink in sinks:
        sink.attach(order["run_id"])
    try:
        press = Press(state, mirror, make_renderers(renderers, watch=watch), sinks)

        def hangs(error: PluginError) -> None:
            answer({"error": [error.message, error.remedy]})
            os._exit(1)

        with watch.watching(hangs):
            for line in lines:
                try:
                    made = [press.make(doc) for doc in orjson.loads(line)["docs"]]
                    for sink in sinks:
                        sink.flush()
                    answer({"made": _CONVERTER.unstructure(made)})
                except SinkError as error:
                    answer({"sink_error": [error.message, error.remedy]})
                    return
                except NotionSyncError as error:
                    answer({"error": [error.message, error.remedy]})
                    return
    finally:
        for sink in sinks:
            sink.close()
        mirror.close()
        state.close()


def _die_with_parent() -> None:
    """A parent that was killed must not leave somebody behind who goes on staging files."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    _die_with_parent()
    # A terminal and a service manager stop the whole group; the parent decides when this process ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        sys.exit(1)
