"""Rendering in a process of its own: ids in on stdin, what was staged out on stdout, a line each.

Started as ``python -m notion_sync_core.stages.render_process``; a plain child process works in any
program that embeds this package, unlike multiprocessing, which wants to import its main module.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import cattrs
import orjson

from notion_sync_core.errors import NotionSyncError, PluginError, SinkError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.plugins.build import Spec
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.plugins.trace import Trace
from notion_sync_core.plugins.watchdog import Watch
from notion_sync_core.stages.patience import alarmed
from notion_sync_core.stages.render import Made, RenderStage, make_renderers, make_sinks
from notion_sync_core.state import State

_CONVERTER = cattrs.Converter()
_PR_SET_PDEATHSIG = 1
"""Linux, prctl(2); elsewhere the end of the pipe ends the process a little later."""
_BEAT_S = 1.0
"""The process says that it is at work when it has finished a document and was silent for so long."""
_HEEDS_S = 30.0
"""A process that should have broken a renderer off and says nothing for so long more does not heed signals."""
_MOST_DEATHS = 3
"""So many documents, one after the other, may take the process with them."""


_REMEDY = "The last good file is kept. It took the rendering process with it: report it to the renderer's authors."


class ProcessDied(PluginError):
    """The rendering process ended, or had to be ended, while it was asked for something."""


class RenderProcess:
    """Rendering in a child process; batches go in and come out in order.

    :param render_timeout_s: see :class:`~notion_sync_core.stages.patience.SignalPatience`, as the next.
    :param environ: what the job knows beside this process's environment: options refer to secrets in it.
    :param trace_file: where the calls of plugins are written; empty: nowhere.
    """

    def __init__(
        self,
        state: Path,
        mirror: Path,
        renderers: list[Spec],
        sinks: list[Spec],
        run_id: str,
        render_timeout_s: float = 0.0,
        plugin_timeout_s: float = 0.0,
        environ: Mapping[str, str] | None = None,
        trace_file: str = "",
    ) -> None:
        self._environ = {**os.environ, **environ} if environ else None
        self.renderers = tuple(spec.name for spec in renderers)
        self._lock = threading.Lock()
        self._closed = False
        self._silence_s = plugin_timeout_s * len(renderers) + _HEEDS_S if plugin_timeout_s else None
        self._order = {
            "state": str(state),
            "mirror": str(mirror),
            "renderers": _CONVERTER.unstructure(renderers),
            "sinks": _CONVERTER.unstructure(sinks),
            "run_id": run_id,
            "parent": os.getpid(),
            "render_timeout_s": render_timeout_s,
            "plugin_timeout_s": plugin_timeout_s,
            "trace": trace_file,
        }
        self._start()

    def restart(self) -> None:
        """Start another in place of one that died, unless nobody wants it any more."""
        with self._lock:
            if not self._closed:
                self._end()
                self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "notion_sync_core.stages.render_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=self._environ,
        )
        self._heard = b""
        # Not orjson: names of folders may hold bytes that are no UTF-8.
        self._send_line(json.dumps(self._order).encode())

    def submit(self, docs: list[str]) -> None:
        """Ask for a batch."""
        self._send({"docs": docs})

    def result(self) -> list[Made]:
        """The batch asked for first.

        :raises SinkError: a sink cannot be written.
        :raises ProcessDied: it did.
        """
        answer = orjson.loads(self._line())
        while "beat" in answer:
            answer = orjson.loads(self._line())
        if "error" in answer:
            message, remedy, sink, of_sink = answer["error"]
            failure = (SinkError if of_sink else PluginError)(message, remedy)
            failure.sink = sink
            raise failure
        return _CONVERTER.structure(answer["made"], list[Made])

    def _line(self) -> bytes:
        out = self._process.stdout
        assert out is not None
        while b"\n" not in self._heard:
            ready = select.poll()
            ready.register(out, select.POLLIN)
            if not ready.poll(self._silence_s and self._silence_s * 1000):
                self._process.kill()
            if not (more := out.read(1 << 20)):
                status = self._process.wait()
                raise ProcessDied(f"the rendering process ended with status {status}", "Run again with -vv.")
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        return line

    def close(self) -> None:
        """Let the process end."""
        with self._lock:
            self._closed = True
            self._end()

    def _end(self) -> None:
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
        self._send_line(orjson.dumps(message))

    def _send_line(self, line: bytes) -> None:
        assert self._process.stdin is not None
        # A broken pipe is explained by the next result.
        with contextlib.suppress(BrokenPipeError):
            whole = memoryview(line + b"\n")
            while whole:
                whole = whole[self._process.stdin.write(whole) :]


class RenderHand:
    """A thread that hands batches to a rendering process and waits for what it made. A context."""

    def __init__(self, process: RenderProcess) -> None:
        self._process = process
        self._thread = ThreadPoolExecutor(1)
        self._given: list[Future[list[Made]]] = []
        self._deaths = 0

    def __enter__(self) -> RenderHand:
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
        """A document that takes the process with it fails alone: those of its batch are asked for one by one."""
        try:
            self._process.submit(docs)
            made = self._process.result()
        except ProcessDied as died:
            self._process.restart()
            if len(docs) > 1:
                return [each for doc in docs for each in self._make([doc])]
            self._deaths += 1
            if self._deaths >= _MOST_DEATHS:
                raise
            return [Made(doc, error=died.message, remedy=_REMEDY, broken=self._process.renderers) for doc in docs]
        if docs:
            self._deaths = 0
        return made


def serve(lines: IO[bytes], out: IO[bytes]) -> None:
    """Answer batches until the other side closes the pipe."""

    def answer(message: Any) -> None:
        out.write(orjson.dumps(message) + b"\n")
        out.flush()

    order = json.loads(lines.readline())
    if order["parent"] != os.getppid():
        return  # it was killed before this process could ask to die with it; what it wanted still lies in the pipe
    renderers = _CONVERTER.structure(order["renderers"], list[Spec])
    # The other process sums the trace up: it ends last.
    watch = Watch(0.0, Trace(Path(order["trace"]))) if order["trace"] else None
    sinks = make_sinks(_CONVERTER.structure(order["sinks"], list[Spec]), watch=watch)
    state = State(Path(order["state"]), read_only=True)
    mirror = Mirror(Path(order["mirror"]))
    for sink in sinks:
        sink.attach(order["run_id"])
    try:
        with alarmed(order["render_timeout_s"], order["plugin_timeout_s"]) as patience:
            stage = RenderStage(state, mirror, make_renderers(renderers, watch=watch), sinks, patience)
            for line in lines:
                if not _answered(stage, sinks, orjson.loads(line)["docs"], answer):
                    return
    finally:
        for sink in sinks:
            sink.close()
        mirror.close()
        state.close()


def _answered(stage: RenderStage, sinks: list[Sink], docs: list[str], answer: Callable[[Any], None]) -> bool:
    """Answer one batch; whether another can follow."""
    last = time.monotonic()
    made = []
    try:
        for doc in docs:
            made.append(_CONVERTER.unstructure(stage.make(doc)))
            if time.monotonic() - last > _BEAT_S:
                answer({"beat": doc})
                last = time.monotonic()
        for sink in sinks:
            sink.flush()
    except NotionSyncError as error:
        answer({"error": [error.message, error.remedy, error.sink, isinstance(error, SinkError)]})
        return False
    except Exception as error:  # what Python printed would reach people unread by the parent
        message = f"the rendering process failed: {type(error).__name__}: {error}"
        answer({"error": [message, "Run again with -vv.", "", False]})
        return False
    answer({"made": made})
    return True


def _die_with_parent() -> None:
    """A parent that was killed must not leave somebody behind who goes on staging files."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    _die_with_parent()
    # A terminal and a service manager stop the whole group; the parent decides when this process ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What a plugin prints goes where people look; the answers have a way of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        serve(sys.stdin.buffer, answers)
    except BrokenPipeError:
        sys.exit(1)
