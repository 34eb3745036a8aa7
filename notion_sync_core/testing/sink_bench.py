"""Where sinks are examined: instances that are given back, short ways to write and read, and paths that are hard."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from notion_sync_core.errors import LockedError, NotionSyncError, PluginError, SinkError
from notion_sync_core.model import Artifact, Staged, Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.testing.examine import Feature, Given, Make, Paper, built

AWKWARD = (
    "Größe/Straße é.md",
    "日本語/ページ.md",
    "🚲/🛠.md",
    "a b  c.md",
    "a b c.md",
    "a%20b c.md",
    "a+b c.md",
    "100% & more + 50?.md",
    "quotes \"double\" 'single'.md",
    "#hash;semi=colon,comma.md",
    "<angle> [square] {curly}.md",
    "~tilde^caret`grave|pipe.md",
    "..dots...md",
    ".hidden",
    "no suffix",
    f"{'long' * 35}/{'x' * 140}.md",
)
"""Paths that pages can have; each must come back as it was."""
OUTSIDE = ("../outside.md", "/outside.md", "a/../../outside.md", "..", "", ".", "a/..")
"""Paths that lead out of a sink's root, or are none."""
LARGE = 20 << 20
"""Bytes of the largest file: more than anybody sends in one piece without thinking."""


class SinkBench:
    """Sinks of one place, each given back when the check is over."""

    def __init__(self, make: Make, folder: Path) -> None:
        self.folder = folder
        given = Given.of(make)
        self.golden, self.looks = given.golden, given.looks
        self._make = make
        self._made: list[Sink] = []

    def sink(self) -> Sink:
        """One more instance at the same place, not opened."""
        found = built("sinks", self._make, self.folder)
        sink = Sink(found.name, found.plugin, found.hooks)
        self._made.append(sink)
        return sink

    def elsewhere(self) -> Any:
        """The plugin of another place."""
        other = self.folder / "elsewhere"
        other.mkdir(exist_ok=True)
        return self._make(other)

    @contextlib.contextmanager
    def opened(self, run_id: str = "first") -> Iterator[Sink]:
        """An instance that is open."""
        sink = self.sink()
        sink.open(run_id)
        try:
            yield sink
        finally:
            sink.close()

    def close(self) -> None:
        """Close every instance; what that raises no longer matters."""
        for sink in self._made:
            with contextlib.suppress(NotionSyncError):
                sink.close()

    def files_with(self, content: bytes) -> list[Path]:
        """Files below the check's folder that hold these bytes."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return [path for path in found if content in path.read_bytes()]


def stage(sink: Sink, path: str, chunks: Iterable[bytes] = (b"x",)) -> Staged:
    """Stage a file."""
    return sink.stage(Artifact(path, chunks, "text/markdown"))


def put(sink: Sink, path: str, content: bytes = b"x") -> None:
    """Stage and commit a file."""
    sink.commit(stage(sink, path, [content]))


def put_all(sink: Sink, *paths: str) -> None:
    """Write files that hold their own paths, and flush."""
    for path in paths:
        put(sink, path, path.encode())
    sink.flush()


def read(sink: Sink, path: str) -> bytes:
    """All bytes of a file."""
    return b"".join(sink.read(path))


def stat(sink: Sink, path: str) -> Stat | None:
    """What lies there; a call that says it may be another answer than before."""
    return sink.stat(path)


def is_missing(sink: Sink, path: str) -> None:
    """Nothing lies at a path.

    :raises AssertionError: something does, or reading it does not say so.
    """
    assert sink.stat(path) is None, f"{path} is there, though it should not be"
    try:
        read(sink, path)
    except FileNotFoundError:
        return
    raise AssertionError(f"reading {path}, which is not there, must raise FileNotFoundError")


def sha256(content: bytes) -> str:
    """As sinks and manifests write it."""
    return hashlib.sha256(content).hexdigest()


def write_until_killed(plugin: Any, *, answers: Any, run_id: str, versions: int, size: int) -> None:
    """In another process: write one file again and again, say how often, and leave something staged at last."""
    from notion_sync_core.plugins.hooks import single

    sink = Sink("examined", plugin, single(plugin, "examined"))
    sink.open(run_id)
    for number in range(versions):
        put(sink, "killed.bin", version(number, size))
        sink.flush()
        answers.write(b".")
        answers.flush()
    stage(sink, "never-committed.bin", [b"left by the dead"])
    answers.write(b"!")
    answers.flush()
    os.read(0, 1)  # until somebody ends this process


def version(number: int, size: int) -> bytes:
    """A file whose every piece says which version it is of."""
    return (b"%08d" % number) * (size // 8)


def _has_url(bench: SinkBench) -> bool:
    plugin = bench.sink().plugin
    return bool(getattr(plugin, "scheme", "")) or hasattr(plugin, "options_from_url")


def _tells_obstacles(bench: SinkBench) -> bool:
    with bench.opened() as sink:
        put_all(sink, "a/b.md")
        found = sink.stat("a")
        return found is not None and bool(found.obstacle)


def _implements(hook: str) -> Any:
    return lambda bench: bench.sink().hooks.implements(hook)


PAPER = Paper(
    "sinks",
    SinkBench,
    [
        Feature("attach", "a second process can stage for the one that holds it open", _implements("sink_attach")),
        Feature("look", "it can be read without being opened", _implements("sink_look")),
        Feature("list", "it tells everything that it holds", _implements("sink_list")),
        Feature("same", "it says whether two spellings are one file", _implements("sink_same")),
        Feature("respell", "it gives a file another spelling", _implements("sink_respell")),
        Feature("obstacle", "it names what stands in a file's place and is no file", _tells_obstacles),
        Feature("url", "URLs lead to it", _has_url),
    ],
)
REFUSALS = (SinkError, ValueError, PluginError, LockedError)
"""What a sink may say to something that it must not do."""
