"""A sink in its place: its hooks with types, called alone, so that its failure is its own."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Generator, Iterator
from typing import Any

from attrs import frozen

from notion_sync_core.errors import PluginError, SinkError
from notion_sync_core.model import Artifact, Staged, Stat
from notion_sync_core.plugins.hooks import Hooks, single


@frozen
class Sink:
    """Where files go. For each method see the hook with its name."""

    name: str
    plugin: Any
    hooks: Hooks

    @classmethod
    def of(cls, plugin: object, name: str = "sink") -> Sink:
        """A sink that somebody made, such as a test."""
        return cls(name, plugin, single(plugin, name))

    @property
    def location(self) -> str:
        """Where it writes."""
        return str(self.plugin.location)

    def open(self, run_id: str) -> None:
        """See the hook."""
        self.hooks.call("sink_open", run_id=run_id)

    def attach(self, run_id: str) -> None:
        """See the hook."""
        self.hooks.call("sink_attach" if self.hooks.implements("sink_attach") else "sink_open", run_id=run_id)

    def look(self) -> None:
        """See the hook; a sink that cannot only look is opened."""
        if self.looks:
            self.hooks.call("sink_look")
        else:
            self.hooks.call("sink_open", run_id="look")

    def close(self) -> None:
        """See the hook."""
        self.hooks.call("sink_close")

    @property
    def looks(self) -> bool:
        """Whether it can be read without being opened."""
        return self.hooks.implements("sink_look")

    @property
    def lists(self) -> bool:
        """Whether it can tell everything that it holds."""
        return self.hooks.implements("sink_list")

    def list(self) -> Iterator[str]:
        """See the hook."""
        return self.hooks.stream("sink_list")

    def stage(self, artifact: Artifact) -> Staged:
        """See the hook."""
        staged = self.hooks.call("sink_stage", artifact=artifact)
        if not isinstance(staged, Staged):
            raise PluginError(
                f"plugin {self.hooks.names()} failed in sink_stage: it gives {type(staged).__name__} instead of Staged"
            )
        return staged

    def commit(self, staged: Staged) -> Stat | None:
        """See the hook."""
        found: Stat | None = self.hooks.call("sink_commit", staged=staged)
        return found

    def discard(self, staged: Staged) -> None:
        """See the hook."""
        self.hooks.call("sink_discard", staged=staged)

    def flush(self) -> None:
        """See the hook."""
        self.hooks.call("sink_flush")

    def stat(self, path: str) -> Stat | None:
        """See the hook."""
        found: Stat | None = self.hooks.call("sink_stat", path=path)
        return found

    def same(self, path: str, other: str) -> bool:
        """See the hook; a sink that has none says it by what lies there. Nothing there is no file."""
        one = self.stat(path)
        if one is None:
            return False
        if self.hooks.implements("sink_same"):
            return bool(self.hooks.call("sink_same", path=path, other=other))
        return one == self.stat(other)

    def respell(self, path: str, other: str) -> None:
        """See the hook; in a sink that cannot do it the old spelling stays."""
        self.hooks.call("sink_respell", path=path, other=other)

    def read(self, path: str) -> Generator[bytes, None, None]:
        """See the hook.

        :raises FileNotFoundError: nothing is there.
        """
        return self.hooks.stream("sink_read", passing=FileNotFoundError, path=path)

    def hash(self, path: str, known: Collection[str] = ()) -> str:
        """The sha256 of what lies at that path, where :meth:`stat` has just shown it.

        :param known: hashes of ours. Of bytes that differ from ours in their line ends alone, as git changes them, it
            is the hash of ours: nobody edited them.
        :raises SinkError: it is not there any more.
        """
        actual, as_lf, as_crlf = (hashlib.sha256() for _ in range(3))
        for chunk in self._chunks(path):
            actual.update(chunk)
        if not known or actual.hexdigest() in known:
            return actual.hexdigest()
        for lines in _with_lf(self._chunks(path)):
            as_lf.update(lines)
            as_crlf.update(lines.replace(b"\n", b"\r\n"))
        return next((each.hexdigest() for each in (as_lf, as_crlf) if each.hexdigest() in known), actual.hexdigest())

    def _chunks(self, path: str) -> Iterator[bytes]:
        try:
            yield from self.read(path)
        except FileNotFoundError:
            raise SinkError(
                f"{self.location} shows {path}, and then does not find it: does somebody else change files there?",
                f"Run the same command again. If it stays so, report it to the authors of the sink {self.name}.",
            ) from None

    def delete(self, path: str) -> None:
        """See the hook."""
        self.hooks.call("sink_delete", path=path)


def _with_lf(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A text with LF where it has CRLF; a pair may be cut by the end of a chunk."""
    rest = b""
    for chunk in chunks:
        whole = rest + chunk
        rest = whole[-1:] if whole.endswith(b"\r") else b""
        yield whole[: len(whole) - len(rest)].replace(b"\r\n", b"\n")
    yield rest
