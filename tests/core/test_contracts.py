"""The contract suite of sinks finds what is wrong with a sink, and says so."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import LockedError, SinkError
from notion_sync_core.model import Artifact, Staged, Stat
from notion_sync_core.plugin import hookimpl
from notion_sync_core.testing.contracts import check_sink


class FolderSink:
    """As little as passes, and one place to break each part of it."""

    holders: dict[str, str] = {}

    def __init__(self, root: Path) -> None:
        self.root = root
        self.location = str(root)
        self.staging = root.parent / "staging"
        self.number = 0

    @hookimpl
    def sink_open(self, run_id: str) -> None:
        if self.location in self.holders:
            raise LockedError("another run writes here", "Wait until it has finished.")
        self.holders[self.location] = run_id
        self.held = True
        self.root.mkdir(exist_ok=True)
        self.sink_attach(run_id)

    @hookimpl
    def sink_attach(self, run_id: str) -> None:
        self.staging.mkdir(exist_ok=True)
        self.prefix = run_id

    @hookimpl
    def sink_close(self) -> None:
        if getattr(self, "held", False):
            self.held = False
            del self.holders[self.location]

    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        content = b"".join(artifact.chunks)
        token = uuid.uuid4().hex
        (self.staging / token).write_bytes(content)
        return Staged(str(artifact.path), hashlib.sha256(content).hexdigest(), len(content), token)

    def place(self, path: str) -> Path:
        if path.startswith("/") or ".." in path.split("/") or not path:
            raise SinkError("outside")
        return self.root / path

    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat | None:
        place = self.place(staged.path)
        if "/" in staged.token:
            raise SinkError("no token of ours")
        place.parent.mkdir(parents=True, exist_ok=True)
        (self.staging / staged.token).rename(place)
        return self.sink_stat(staged.path)

    @hookimpl
    def sink_discard(self, staged: Staged) -> None:
        (self.staging / staged.token).unlink(missing_ok=True)

    @hookimpl
    def sink_flush(self) -> None:
        """Nothing waits."""

    @hookimpl
    def sink_stat(self, path: str) -> Stat | None:
        place = self.place(path)
        found = place.stat() if place.is_file() else None
        return Stat(found.st_size, str(found.st_ino)) if found else None

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        yield self.place(path).read_bytes()

    @hookimpl
    def sink_delete(self, path: str) -> None:
        self.place(path).unlink(missing_ok=True)


def test_a_sink_that_keeps_the_contract_passes(tmp_path: Path) -> None:
    check_sink(lambda: FolderSink(tmp_path / "out"))


class ShowsTooEarly(FolderSink):
    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        staged = super().sink_stage(artifact)
        place = self.place(staged.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((self.staging / staged.token).read_bytes())
        return staged


class LetsEverybodyIn(FolderSink):
    @hookimpl
    def sink_open(self, run_id: str) -> None:
        self.holders.clear()
        super().sink_open(run_id)

    @hookimpl
    def sink_close(self) -> None:
        self.holders.clear()


class WritesAnywhere(FolderSink):
    def place(self, path: str) -> Path:
        return self.root / path


class TakesAnyHandle(FolderSink):
    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat | None:
        place = self.place(staged.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        token = self.staging / staged.token
        place.write_bytes(token.read_bytes() if token.exists() else b"")
        return self.sink_stat(staged.path)


class SwallowsErrors(FolderSink):
    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        def until_it_breaks() -> Iterator[bytes]:
            try:
                yield from artifact.chunks
            except SinkError:
                return

        return super().sink_stage(Artifact(artifact.path, until_it_breaks(), artifact.media_type))


class ReadsNothingAsEmpty(FolderSink):
    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        place = self.place(path)
        yield place.read_bytes() if place.is_file() else b""


class Forgets(FolderSink):
    @hookimpl
    def sink_open(self, run_id: str) -> None:
        if run_id == "second" and self.location not in self.holders:
            (self.root / "kept.md").unlink()
            (self.root / "kept.md").write_bytes(b"lost")
        super().sink_open(run_id)


class HasNoLocation(FolderSink):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.location = ""


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (ShowsTooEarly, "staging shows nothing"),
        (LetsEverybodyIn, "one writer at a time"),
        (WritesAnywhere, "must be refused"),
        (TakesAnyHandle, "committing the token"),
        (SwallowsErrors, "must come through"),
        (ReadsNothingAsEmpty, "raises FileNotFoundError"),
        (Forgets, "is there after opening again"),
        (HasNoLocation, "a location says something"),
    ],
)
def test_a_sink_that_breaks_it_is_told_where(tmp_path: Path, broken: Callable[[Path], Any], reason: str) -> None:
    FolderSink.holders.clear()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    with pytest.raises(AssertionError, match=reason):
        check_sink(lambda: broken(tmp_path / "deep" / "er" / "out"))
    FolderSink.holders.clear()
