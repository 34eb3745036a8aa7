"""What every plugin of a kind must do, as functions that a test calls."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from notion_sync_core.errors import SinkError
from notion_sync_core.model import Artifact
from notion_sync_core.plugins import single


def check_sink(make: Callable[[], Any]) -> None:
    """The contract of sinks, on real storage.

    :param make: builds the sink; each time for the same, at first empty, place.
    :raises AssertionError: the sink breaks it; the message says where.
    """
    sink = make()
    hooks = single(sink, "sink under test")
    assert isinstance(sink.location, str), "a sink has a location"
    hooks.call("sink_open", run_id="first")
    try:
        _write_and_replace(hooks)
        _stay_inside(hooks)
        _fail_while_staging(hooks)
    finally:
        hooks.call("sink_close")
    again = single(make(), "sink under test")
    again.call("sink_open", run_id="second")
    try:
        assert _read(again, "folder/page.md") == b"second", "what was committed is there after reopening"
        again.call("sink_delete", path="folder/page.md")
        again.call("sink_delete", path="folder/page.md")  # nothing there is fine
        assert not again.call("sink_stat", path="folder/page.md"), "a deleted file is gone"
    finally:
        again.call("sink_close")


def _write_and_replace(hooks: Any) -> None:
    for content in (b"first", b"second"):
        staged = hooks.call(
            "sink_stage", artifact=Artifact("folder/page.md", [content[:2], content[2:]], "text/markdown")
        )[0]
        assert staged.sha256 == hashlib.sha256(content).hexdigest(), "a staged file knows its hash"
        assert staged.size == len(content), "a staged file knows its size"
        if content == b"first":
            assert not hooks.call("sink_stat", path="folder/page.md"), "staging shows nothing"
        else:
            assert _read(hooks, "folder/page.md") == b"first", "staging replaces nothing"
        stat = hooks.call("sink_commit", staged=staged)[0]
        assert _read(hooks, "folder/page.md") == content, "committing shows the whole file"
        assert hooks.call("sink_stat", path="folder/page.md") == [stat], "stat agrees with commit"
    dropped = hooks.call("sink_stage", artifact=Artifact("dropped.md", [b"x"], "text/markdown"))[0]
    hooks.call("sink_discard", staged=dropped)
    assert not hooks.call("sink_stat", path="dropped.md"), "a discarded file never shows"
    hooks.call("sink_flush")
    try:
        _read(hooks, "never/written.md")
    except FileNotFoundError:
        return
    raise AssertionError("reading what is not there raises FileNotFoundError")


def _stay_inside(hooks: Any) -> None:
    for path in ("../outside.md", "/outside.md", "a/../../outside.md"):
        try:
            hooks.call("sink_stage", artifact=Artifact(path, [b"x"], "text/markdown"))
        except (ValueError, SinkError):
            continue
        raise AssertionError(f"{path} must be refused")


def _fail_while_staging(hooks: Any) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise SinkError("rendering broke off")

    try:
        hooks.call("sink_stage", artifact=Artifact("broken.md", broken(), "text/markdown"))
    except SinkError:
        assert not hooks.call("sink_stat", path="broken.md"), "a half file never shows"
        return
    raise AssertionError("an error while the bytes are produced must come through")


def _read(hooks: Any, path: str) -> bytes:
    return b"".join(hooks.call("sink_read", path=path)[0])
