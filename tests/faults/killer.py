"""A warm process that forks runs and lets them die where it is told: kill points without production code.

Started as a script; an order in on stdin and an answer out on stdout, a line of JSON each. It has one
thread and imports everything once, so that a run costs a fork instead of a Python start.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import time
from collections import Counter
from typing import Any

from notion_sync_core import Job, pipeline, preparing, remembering
from notion_sync_core.cli import main, run
from notion_sync_core.gate import budget
from notion_sync_core.history import blobs, keeping, store
from notion_sync_core.mirror import mirror
from notion_sync_core.pipeline import Options
from notion_sync_core.plugins.hooks import Hooks
from notion_sync_core.stages import (
    commit,
    manifest,
    plan,
    prune,
    read,
    record,
    render,
    render_process,
    surroundings,
    survey,
    tree,
    write,
)
from notion_sync_core.state import State, facts, files, layout, lookups

CALLS: dict[str, tuple[object, str]] = {
    "run numbered": (State, "begin_run"),
    "state claimed": (preparing, "claim_state"),
    "sink claimed": (preparing, "claim_sink"),
    "state opened": (State, "__init__"),
    "state checkpoint": (State, "checkpoint"),
    "mirror opened": (mirror.Mirror, "__init__"),
    "mirror object": (mirror.Mirror, "put_object"),
    "mirror document": (mirror.Mirror, "put_listings"),
    "mirror flush": (mirror.Mirror, "flush"),
    "blob kept": (mirror.Receiver, "keep"),
    "blob temporaries cleared": (mirror.Mirror, "clear_temporary"),
    "history opened": (store.Store, "__init__"),
    "version kept": (blobs.BlobDraft, "keep"),
    "version named": (blobs.Blobs, "place"),
    "versions beside rows": (store.Store, "put_frames"),
    "row of history": (keeping.History, "take"),
    "versions flushed": (blobs.Blobs, "flush"),
    "rows of history committed": (store.Store, "commit"),
    "history settled": (keeping.History, "settle"),
    "old versions forgotten": (remembering, "forget_old"),
    "reading begun": (plan.Plan, "begin"),
    "discovery batch": (record.Recorder, "see"),
    "object looked up": (record.Recorder, "fetched"),
    "object asked for": (lookups.Lookups, "ask"),
    "reading taken": (plan.Plan, "take_pending"),
    "document stored": (read.Reader, "_store"),
    "reading finished": (plan.Plan, "finish_read"),
    "assets noted": (record.Recorder, "_keep_assets"),
    "places assigned": (layout.Layout, "assign_folders"),
    "layout": (tree, "lay_out"),
    "surroundings": (surroundings, "arrange"),
    "sink inspected": (survey.Surveyor, "survey"),
    "assets written": (write.DocumentWriter, "write_assets"),
    "document rendered": (render.RenderStage, "make"),
    "batch committed": (commit.Committer, "commit"),
    "intent": (files.Files, "intend"),
    "record": (commit.Committer, "_record"),
    "batch finished": (write.DocumentWriter, "_finish"),
    "retire": (prune.Pruner, "retire"),
    "site files": (write.DocumentWriter, "write_site"),
    "guard checked": (prune.Pruner, "check_guard"),
    "manifest": (write.DocumentWriter, "write_manifest"),
    "retired removed": (prune.Pruner, "remove"),
    "one removed": (prune.Pruner, "_remove"),
    "render process started": (render_process.RenderProcess, "__init__"),
    "render process asked": (render_process.RenderProcess, "submit"),
    "render process answered": (render_process.RenderProcess, "result"),
    "render process closed": (render_process.RenderProcess, "close"),
    "budget written": (budget._locked, "__exit__"),
}
"""Steps that matter, by the function that takes them."""
HOOKS = (
    *("sink_open", "sink_stage", "sink_commit", "sink_discard", "sink_flush", "sink_stat", "sink_delete"),
    *("source_discover", "source_expand", "source_fetch", "source_read", "source_download", "render_document"),
)
SYSTEM = ("rename", "replace", "fsync", "unlink", "mkdir", "rmdir", "pwrite", "ftruncate", "close")
"""Functions of :mod:`os`, which the sink, the mirror's blobs and the ledger use."""
POINTS = [
    f"{when} {name}"
    for name in (*CALLS, "watermark", *(f"hook {hook}" for hook in HOOKS), *(f"os.{name}" for name in SYSTEM))
    for when in ("before", "after")
]


SMALL = 700
"""Bytes of a version that lies beside the rows. Documents are small here: of some they lie in files, as if large."""


class Strike:
    """Counts how often each point is passed, and sends the signal at the n-th time of one."""

    def __init__(self, point: str, number: int, signum: int) -> None:
        self.counts: Counter[str] = Counter()
        self._point, self._number, self._signum = point, number, signum
        self._lock = threading.Lock()
        self.again_after = 0.0
        """So many seconds later the signal comes again."""

    def passing(self, point: str) -> None:
        with self._lock:
            self.counts[point] += 1
            hit = point == self._point and self.counts[point] == self._number
        if hit:
            os.kill(os.getpid(), self._signum)
            if self.again_after:
                threading.Timer(self.again_after, os.kill, (os.getpid(), self._signum)).start()

    def around(self, name: str, function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.passing(f"before {name}")
            result = function(*args, **kwargs)
            self.passing(f"after {name}")
            return result

        return wrapper

    def install(self) -> None:
        """Wrap every point; there is no way back, the process is a fork that ends with the run."""
        for name, (holder, attribute) in CALLS.items():
            setattr(holder, attribute, self.around(name, getattr(holder, attribute)))
        for name in SYSTEM:
            setattr(os, name, self.around(f"os.{name}", getattr(os, name)))
        call, put = Hooks.call, facts.Facts.put

        def hooked(hooks: Hooks, name: str, **given: Any) -> Any:
            if name not in HOOKS:
                return call(hooks, name, **given)
            return self.around(f"hook {name}", functools.partial(call, hooks, name))(**given)

        def noting(where: facts.Facts, name: str, value: str) -> None:
            if name != "since":
                put(where, name, value)
            else:
                self.around("watermark", functools.partial(put, where))(name, value)

        functools.update_wrapper(hooked, call)
        functools.update_wrapper(noting, put)
        Hooks.call, facts.Facts.put = hooked, noting  # type: ignore[method-assign]


def fork(order: dict[str, Any], others: list[int]) -> tuple[int, int]:
    """Start one run; gives its process and the pipe it answers through."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child:
        os.close(theirs)
        return child, ours
    status = 99
    try:
        for handle in (ours, *others):
            os.close(handle)
        status = live(order, theirs)
        # As at the end of a program: threads that still run are waited for.
        threading._shutdown()
    finally:
        os._exit(status)


def live(order: dict[str, Any], pipe: int) -> int:
    """The run itself, in the fork."""
    strike = Strike(*order.get("strike", ("", 0, 9)))
    strike.again_after = order.get("again_after", 0.0)
    os.environ.update(order.get("environ", {}))
    if order.get("wrapped", True):
        strike.install()
    if "many" in order:
        pipeline.MANY = order["many"]
    if "command" in order:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(order.get("stderr", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
        sys.argv = order["command"]
        try:
            main()
        except SystemExit as leaving:
            return int(leaving.code or 0)
        return 0
    job = Job.load(environ=order["job_environ"], use_default_file=False, flags=order["flags"])
    report = pipeline.run(job, Options(mode=order.get("mode", "sync")))
    answer = {"report": report.to_json(), "counts": strike.counts, "error": str(report.error or "")}
    os.write(pipe, json.dumps(answer).encode())
    return int(report.exit_code)


def follow(order: dict[str, Any], child: int, pipe: int, started: float) -> dict[str, Any]:
    """Wait for a run, or kill it at its instant."""
    if "kill_after" in order and not select.select([pipe], [], [], order["kill_after"])[0]:
        os.kill(child, signal.SIGKILL)
    raw = b""
    while chunk := os.read(pipe, 1 << 16):
        raw += chunk
    os.close(pipe)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = {}
    return {**answer, "code": code, "seconds": time.monotonic() - started}


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """One order: one run, or many at once."""
    started = time.monotonic()
    if "times" not in order:
        return follow(order, *fork(order, []), started)
    running: list[tuple[int, int]] = []
    for _ in range(order["times"]):
        running.append(fork(order, [pipe for _, pipe in running]))
    waiting = dict(running)
    ended = []
    while waiting:
        child, status, used = os.wait4(-1, 0)
        os.close(waiting.pop(child))
        worked = used.ru_utime + used.ru_stime
        code = os.waitstatus_to_exitcode(status)
        ended.append({"code": code, "seconds": time.monotonic() - started, "worked": worked})
    return {"ended": ended}


if __name__ == "__main__":
    # What a run would import is imported once, before the forks.
    for package in ("notion", "fs", "markdown", "html", "json", "console"):
        importlib.import_module(f"notion_sync_{package}")
    assert manifest.MANIFEST and run.sync
    blobs.SMALL = SMALL
    # No fork need look at all this, and copy the pages of memory that it lies in.
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
